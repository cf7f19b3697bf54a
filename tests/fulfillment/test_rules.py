"""Sourcing rules: when one fits, and what the fitting ones ask of the planner together. No tables here."""

from decimal import Decimal

import pytest

from fulfillment.routing.policy import COST, NO_RULES, PROMISE, Policy
from fulfillment.rules import applying, terms, wording
from fulfillment.rules.applying import policy_for
from fulfillment.rules.terms import Condition, Effect, OrderFacts, PlaceFacts, Rule, Where
from fulfillment.rules.wording import Names

BERLIN = PlaceFacts(1, "warehouse", "DE", 1)
SHOP = PlaceFacts(2, "store", "DE", 0)
ZURICH = PlaceFacts(3, "store", "CH", 2)
PLACES = (BERLIN, SHOP, ZURICH)
STORES = Where(kinds=("store",))
SWISS = Condition("country", ("CH",))


def rule(*effects: Effect, when: tuple[Condition, ...] = (), key: int = 1, name: str = "Mine", **facts) -> Rule:
    return Rule(key, name, when, effects, **facts)


def order(**facts) -> OrderFacts:
    return OrderFacts(**{"channel": "web", "country": "DE", "value": Decimal(100), **facts})


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (Condition("channel", ("web", "shop")), {"channel": "shop"}),
        (Condition("method", ("pickup",)), {"method": "pickup"}),
        (Condition("country", ("DE",), negated=True), {"country": "CH"}),
        (Condition("sku_tag", ("glass",)), {"sku_tags": frozenset(("glass", "red"))}),
        (Condition("service", ("standard",)), {"service": ""}),
        (Condition("service", ("express",)), {"service": "express"}),
        (Condition("tag", ("vip",)), {"tags": frozenset(("vip",))}),
        (Condition("tag", ("vip",), negated=True), {"tags": frozenset()}),
        (Condition("weekday", ("5", "6")), {"weekday": 6}),
        (Condition("value", low=Decimal(100), currency="EUR"), {"value": Decimal(100)}),
        (Condition("value", high=Decimal(100), currency="EUR"), {"value": Decimal("99.99")}),
        (Condition("weight", low=Decimal(1000), high=Decimal(2000)), {"grams": 1999}),
    ],
)
def test_a_condition_holds(condition, facts):
    assert applying.holds(order(**facts), condition)


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (Condition("channel", ("web", "shop")), {"channel": "phone"}),
        (Condition("country", ("CH",), negated=True), {"country": "CH"}),
        (Condition("sku_tag", ("glass",)), {}),
        (Condition("service", ("express",)), {"service": ""}),
        (Condition("value", low=Decimal(100), currency="EUR"), {"value": Decimal(500), "currency": "CHF"}),
        (Condition("value", high=Decimal(100), currency="EUR"), {"value": Decimal(100)}),
        (Condition("weight", low=Decimal(1000), high=Decimal(2000)), {"grams": 2000}),
    ],
)
def test_a_condition_does_not_hold(condition, facts):
    assert not applying.holds(order(**facts), condition)


def test_a_rule_fits_when_all_its_conditions_hold():
    both = rule(Effect("complete"), when=(SWISS, Condition("channel", ("web",))))

    assert policy_for(order(country="CH"), PLACES, [both]).complete_only
    assert policy_for(order(country="CH", channel="phone"), PLACES, [both]) is NO_RULES
    assert policy_for(order(), PLACES, [both]) is NO_RULES


def test_an_order_keeps_its_turn_unless_a_rule_lets_it_wait():
    assert not NO_RULES.yields
    assert policy_for(order(), PLACES, [rule(Effect("yields"))]).yields


def test_parts_may_meet_at_the_places_that_a_rule_names_and_come_from_our_own_places_only():
    places = (
        PlaceFacts(1, "warehouse", "DE", 0),
        PlaceFacts(2, "store", "DE", 1),
        PlaceFacts(3, "warehouse", "DE", 1),
        PlaceFacts(4, "supplier", "DE", 1),
    )
    meet = Effect("meets", Where(places=(1, 4)), number=2, amount=Decimal("3.50"))

    assert policy_for(order(), places, [rule(meet)]).ways == {
        (2, 1): (Decimal("3.50"), 2),
        (3, 1): (Decimal("3.50"), 2),
    }
    assert NO_RULES.ways == {}


def test_a_rule_that_is_off_is_not_asked():
    assert policy_for(order(), PLACES, [rule(Effect("complete"), active=False)]) is NO_RULES


@pytest.mark.parametrize(
    ("where", "out"),
    [
        (Where(places=(1,)), {1}),
        (STORES, {2, 3}),
        (Where(countries=("CH",)), {3}),
        (Where(zones=(2, 3)), {3}),
        (Where(places=(1,), countries=("CH",)), {1, 3}),
    ],
)
def test_places_are_named_left_out_by_what_they_are_or_by_where_they_stand(where, out):
    policy = policy_for(order(), PLACES, [rule(Effect("leave_out", where))])

    assert dict(policy.barred) == dict.fromkeys(out, "is left out by the rule “Mine”")


