"""What rules ask of the planner, and what price lists do to it: judged by trying everything."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fulfillment.routing import engine
from fulfillment.routing.facts import Facts, Place, PriceList, Want
from fulfillment.routing.plan import Shortfall
from fulfillment.routing.policy import RANKS, Policy
from tests.bench import plans
from tests.fulfillment.test_routing import because, facts, place

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COST_FIRST = ("cost", "parcels", "promise", "priority", "load")


def test_a_barred_place_is_out_and_says_which_rule_put_it_there():
    policy = Policy(barred={1: "is kept for shops (rule Shops first)"})

    plan = engine.plan(facts({1: 1}, place(1, {1: 5}), place(2, {1: 5}), policy=policy))

    assert plan.locations == [2]
    assert because(plan, 1) == "is kept for shops (rule Shops first)"


def test_a_buffer_is_not_promised():
    policy = Policy(buffers={1: 3, 2: 5})

    plan = engine.plan(facts({1: 2}, place(1, {1: 4}), place(2, {1: 5}), policy=policy))

    assert plan.units() == {(1, 1): 1}
    assert plan.shortfalls == (Shortfall(10, 1, 1),)
    assert because(plan, 2) == "keeps back what it has, by a rule"


def test_what_a_rule_adds_to_a_place_or_takes_off_decides():
    near, far = place(1, {1: 1}, parcel_cost=Decimal(4)), place(2, {1: 1}, parcel_cost=Decimal(6))

    dearer = engine.plan(facts({1: 1}, near, far, policy=Policy(extra={1: Decimal("2.50")})))
    cheaper = engine.plan(facts({1: 1}, near, far, policy=Policy(extra={2: Decimal(-3)})))

    assert dearer.locations == cheaper.locations == [2]
    assert because(dearer, 1) == "could send it too; Town 2 is cheaper: 6.00 EUR against 6.50 EUR"
    assert cheaper.cost == Decimal("3.00")


def test_no_more_parcels_than_allowed_go_and_they_carry_as_much_as_can_be():
    world = facts(
        {1: 3, 2: 3}, place(1, {1: 3}), place(2, {2: 3}), place(3, {1: 2, 2: 2}), policy=Policy(most_parcels=1)
    )

    plan = engine.plan(world)

    assert plan.units() == {(1, 3): 2, (2, 3): 2}
    assert sum(shortfall.quantity for shortfall in plan.shortfalls) == 2


def test_a_split_as_far_as_allowed_says_so():
    stocks = [{1: 1}, {2: 1}, {3: 1}]
    world = facts({1: 1, 2: 1, 3: 1}, *[place(n, stock) for n, stock in enumerate(stocks, 1)])

    plan = engine.plan(Facts(**{**world.__dict__, "policy": Policy(most_parcels=2)}))

    assert plan.parcels == 2
    assert plan.summary == (
        "Town 1 and Town 2 share 2 units, about 0.00 EUR. More than 2 parcels are not allowed. 1 unit waits for stock."
    )


def test_an_order_that_goes_complete_or_not_at_all_waits_whole():
    policy = Policy(complete_only=True)

    waits = engine.plan(facts({1: 2, 2: 2}, place(1, {1: 2, 2: 1}), policy=policy))
    goes = engine.plan(facts({1: 2, 2: 2}, place(1, {1: 2}), place(2, {2: 2}), policy=policy))

    assert waits.allotments == ()
    assert waits.shortfalls == (Shortfall(10, 1, 2), Shortfall(20, 2, 2))
    assert waits.cost == 0
    assert (
        waits.summary == "Nothing is sent until all 4 units can be: 3 units could be sent now. 4 units wait for stock."
    )
    assert because(waits, 1) == "could send 3 of 4 units, and all of it has to go together"
    assert goes.parcels == 2


def test_cost_before_parcels_splits_where_that_is_cheaper_and_names_the_alternative():
    abroad = place(1, {1: 1, 2: 1}, parcel_cost=Decimal(20))
    here, there = place(2, {1: 1}, parcel_cost=Decimal(4)), place(3, {2: 1}, parcel_cost=Decimal(5))

    cheap = engine.plan(facts({1: 1, 2: 1}, abroad, here, there, policy=Policy(ranks=COST_FIRST)))
    few = engine.plan(facts({1: 1, 2: 1}, abroad, here, there))

    assert cheap.summary == (
        "Town 2 and Town 3 share 2 units, about 9.00 EUR. Fewer parcels: 11.00 EUR dearer, 1 parcel fewer."
    )
    assert few.locations == [1]
    assert [(other.places, other.cost, other.because) for other in few.alternatives] == [
        ("Town 2, Town 3", Decimal(9), "1 parcel more, 11.00 EUR cheaper")
    ]


def test_alternatives_are_the_next_best_sets_with_their_cost():
    costs = [Decimal(4), Decimal("4.50"), Decimal(9), Decimal(20)]
    world = facts({1: 1}, *[place(n, {1: 1}, parcel_cost=cost) for n, cost in enumerate(costs, 1)])

    plan = engine.plan(world)

    assert [other.as_dict() for other in plan.alternatives] == [
        {"location_ids": [2], "places": "Town 2", "cost": "4.50", "keeps_promise": None, "because": "0.50 EUR dearer"},
        {"location_ids": [3], "places": "Town 3", "cost": "9.00", "keeps_promise": None, "because": "5.00 EUR dearer"},
    ]


def test_price_lists_count_steps_volume_and_the_cheapest_service():
    small = PriceList(((1000, Decimal("4.20")), (5000, Decimal("6.30"))), 5000, "Standard")
    light = PriceList(((1000, Decimal("3.90")), (5000, Decimal("9.90"))), 0, "Light")
    listed = place(1, {1: 9}, prices=(small, light), parcel_cost=Decimal(99))

    by_weight = engine.plan(facts({1: 1}, listed, grams={1: 800}))
    by_volume = engine.plan(facts({1: 1}, listed, grams={1: 800}, volumes={1: 10_000_000}))
    heavy = engine.plan(facts({1: 4}, listed, grams={1: 2000}))

    assert by_weight.cost == Decimal("3.90")
    assert by_volume.cost == Decimal("3.90")
    assert heavy.cost == Decimal("12.60")


def test_the_explanation_names_the_service_whose_price_it_is():
    small = PriceList(((1000, Decimal("4.20")), (5000, Decimal("6.30"))), 0, "Standard")
    light = PriceList(((1000, Decimal("3.90")), (5000, Decimal("9.90"))), 0, "Light")
    listed, plain = place(1, {1: 9}, prices=(small, light)), place(2, {1: 9}, parcel_cost=Decimal(20))

    def services(units: int) -> list[str]:
        return [one.service for one in engine.plan(facts({1: units}, listed, plain, grams={1: 800})).candidates]

    assert (services(1), services(2)) == (["Light", ""], ["Standard", ""])


def test_a_place_whose_services_are_too_slow_loses_to_a_dearer_one_in_time():
    slow = place(1, {1: 1}, parcel_cost=Decimal(4), slow=True)
    quick = place(2, {1: 1}, parcel_cost=Decimal(9))

    plan = engine.plan(facts({1: 1}, slow, quick, ship_by=NOON))

    assert plan.locations == [2]
    assert plan.summary == (
        "Town 2 sends 1 unit in one parcel, about 9.00 EUR. Earlier than Town 1, whose services would be late."
    )
    assert [one.keeps_promise for one in plan.candidates] == [True, False]


def test_a_bulky_parcel_pays_for_its_volume():
    small = PriceList(((1000, Decimal("4.20")), (5000, Decimal("6.30"))), 5000, "Standard")

    plan = engine.plan(facts({1: 1}, place(1, {1: 1}, prices=(small,)), grams={1: 100}, volumes={1: 20_000_000}))

    assert plan.cost == Decimal("6.30")


skus = st.integers(1, 4)
amounts = st.integers(0, 900).map(lambda cents: Decimal(cents) / 100)
limits = st.lists(st.integers(100, 3000), min_size=1, max_size=3, unique=True).map(sorted)


@st.composite
def price_lists(draw) -> tuple[PriceList, ...]:
    grams = draw(limits)
    prices = sorted(draw(st.lists(amounts, min_size=len(grams), max_size=len(grams))))
    return (PriceList(tuple(zip(grams, prices, strict=True)), draw(st.sampled_from((0, 4000)))),)


@st.composite
def worlds(draw) -> Facts:
    count = draw(st.integers(1, 5))
    places = [
        Place(
            number,
            f"L{number}",
            f"Town {number}",
            draw(st.dictionaries(skus, st.integers(-1, 5), max_size=4)),
            active=draw(st.integers(0, 6)) > 0,
            parcel_cost=draw(amounts),
            kilo_cost=draw(amounts),
            prices=draw(st.one_of(st.just(()), price_lists())),
            leaves_at=NOON + timedelta(hours=draw(st.integers(0, 2))),
            priority=draw(st.integers(0, 2)),
            load=draw(st.integers(0, 2)),
        )
        for number in range(1, count + 1)
    ]
    wants = tuple(Want(n, sku, draw(st.integers(1, 5))) for n, sku in enumerate(draw(st.sets(skus, min_size=1)), 1))
    numbers = st.integers(1, count)
    policy = Policy(
        barred=draw(st.dictionaries(numbers, st.just("is barred"), max_size=1)),
        buffers=draw(st.dictionaries(numbers, st.integers(0, 2), max_size=2)),
        extra=draw(
            st.dictionaries(numbers, st.integers(-900, 900).map(lambda cents: Decimal(cents) / 100), max_size=2)
        ),
        most_parcels=draw(st.sampled_from((None, None, 1, 2))),
        ranks=draw(st.sampled_from(list(itertools.permutations(RANKS)))),
    )
    grams = {sku: draw(st.integers(0, 2000)) for sku in range(1, 5)}
    volumes = {sku: draw(st.integers(0, 5_000_000)) for sku in range(1, 5)}
    return Facts(
        "ship", wants, tuple(places), grams=grams, volumes=volumes, ship_by=NOON + timedelta(hours=1), policy=policy
    )


WEIGHTLESS = facts(
    {1: 1, 4: 1},
    place(1, {1: 1, 4: 1}),
    place(2, {1: 1}, priority=1, kilo_cost=Decimal("0.01")),
    policy=Policy(ranks=("promise", "cost", "priority", "parcels", "load")),
)


@settings(max_examples=400, deadline=None)
@given(worlds())
@example(WEIGHTLESS)
def test_no_other_set_is_better_under_any_policy(world: Facts):
    plan = engine.plan(world)

    units = {(place, sku): count for (sku, place), count in plan.units().items()}
    fullest, best = plans.best_by_force(world)
    assert sum(units.values()) == fullest
    assert not fullest or plans.judge(world, units) == best
