"""New orders that compete for short stock are decided together; all others stay as quick as one by one."""

from dataclasses import replace
from decimal import Decimal

from fulfillment.routing import contested
from fulfillment.routing.engine import plan
from tests.fulfillment.test_routing import facts, place

NEAR, FAR = place(1, {1: 1, 2: 9}, parcel_cost=Decimal(5)), place(2, {1: 1, 2: 9}, parcel_cost=Decimal(9))


def test_where_there_is_enough_for_all_nobody_competes():
    orders = {"a": facts({1: 1}, NEAR, FAR), "b": facts({1: 1, 2: 3}, NEAR, FAR)}

    assert contested.competing(orders) == {}
    assert contested.plans(orders) == {}


def test_who_asks_for_what_is_short_competes_and_whoever_shares_an_item_with_them():
    orders = {
        "a": facts({2: 1}, NEAR, FAR),
        "b": facts({1: 2, 2: 1}, NEAR, FAR),
        "c": facts({1: 1}, NEAR, FAR),
        "d": facts({3: 1}, place(1, {3: 5})),
    }

    assert list(contested.competing(orders)) == ["a", "b", "c"]


def test_they_are_decided_together_so_that_more_of_them_is_sent_than_one_by_one():
    """The oldest alone would take the only place that the second may use."""
    only_near = replace(facts({1: 1}, NEAR, FAR), allowed=frozenset((1,)))
    orders = {"old": facts({1: 1}, NEAR, FAR), "young": only_near, "late": facts({1: 1}, NEAR, FAR)}

    found = contested.plans(orders)

    assert plan(orders["old"]).units() == {(1, 1): 1}
    assert {name: one.units() for name, one in found.items()} == {"old": {(1, 2): 1}, "young": {(1, 1): 1}, "late": {}}


def test_one_order_that_asks_for_more_than_there_is_competes_with_nobody():
    assert contested.plans({"a": facts({1: 5}, NEAR, FAR), "b": facts({2: 1}, NEAR, FAR)}) == {}
    assert contested.plans({"a": facts({1: 5}, NEAR)}) == {}


def test_too_many_are_planned_one_by_one(monkeypatch):
    monkeypatch.setattr(contested, "MOST", 2)

    assert contested.plans({name: facts({1: 1}, NEAR) for name in "abc"}) == {}
