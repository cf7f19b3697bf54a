"""Rows of many tables by one question are the rows that each table would have given."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import models

from carriers.models import CarrierAccount, Rate, RateTable, Surcharge, Zone
from oms.common.actors import SYSTEM
from oms.common.gathering import gather
from orders import notes, payments
from orders.models import Document, Note, Order, OrderEvent, Payment
from tests.factories.fulfillment import confirmed_order, own_van, person
from tests.factories.inventory import SkuFactory

pytestmark = pytest.mark.django_db


def told(rows: list[models.Model]) -> list[dict]:
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} for row in rows]


def test_every_kind_of_column_comes_as_it_would_alone(django_assert_num_queries):
    order = confirmed_order({SkuFactory(): 2}, tags=["vip"], note="Ring twice")
    payments.record(order, "paid", Decimal("0.125"), reference="P", by=SYSTEM)
    notes.add(order, "Zoë's “note”", by=person())
    van = own_van()
    van.credentials = {"key": "s3cret"}
    van.save()
    Surcharge.objects.create(
        account=van, kind="fuel", name="Fuel", amount="1.5", countries=["DE"], from_date=date(2026, 1, 2)
    )
    asked = {
        "orders": Order.objects.order_by("pk"),
        "events": OrderEvent.objects.order_by("-seq"),
        "payments": Payment.objects.order_by("amount"),
        "notes": Note.objects.order_by("pk"),
        "accounts": CarrierAccount.objects.order_by("pk"),
        "zones": Zone.objects.order_by("pk"),
        "tables": RateTable.objects.order_by("pk"),
        "rates": Rate.objects.order_by("pk"),
        "surcharges": Surcharge.objects.order_by("pk"),
    }
    with django_assert_num_queries(1):
        found = gather(**asked)

    assert {name: told(rows) for name, rows in found.items()} == {
        name: told(list(rows)) for name, rows in asked.items()
    }


def test_what_is_not_there_is_an_empty_list_and_what_is_left_out_is_read_later(django_assert_num_queries):
    order = confirmed_order({SkuFactory(): 1})
    Document.objects.create(
        order=order,
        kind="invoice",
        series="I",
        number="I-1",
        key="k",
        pdf=b"%PDF",
        sha256="x",
        issued_at=order.placed_at,
    )
    found = gather(documents=Document.objects.defer("pdf"), notes=Note.objects.all(), nothing=Note.objects.none())

    assert (found["notes"], found["nothing"]) == ([], [])
    assert found["documents"][0].number == "I-1"
    with django_assert_num_queries(1):
        assert bytes(found["documents"][0].pdf) == b"%PDF"
