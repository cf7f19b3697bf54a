"""Many orders over one stock: nothing is promised twice, no unit stays that could go, and together is never dearer."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.routing.batch import plan_batch
from fulfillment.routing.facts import Facts, PriceList
from fulfillment.routing.policy import Policy
from tests.bench import instances, optimum, plans
from tests.fulfillment.test_routing import facts, place

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIVE, TEN = Decimal(5), Decimal(10)


WAITS = Policy(yields=True)


def sent(batch, name: str) -> dict:
    return batch.plans[name].units()


def test_the_order_that_has_no_other_way_gets_the_near_unit():
    near, far = place(1, {1: 1}, parcel_cost=FIVE), place(2, {1: 1}, parcel_cost=Decimal("5.50"))
    easy = facts({1: 1}, near, far)
    hard = facts({1: 1}, near, replace(far, parcel_cost=Decimal(30)))

    batch = plan_batch({"1001": easy, "1002": hard})

    assert (sent(batch, "1001"), sent(batch, "1002")) == ({(1, 2): 1}, {(1, 1): 1})
    assert (batch.cost, batch.cost_in_turn, batch.saved) == (Decimal("10.50"), Decimal(35), Decimal("24.50"))
    assert batch.summary == (
        "2 orders decided together, about 10.50 EUR: 24.50 EUR less than one by one. 2 are served otherwise."
    )
    assert batch.plans["1001"].summary == (
        "Town 2 sends 1 unit in one parcel, about 5.50 EUR. "
        "Alone, Town 1 for 5.00 EUR; 1002 got what is there, cheaper for all together."
    )
    assert [other.because for other in batch.plans["1001"].alternatives] == [
        "would have been its turn, 0.50 EUR cheaper for this order alone"
    ]


def test_scarce_units_go_where_they_save_a_parcel_when_rules_let_the_older_order_wait():
    stock = place(1, {1: 1, 2: 5}, parcel_cost=FIVE)

    batch = plan_batch({"alone": facts({1: 1}, stock, policy=WAITS), "beside": facts({1: 1, 2: 1}, stock)})

    assert sent(batch, "beside") == {(1, 1): 1, (2, 1): 1}
    assert batch.plans["alone"].summary == (
        "Nothing is sent now. Alone, Town 1 for 5.00 EUR; beside got what is there, cheaper for all together. "
        "1 unit waits for stock."
    )
    assert (batch.units, batch.cost) == (2, FIVE)


def test_with_enough_for_all_each_is_served_as_if_it_were_alone():
    stock = place(1, {1: 9}, parcel_cost=FIVE)

    batch = plan_batch({"1001": facts({1: 2}, stock), "1002": facts({1: 3}, stock)})

    assert batch.summary == "2 orders decided together, each as in its turn, about 10.00 EUR."
    assert batch.plans["1001"].summary == "Town 1 sends 2 units in one parcel, about 5.00 EUR."
    assert batch.plans["1001"].alternatives == ()


def test_scarce_units_go_to_the_older_order_whatever_the_younger_one_would_save():
    stock = place(1, {1: 1, 2: 5}, parcel_cost=FIVE)

    batch = plan_batch({"old": facts({1: 1}, stock), "young": facts({1: 1, 2: 1}, stock, policy=WAITS)})

    assert (sent(batch, "old"), sent(batch, "young")) == ({(1, 1): 1}, {(2, 1): 1})
    assert batch.plans["young"].summary == (
        "Town 1 sends 1 unit in one parcel, about 5.00 EUR. Alone, Town 1 for 5.00 EUR; old came first. "
        "1 unit waits for stock."
    )


def test_an_older_order_takes_another_place_so_that_a_younger_one_is_served_too():
    near, far = place(1, {1: 1}, parcel_cost=FIVE), place(2, {1: 1}, parcel_cost=TEN)
    only_near = facts({1: 1}, near, far, allowed=frozenset((1,)))

    batch = plan_batch({"old": facts({1: 1}, near, far), "young": only_near})

    assert (sent(batch, "old"), sent(batch, "young")) == ({(1, 2): 1}, {(1, 1): 1})
    assert (batch.units, batch.units_in_turn) == (2, 1)


def test_an_order_that_sends_complete_only_keeps_nothing_from_the_others_while_something_is_missing():
    stock = place(1, {1: 1}, parcel_cost=FIVE)
    whole = facts({1: 1, 2: 1}, stock, policy=Policy(complete_only=True))

    batch = plan_batch({"whole": whole, "young": facts({1: 1}, stock)})

    assert (batch.plans["whole"].allotments, sent(batch, "young")) == ((), {(1, 1): 1})


def test_rules_hold_in_a_batch():
    here, there = place(1, {1: 4, 2: 1}, parcel_cost=FIVE), place(2, {1: 4, 2: 4}, parcel_cost=TEN)
    ask = {1: 1, 2: 1}

    batch = plan_batch(
        {
            "barred": facts(ask, here, there, policy=Policy(barred={1: "is kept for shops"})),
            "buffer": facts({1: 3}, here, there, policy=Policy(buffers={1: 2, 2: 0})),
            "complete": facts({1: 99}, here, there, policy=Policy(complete_only=True)),
            "one parcel": facts({1: 5}, here, there, policy=Policy(most_parcels=1)),
            "digital": facts({1: 1}, method="digital"),
        }
    )

    assert set(batch.plans["barred"].locations) == {2}
    assert sent(batch, "buffer").get((1, 1), 0) <= 2
    assert batch.plans["complete"].allotments == ()
    assert batch.plans["one parcel"].parcels <= 1
    assert batch.plans["digital"].locations == [None]
    assert list(batch.plans) == ["barred", "buffer", "complete", "one parcel", "digital"]


def test_a_place_takes_no_more_than_it_has_room_for():
    narrow, wide = place(1, {1: 9}, parcel_cost=FIVE, capacity=3), place(2, {1: 9}, parcel_cost=TEN)

    batch = plan_batch({name: facts({1: 2}, narrow, wide) for name in ("a", "b", "c")})

    assert sum(sent(batch, name).get((1, 1), 0) for name in "abc") == 2
    assert batch.units == 6


def test_the_promise_is_kept_before_money_is_saved():
    late = place(1, {1: 2}, parcel_cost=FIVE, leaves_at=NOON + timedelta(days=1))
    soon = place(2, {1: 1}, parcel_cost=TEN, leaves_at=NOON)

    batch = plan_batch({"promised": facts({1: 1}, late, soon, ship_by=NOON), "relaxed": facts({1: 1}, late, soon)})

    assert (sent(batch, "promised"), sent(batch, "relaxed")) == ({(1, 2): 1}, {(1, 1): 1})
    assert batch.cost == Decimal(15)


def test_price_lists_count_in_a_batch():
    steps = PriceList(((1000, FIVE), (5000, TEN)), 0, "Standard")
    listed = place(1, {1: 9}, prices=(steps,))

    batch = plan_batch({"light": facts({1: 1}, listed, grams={1: 800}), "heavy": facts({1: 2}, listed, grams={1: 800})})

    assert batch.cost == Decimal(15)


def test_many_places_with_a_unit_each_are_all_emptied():
    crumbs = [place(number, {1: 1}, parcel_cost=FIVE) for number in range(1, 15)]

    batch = plan_batch({"a": facts({1: 12}, *crumbs), "b": facts({1: 9}, *crumbs)})

    assert (batch.units, batch.cost) == (14, Decimal(70))


def test_no_orders_make_no_plans():
    batch = plan_batch({})

    assert (batch.plans, batch.units, batch.cost) == ({}, 0, 0)


def test_the_same_batch_ends_the_same():
    orders = named(instances.batch(5, replace(instances.SHORT, orders=12, skus=6)))

    assert plan_batch(orders) == plan_batch(orders)


def test_a_small_batch_is_near_its_proven_optimum_and_loses_no_unit():
    for seed in range(3):
        orders = instances.batch(seed, instances.Network(orders=18, places=6, skus=9, cover=0.95))
        best = optimum.solve(orders, seconds=20)

        batch = plan_batch(named(orders))

        units, cost = plans.check_batch(named(orders), batch.plans)
        assert units == best.units == batch.units
        assert round(cost, 2) == batch.cost
        assert float(cost) <= best.cost * 1.03


def named(orders: list[Facts]) -> dict[str, Facts]:
    return {str(1000 + number): order for number, order in enumerate(orders)}


amounts = st.integers(100, 900).map(lambda cents: Decimal(cents) / 100)


@st.composite
def batches(draw) -> dict[str, Facts]:
    stocks = draw(st.lists(st.dictionaries(st.integers(1, 3), st.integers(0, 3), max_size=3), min_size=1, max_size=3))
    orders = {}
    for number in range(draw(st.integers(1, 4))):
        wants = draw(st.dictionaries(st.integers(1, 3), st.integers(1, 2), min_size=1, max_size=3))
        places = [place(n, stock, parcel_cost=draw(amounts)) for n, stock in enumerate(stocks, 1)]
        orders[str(number)] = facts(wants, *places)
    return orders


@settings(max_examples=200, deadline=None)
@given(batches(), st.data())
def test_no_order_gets_a_unit_that_an_older_one_could_use(orders: dict[str, Facts], data: st.DataObject):
    """Each has all that the older ones leave at the places it may use, whatever the younger ones hold."""
    for name, order in orders.items():
        places = [place.location_id for place in order.places]
        allowed = data.draw(st.sets(st.sampled_from(places), min_size=1))
        orders[name] = replace(order, allowed=frozenset(allowed))

    batch = plan_batch(orders)

    assert jealous(orders, batch) == []
    assert batch.units >= batch.units_in_turn


def test_a_big_batch_is_fair_and_still_sends_more_than_one_by_one():
    for seed in (2, 4):
        dice = random.Random(seed)
        network = instances.Network(orders=60, places=5, skus=6, cover=0.8, spread=(2, 4))
        orders = {
            str(number): replace(order, policy=Policy(), allowed=frozenset(dice.sample(range(1, 6), 2)))
            for number, order in enumerate(instances.batch(seed, network))
        }

        batch = plan_batch(orders)

        assert jealous(orders, batch) == []
        assert batch.units > batch.units_in_turn


def jealous(orders: dict[str, Facts], batch) -> list[tuple[str, int]]:
    """Orders, with a SKU, that could have more of what the older ones left at the places they may use."""
    left = {(sku, p.location_id): n for order in orders.values() for p in order.places for sku, n in p.stock.items()}
    found = []
    for name, order in orders.items():
        got = sent(batch, name)
        for sku, need in order.demand.items():
            there = sum(left.get((sku, location), 0) for location in order.allowed)
            if sum(units for (one, _), units in got.items() if one == sku) != min(need, there):
                found.append((name, sku))
        for key, units in got.items():
            left[key] -= units
    assert min(left.values(), default=0) >= 0
    return found


@settings(max_examples=150, deadline=None)
@given(batches())
def test_every_batch_adds_up_sends_all_that_can_go_and_is_no_dearer_than_one_by_one(orders: dict[str, Facts]):
    batch = plan_batch({name: replace(order, policy=WAITS) for name, order in orders.items()})

    units, cost = plans.check_batch(orders, batch.plans)
    assert (units, round(cost, 2)) == (batch.units, batch.cost)
    assert units == optimum.sendable(list(orders.values()))
    assert batch.cost <= batch.cost_in_turn
