"""The engine alone: no table, no clock."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from fulfillment.routing import covers, engine
from fulfillment.routing.facts import Facts, Place, Want
from fulfillment.routing.plan import Allotment, Shortfall

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def place(number: int, stock: dict[int, int], **changes) -> Place:
    return Place(**{"location_id": number, "code": f"L{number}", "name": f"Town {number}", "stock": stock, **changes})


def facts(wants: dict[int, int], *places: Place, **changes) -> Facts:
    lines = tuple(Want(line_id=sku * 10, sku_id=sku, quantity=units) for sku, units in wants.items())
    return Facts(**{"method": "ship", "wants": lines, "places": places, **changes})


def because(plan, number: int) -> str:
    return next(candidate.because for candidate in plan.candidates if candidate.location_id == number)


def test_one_place_that_has_everything_beats_two_cheaper_ones():
    plan = engine.plan(
        facts(
            {1: 2, 2: 1},
            place(1, {1: 2}, parcel_cost=Decimal(1)),
            place(2, {2: 1}, parcel_cost=Decimal(1)),
            place(3, {1: 2, 2: 1}, parcel_cost=Decimal(9)),
        )
    )

    assert plan.allotments == (Allotment(3, 10, 1, 2), Allotment(3, 20, 2, 1))
    assert plan.shortfalls == ()
    assert because(plan, 1) == "could send 2 of 3 units alone"
    assert because(plan, 3) == "sends 3 of 3 units. No other location has as much of it."


def test_among_equal_parcels_the_cheapest_wins_and_says_by_how_much():
    near = place(1, {1: 5}, parcel_cost=Decimal("4.90"), kilo_cost=Decimal("0.50"))
    far = place(2, {1: 5}, parcel_cost=Decimal("8.90"), kilo_cost=Decimal("0.50"))

    plan = engine.plan(facts({1: 2}, far, near, grams={1: 500}))

    assert plan.cost == Decimal("5.40")
    assert (
        plan.summary
        == "Town 1 sends 2 units in one parcel, about 5.40 EUR. Cheaper than Town 2: 5.40 EUR against 9.40 EUR."
    )
    assert because(plan, 2) == "could send it too; Town 1 is cheaper: 5.40 EUR against 9.40 EUR"


def test_a_place_that_keeps_the_promise_beats_a_cheaper_one_that_does_not():
    tomorrow = place(1, {1: 1}, parcel_cost=Decimal(4), leaves_at=NOON + timedelta(days=1))
    today = place(2, {1: 1}, parcel_cost=Decimal(6), leaves_at=NOON)

    plan = engine.plan(facts({1: 1}, tomorrow, today, ship_by=NOON + timedelta(hours=3)))

    assert plan.locations == [2]
    assert because(plan, 1) == "could send it too; Town 2 is earlier, which would leave after the promised time"
    assert [candidate.keeps_promise for candidate in plan.candidates] == [True, False]


def test_priority_then_load_break_a_tie_in_cost():
    preferred = engine.plan(facts({1: 1}, place(1, {1: 1}), place(2, {1: 1}, priority=5)))
    quieter = engine.plan(facts({1: 1}, place(1, {1: 1}, load=30), place(2, {1: 1}, load=12)))

    assert preferred.locations == [2]
    assert because(preferred, 1) == "could send it too; Town 2 is preferred at the same cost (priority 5 against 0)"
    assert preferred.summary.endswith("Preferred to Town 1 at the same cost (priority 5 against 0).")
    assert quieter.locations == [2]
    assert because(quieter, 1) == "could send it too; Town 2 is quieter at the same cost (12 lines waiting against 30)"


def test_demand_that_no_place_holds_alone_is_split_and_never_half_promised():
    """FEATURES case 8: A has 1, B has 3, the order wants 4."""
    plan = engine.plan(facts({1: 4}, place(1, {1: 1}), place(2, {1: 3})))

    assert plan.units() == {(1, 1): 1, (1, 2): 3}
    assert plan.shortfalls == ()


def test_earlier_allocations_are_not_forgotten():
    """FEATURES case 9: L1 holds 10 but promises none, L2 has 15, the order wants 13."""
    plan = engine.plan(facts({1: 13}, place(1, {1: 0}), place(2, {1: 15})))

    assert plan.units() == {(1, 2): 13}
    assert because(plan, 1) == "has none of it to promise"


def test_negative_stock_of_one_place_does_not_hide_another():
    """FEATURES case 10: A is at −4, B at +3."""
    plan = engine.plan(facts({1: 3}, place(1, {1: -4}), place(2, {1: 3})))

    assert plan.units() == {(1, 2): 3}


def test_two_lines_of_one_sku_sum_their_demand():
    """FEATURES case 2: one unit, two lines that differ in gift wrap."""
    wants = (Want(10, 1, 1), Want(11, 1, 1))

    plan = engine.plan(Facts("ship", wants, (place(1, {1: 1}),)))

    assert plan.allotments == (Allotment(1, 10, 1, 1),)
    assert plan.shortfalls == (Shortfall(11, 1, 1),)
    assert plan.summary.endswith("1 unit waits for stock.")


def test_a_line_is_kept_whole_where_one_place_of_the_split_holds_it():
    plan = engine.plan(facts({1: 3, 2: 5}, place(1, {1: 3, 2: 2}), place(2, {1: 1, 2: 5})))

    assert plan.units() == {(1, 1): 3, (2, 2): 5}


def test_every_place_that_is_out_says_why():
    plan = engine.plan(
        facts(
            {1: 2},
            place(1, {1: 9}, active=False),
            place(2, {1: 9}, ships=False),
            place(3, {1: 9}, has_bins=False),
            place(4, {1: 9}),
            place(5, {1: 9}),
            place(6, {1: 9}),
            place(7, {1: 9}, capacity=1),
            place(8, {1: 9}, capacity=0),
            place(9, {}),
            allowed=frozenset({1, 2, 3, 5, 6, 7, 8, 9}),
            channel_name="Webshop",
            excluded={5: "refused this order: no packer today"},
            short=frozenset({(6, 1)}),
        )
    )

    assert [because(plan, number) for number in range(1, 10)] == [
        "is not active",
        "does not ship orders",
        "has no bin to pick from",
        "does not serve Webshop",
        "refused this order: no packer today",
        "was found short and has not been counted since",
        "can take only 1 more today",
        "has no capacity left today",
        "has none of it to promise",
    ]
    assert plan.summary == "No location can serve it now. 2 units wait for stock."


def test_pickup_is_served_by_its_store_alone():
    store = place(2, {1: 1}, collects=True, ships=False)
    plan = engine.plan(
        facts({1: 2}, place(1, {1: 9}), store, method="pickup", pickup_location_id=2, pickup_name="Town 2")
    )

    assert plan.units() == {(1, 2): 1}
    assert plan.shortfalls == (Shortfall(10, 1, 1),)
    assert because(plan, 1) == "is not where the customer collects (Town 2)"


def test_digital_work_has_no_place_and_takes_nothing():
    plan = engine.plan(facts({1: 3}, method="digital"))

    assert plan.allotments == (Allotment(None, 10, 1, 3),)
    assert plan.units() == {}


def test_more_than_ten_places_are_cut_down_without_losing_a_unit():
    crumbs = [place(number, {1: 1, 2: 9}) for number in range(1, 14)]
    hoard = place(99, {1: 5}, parcel_cost=Decimal(50))

    plan = engine.plan(facts({1: 6, 2: 1}, *crumbs, hoard))

    assert plan.parcels == 2
    assert plan.shortfalls == ()
    assert any("was not compared" in candidate.because for candidate in plan.candidates)


def test_twelve_places_of_one_unit_each_send_twelve_units():
    plan = engine.plan(facts({1: 12}, *[place(number, {1: 1}) for number in range(1, 13)]))

    assert plan.parcels == 12
    assert plan.shortfalls == ()


skus = st.integers(1, 4)
stocks = st.dictionaries(skus, st.integers(-3, 6), max_size=4)


@st.composite
def worlds(draw) -> Facts:
    places = [
        place(
            number,
            stock,
            parcel_cost=Decimal(draw(st.integers(0, 5))),
            active=draw(st.integers(0, 5)) > 0,
            leaves_at=NOON + timedelta(hours=draw(st.integers(0, 3))),
        )
        for number, stock in enumerate(draw(st.lists(stocks, max_size=6)), start=1)
    ]
    lines = draw(st.lists(st.tuples(skus, st.integers(1, 7)), min_size=1, max_size=5))
    wants = tuple(Want(line_id, sku, units) for line_id, (sku, units) in enumerate(lines, start=1))
    return Facts("ship", wants, tuple(places), ship_by=NOON + timedelta(hours=1))


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_a_plan_never_takes_more_than_stock_or_demand_and_forgets_no_unit(world: Facts):
    plan = engine.plan(world)

    stock = {(sku, p.location_id): units for p in world.places if p.active for sku, units in p.stock.items()}
    assert all(units <= stock.get(key, 0) for key, units in plan.units().items())
    for want in world.wants:
        taken = sum(a.quantity for a in plan.allotments if a.line_id == want.line_id)
        waiting = sum(s.quantity for s in plan.shortfalls if s.line_id == want.line_id)
        assert taken + waiting == want.quantity
    assert all(a.quantity > 0 for a in plan.allotments)


@settings(max_examples=300, deadline=None)
@given(worlds())
def test_a_plan_fills_all_that_can_be_filled_with_the_fewest_and_best_places(world: Facts):
    plan = engine.plan(world)

    useful = [p for p in world.places if p.active]
    demand = world.demand
    target = {sku: min(units, sum(max(p.stock.get(sku, 0), 0) for p in useful)) for sku, units in demand.items()}
    assert sum(a.quantity for a in plan.allotments) == sum(target.values())
    best = min(
        (len(subset), sum(p.leaves_at > world.ship_by for p in subset), sum(p.parcel_cost for p in subset))
        for size in range(len(useful) + 1)
        for subset in itertools.combinations(useful, size)
        if all(sum(max(p.stock.get(sku, 0), 0) for p in subset) >= units for sku, units in target.items())
    )
    chosen = [p for p in useful if p.location_id in plan.locations]
    assert (len(chosen), sum(p.leaves_at > world.ship_by for p in chosen), plan.cost) == best


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=7),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_smallest_covers_are_all_of_them_and_no_other(stocks, first, second):
    need = (min(first, sum(s[0] for s in stocks)), min(second, sum(s[1] for s in stocks)))

    found = covers.smallest(stocks, need)

    every = [
        subset
        for size in range(len(stocks) + 1)
        for subset in itertools.combinations(range(len(stocks)), size)
        if all(sum(stocks[i][sku] for i in subset) >= need[sku] for sku in (0, 1))
    ]
    assert sorted(found) == sorted(subset for subset in every if len(subset) == len(every[0]))


def test_four_lines_over_ten_places_are_planned_in_under_a_millisecond():
    places = [place(n, {s: (n * s + n) % 3 for s in range(1, 5)}, parcel_cost=Decimal(n)) for n in range(1, 11)]
    world = facts({1: 4, 2: 5, 3: 3, 4: 6}, *places)
    took = []

    for _ in range(50):
        started = time.perf_counter()
        engine.plan(world)
        took.append(time.perf_counter() - started)

    assert min(took) < 0.001
