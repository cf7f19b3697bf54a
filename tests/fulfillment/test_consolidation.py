"""Parts of an order meet at one place first, when that is cheaper and keeps the promise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fulfillment.routing import engine
from fulfillment.routing.consolidation import Leg, Move, consider
from fulfillment.routing.facts import PriceList
from fulfillment.routing.policy import Policy
from tests.fulfillment.test_routing import facts, place

MONDAY = datetime(2026, 11, 23, 16, tzinfo=UTC)
ABROAD = Decimal(25)


def split(*, days: int = 1, ship_by: datetime | None = None, **changes):
    """Two SKUs in two towns, 25.00 a parcel from each; a van between them for 3.00 and 0.50 a kilo."""
    here = place(1, {1: 1}, parcel_cost=ABROAD, leaves_at=MONDAY)
    there = place(2, {2: 2}, parcel_cost=ABROAD + 3, leaves_at=MONDAY)
    world = facts({1: 1, 2: 2}, here, there, grams={1: 1000, 2: 2000}, ship_by=ship_by, **changes)
    legs = [Leg(a, b, Decimal(3), days, Decimal("0.50")) for a, b in ((1, 2), (2, 1))]
    return world, engine.plan(world), legs


def test_parts_go_to_the_cheapest_shipping_point_first():
    world, plan, legs = split()

    found = consider(world, plan, legs)

    assert (found.location_id, found.moves) == (1, (Move(2, 1, 2, 2),))
    assert (found.moving_cost, found.parcel_cost, found.cost) == (Decimal(5), Decimal(25), Decimal(30))
    assert (found.split_cost, found.saved) == (Decimal(53), Decimal(23))
    assert found.summary == (
        "2 units go from Town 2 to Town 1 first and leave in one parcel: 30.00 EUR against 53.00 EUR for 2 parcels."
    )


def test_the_promise_must_be_kept():
    in_time = consider(*split(days=1, ship_by=MONDAY + timedelta(days=1)))
    too_slow = consider(*split(days=2, ship_by=MONDAY + timedelta(days=1)))

    assert in_time.leaves_at == MONDAY + timedelta(days=1)
    assert in_time.summary.endswith("for 2 parcels; it leaves on Tue 24 Nov, in time.")
    assert too_slow is None


def test_a_part_that_arrives_before_the_weekend_is_sent_after_it():
    world, plan, legs = split(days=5)

    assert consider(world, plan, legs).leaves_at == MONDAY + timedelta(days=7)


def test_a_split_that_is_as_cheap_stays():
    world, plan, _ = split()

    assert consider(world, plan, [Leg(2, 1, Decimal(28), 1), Leg(1, 2, Decimal(28), 1)]) is None


def test_without_a_way_between_them_parts_go_separately():
    world, plan, _ = split()

    assert consider(world, plan, []) is None


def test_a_third_place_may_be_the_shipping_point():
    world, plan, _ = split()
    hub = place(3, {}, parcel_cost=Decimal(6), leaves_at=MONDAY)
    world = facts({1: 1, 2: 2}, *world.places, hub, grams=dict(world.grams))

    found = consider(world, plan, [Leg(1, 3, Decimal(2), 1), Leg(2, 3, Decimal(2), 1)])

    assert (found.location_id, found.cost) == (3, Decimal(10))
    assert found.moves == (Move(1, 3, 1, 1), Move(2, 3, 2, 2))
    assert found.summary.startswith("3 units go from Town 1 and Town 2 to Town 3 first")


def test_a_place_that_rules_leave_out_or_without_room_is_no_shipping_point():
    world, plan, _ = split()
    legs = [Leg(1, 3, Decimal(2), 1), Leg(2, 3, Decimal(2), 1)]
    hub = place(3, {}, parcel_cost=Decimal(6))

    assert consider(facts({1: 1, 2: 2}, *world.places, hub), plan, legs).location_id == 3
    assert consider(facts({1: 1, 2: 2}, *world.places, hub, policy=Policy(barred={3: "is out"})), plan, legs) is None
    assert consider(facts({1: 1, 2: 2}, *world.places, replace(hub, capacity=2)), plan, legs) is None


def test_the_one_parcel_is_priced_by_its_whole_weight():
    steps = PriceList(((2000, Decimal(10)), (9000, Decimal(18))))
    here, there = place(1, {1: 1}, prices=(steps,)), place(2, {2: 1}, prices=(steps,))
    world = facts({1: 1, 2: 1}, here, there, grams={1: 1500, 2: 1500})
    plan = engine.plan(world)

    found = consider(world, plan, [Leg(1, 2, Decimal(1), 1), Leg(2, 1, Decimal(1), 1)])

    assert plan.cost == Decimal(20)
    assert (found.parcel_cost, found.cost, found.location_id) == (Decimal(18), Decimal(19), 1)


def test_one_parcel_and_a_pickup_have_nothing_to_consolidate():
    world, _, legs = split()
    one = facts({1: 1}, place(1, {1: 1}))
    collected = facts({1: 1, 2: 2}, *world.places, method="pickup", pickup_location_id=1)

    assert consider(one, engine.plan(one), legs) is None
    assert consider(collected, engine.plan(collected), legs) is None
