"""T01: many buyers, few units, real connections."""

from collections import Counter
from functools import partial

import pytest

from inventory import stock
from inventory.models import StockLevel
from oms.common.actors import SYSTEM
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.inventory.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 16


def all_buy(count, work):
    """`work(n)` of so many buyers in the same moment; the answers."""
    return at_once(*[partial(work, n) for n in range(count)])


def test_the_last_units_are_sold_once_each():
    berlin, mug = LocationFactory(), SkuFactory()
    put(mug, berlin, 10)

    def buy(n):
        try:
            stock.allocate({(mug.pk, berlin.pk): 1}, reference=f"FO-{n}", by=SYSTEM)
        except stock.Short:
            return "short"
        return "sold"

    assert Counter(all_buy(BUYERS, buy)) == {"sold": 10, "short": 6}
    level = StockLevel.objects.get()
    assert (level.on_hand, level.allocated, level.available) == (10, 10, 0)
    assert breaches() == {}


def test_orders_of_many_items_in_any_order_never_deadlock():
    berlin, skus = LocationFactory(), SkuFactory.create_batch(6)
    for sku in skus:
        put(sku, berlin, 100)

    def buy(n):
        for _ in range(5):
            mine = skus[n % 6 :] + skus[: n % 6]
            stock.allocate({(sku.pk, berlin.pk): 1 for sku in mine}, reference=f"FO-{n}", by=SYSTEM)
        return "sold"

    assert Counter(all_buy(BUYERS, buy)) == {"sold": BUYERS}
    assert set(StockLevel.objects.values_list("allocated", flat=True)) == {5 * BUYERS}
    assert breaches() == {}


def test_first_receipts_of_a_sku_at_the_same_moment_make_one_level():
    berlin, mug = LocationFactory(), SkuFactory()

    answers = all_buy(8, lambda n: stock.receive({(mug.pk, berlin.pk): 1}, reference=f"PO-{n}", by=SYSTEM))

    assert answers == [None] * 8
    assert StockLevel.objects.get().on_hand == 8
    assert breaches() == {}