def test_only_these_places_leaves_out_all_others():
    policy = policy_for(order(), PLACES, [rule(Effect("only", STORES))])

    assert dict(policy.barred) == {1: "is not among the places of the rule “Mine”"}


def test_the_first_rule_that_left_a_place_out_is_its_reason():
    first, second = rule(Effect("leave_out", STORES)), rule(Effect("only", Where(places=(1, 2))), key=2, name="Next")

    policy = policy_for(order(), PLACES, [first, second])

    assert policy.barred == {2: "is left out by the rule “Mine”", 3: "is left out by the rule “Mine”"}
    assert (policy.rules, policy.keys) == (("Mine", "Next"), (1, 2))


def test_of_several_limits_the_strictest_counts_and_costs_are_summed():
    one = rule(
        Effect("most_parcels", number=3),
        Effect("keep_back", STORES, number=2),
        Effect("avoid", STORES, amount=Decimal("2.50")),
    )
    two = rule(
        Effect("most_parcels", number=2),
        Effect("keep_back", Where(places=(3,)), number=5),
        Effect("prefer", Where(places=(2,)), amount=Decimal("1.00")),
        key=2,
    )

    policy = policy_for(order(), PLACES, [one, two])

    assert policy.most_parcels == 2
    assert policy.buffers == {2: 2, 3: 5}
    assert policy.extra == {2: Decimal("1.50"), 3: Decimal("2.50")}


def test_an_order_below_the_value_is_never_split():
    together = rule(Effect("together_below", amount=Decimal(50), currency="EUR"))

    assert policy_for(order(value=Decimal("49.99")), PLACES, [together]).most_parcels == 1
    assert policy_for(order(value=Decimal(50)), PLACES, [together]).most_parcels is None
    assert policy_for(order(value=Decimal(9), currency="CHF"), PLACES, [together]).most_parcels is None


def test_the_first_rule_says_what_is_compared_first():
    one, two = rule(Effect("ranks", ranks=(COST, PROMISE))), rule(Effect("ranks", ranks=(PROMISE, COST)), key=2)

    assert policy_for(order(), PLACES, [one, two]).ranks == (COST, PROMISE)
    assert policy_for(order(), PLACES, [rule(Effect("complete"))]).ranks == NO_RULES.ranks


def test_after_a_rule_that_stops_no_further_one_is_asked():
    last = rule(Effect("most_parcels", number=4), stops=True)

    assert policy_for(order(), PLACES, [last, rule(Effect("complete"), key=2)]) == Policy(
        rules=("Mine",), keys=(1,), most_parcels=4
    )


def test_a_rule_survives_being_written_down():
    conditions = (
        Condition("country", ("CH", "LI"), negated=True),
        Condition("value", low=Decimal("9.90"), currency="EUR"),
    )
    effects = (
        Effect("avoid", Where(places=(3,), kinds=("store",), zones=(0,)), amount=Decimal("1.20")),
        Effect("ranks", ranks=(COST, PROMISE)),
        Effect("complete"),
    )

    read = terms.all_from_json(
        [terms.condition_to_json(one) for one in conditions], [terms.effect_to_json(one) for one in effects]
    )

    assert read == {"conditions": conditions, "effects": effects}


NAMES = Names({"web": "Web shop"}, {1: "Berlin", 3: "Zurich"})


@pytest.mark.parametrize(
    ("when", "then", "said"),
    [
        (
            (SWISS, Condition("channel", ("web",))),
            (Effect("leave_out", STORES), Effect("most_parcels", number=2)),
            "When the country is CH and the channel is Web shop: leave out stores; at most 2 parcels.",
        ),
        ((), (Effect("complete"),), "Always: send nothing until all of it can be sent."),
        (
            (),
            (Effect("meets", Where(places=(1,)), number=1, amount=Decimal(3), currency="EUR"),),
            "Always: parts may meet at Berlin first, for 3.00 EUR a trip and within 1 day.",
        ),
        ((), (Effect("yields"),), "Always: short stock may go to younger orders where that costs less."),
        (
            (Condition("country", ("DE", "AT", "CH"), negated=True),),
            (Effect("only", Where(places=(1, 3), countries=("FR",))),),
            "When the country is not DE, AT or CH: send only from Berlin, Zurich and places in FR.",
        ),
        (
            (Condition("weight", low=Decimal(1500)), Condition("value", high=Decimal(50), currency="EUR")),
            (Effect("avoid", Where(zones=(3,)), amount=Decimal("2.5")),),
            "When what is sent weighs 1.5 kg or more and the order is worth less than 50.00 EUR: "
            "avoid places further away, as if a parcel cost 2.50 EUR more.",
        ),
        (
            (Condition("weekday", ("4",)), Condition("method", ("ship",))),
            (Effect("ranks", ranks=(COST, PROMISE)), Effect("keep_back", STORES, number=1)),
            "When today is Friday and the method is shipping: compare lowest cost, then promise kept; "
            "keep back 1 unit of each SKU at stores.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(when, then, said):
    assert wording.sentence(rule(*then, when=when), NAMES) == said
