"""Accounts, services, tariffs, and requests as the floor makes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from carriers.models import CarrierAccount, Rate, RateTable, Service, Zone
from carriers.providers.base import LabelRequest, ParcelSpec, RateRequest
from oms.common.addresses import PostalAddress
from oms.common.money import Money

BERLIN = PostalAddress(name="Depot", line1="Invalidenstraße 1", postal_code="10115", city="Berlin", country="DE")
HAMBURG = PostalAddress(
    name="Jane Doe", line1="Jungfernstieg 7", postal_code="20354", city="Hamburg", country="DE", phone="+49401234567"
)
MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SMALL = ParcelSpec(900, 200, 150, 100)


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = CarrierAccount

    name = factory.Sequence(lambda n: f"Carrier {n}")
    provider = "manual"
    currency = "EUR"


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    account = factory.SubFactory(AccountFactory)
    code = "standard"
    name = "Standard"


def tariff(
    account: CarrierAccount,
    prices: dict[str, dict[int, str]],
    *,
    zones: dict[str, tuple[list[str], list[str]]] | None = None,
    code: str = "standard",
    valid_from: date = date(2026, 1, 1),
    **service: Any,
) -> RateTable:
    """`prices` maps a zone's name to {up to so many grams: price}; `zones` to its (countries, prefixes)."""
    made, _ = Service.objects.get_or_create(account=account, code=code, defaults={"name": code.title(), **service})
    table = RateTable.objects.create(service=made, valid_from=valid_from)
    for name, cells in prices.items():
        countries, prefixes = (zones or {}).get(name, (["DE"], []))
        zone, _ = Zone.objects.get_or_create(
            account=account, name=name, defaults={"countries": countries, "postal_prefixes": prefixes}
        )
        for grams, price in cells.items():
            Rate.objects.create(table=table, zone=zone, max_weight_g=grams, price=Decimal(price))
    return table


def rate_request(*parcels: ParcelSpec, to: PostalAddress = HAMBURG, **told: Any) -> RateRequest:
    facts = {"currency": "EUR", "value": Decimal("80"), "ship_at": MONDAY_NOON, **told}
    return RateRequest(origin=BERLIN, destination=to, parcels=parcels or (SMALL,), **facts)


def label_request(reference: str = "SH-1001/1", **told: Any) -> LabelRequest:
    facts: dict[str, Any] = {"service_code": "standard", "origin": BERLIN, "destination": HAMBURG, "parcel": SMALL}
    facts |= {"value": Money(Decimal("80"), "EUR"), "ship_at": MONDAY_NOON, **told}
    return LabelRequest(reference=reference, **facts)
