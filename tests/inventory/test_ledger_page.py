"""The list of all movements: the newest first, found by what they were for, a SKU, or part of a reason."""

import pytest
from django.urls import reverse

from inventory import stock
from inventory.models import StockMovement
from oms.common.actors import SYSTEM
from tests.factories.fulfillment import person
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Received for PO-7, lost, and another SKU."""
    mug, lamp, berlin = SkuFactory(code="MUG"), SkuFactory(code="LAMP"), LocationFactory()
    shelf = put(mug, berlin, 9, reference="PO-7")
    stock.adjust(mug.pk, shelf.pk, -2, reason="lost", by=SYSTEM)
    put(lamp, berlin, 1, reference="PO-8")
    return list(StockMovement.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("", [2, 1, 0]),
        ("po-7", [0]),
        ("PO-8", [2]),
        ("mug", [1, 0]),
        ("los", [1]),
        ("nothing", []),
        ("kind:adjusted", [1]),
        ("sku:mug kind:received", [0]),
    ],
)
def test_movements_are_found(client, rows, q, found):
    client.force_login(person("lead"))

    listing = client.get(reverse("inventory:movements"), {"q": q}).context["listing"]

    assert [row.object for row in listing.rows] == [rows[n] for n in found]
