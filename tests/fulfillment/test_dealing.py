"""Orders that compete for what has come are decided together, and each is committed under its own lock."""

from datetime import timedelta

from django.utils import timezone

from fulfillment import backorders, dealing
from fulfillment.models import SourcingDecision
from fulfillment.rules import editing
from fulfillment.rules.terms import Effect, Rule
from inventory import stock
from orders import holds
from orders.models import Channel
from orders.statuses import HoldType
from tests.factories.fulfillment import person, routed
from tests.factories.inventory import put
from tests.fulfillment import books


def ago(days: int) -> dict:
    return {"placed_at": timezone.now() - timedelta(days=days)}


def use(*effects: str) -> None:
    admin = person("admin")
    rule = Rule(0, "House rule", effects=tuple(Effect(kind) for kind in effects))
    editing.use(editing.create(rule, by=admin).number, by=admin)


def test_an_order_that_is_sent_complete_only_is_filled_at_the_second_delivery_and_hoards_nothing(berlin, mug, lamp):
    use("complete")
    both, _ = routed({mug: 1, lamp: 1}, **ago(5))
    young, _ = routed({mug: 1}, **ago(1))

    put(mug, berlin, 1)
    backorders.fill(mug.pk)
    assert (books.counters(both), books.counters(young)) == ([{"backordered": 1}] * 2, [{"allocated": 1}])

    put(mug, berlin, 1)
    put(lamp, berlin, 1)
    backorders.fill(lamp.pk)
    assert books.counters(both) == [{"allocated": 1}] * 2
    assert books.work(both) == [("BER", "open", 2)]
    assert books.breaches() == {}


def test_news_of_one_item_fills_the_other_one_of_the_same_order_too(berlin, mug, lamp):
    order, _ = routed({mug: 1, lamp: 2})
    put(mug, berlin, 1)
    put(lamp, berlin, 2)

    assert backorders.fill(mug.pk) == 3
    assert books.work(order) == [("BER", "open", 3)]


def test_an_older_order_takes_another_place_so_that_a_younger_one_is_served_too(berlin, hamburg, mug):
    only_berlin = Channel.objects.create(code="b2b", name="B2B", kind="api", config={"locations": ["BER"]})
    old, _ = routed({mug: 1}, **ago(5))
    young, _ = routed({mug: 1}, channel=only_berlin, **ago(1))
    put(mug, berlin, 1)
    put(mug, hamburg, 1)

    assert backorders.fill(mug.pk) == 2
    assert (books.work(old), books.work(young)) == ([("HAM", "open", 1)], [("BER", "open", 1)])


def test_scarce_units_go_to_the_older_order_unless_a_rule_lets_it_wait(berlin, hamburg, mug, lamp):
    """The younger one saves a parcel with the unit, the older one does not."""
    old, _ = routed({mug: 1}, **ago(5))
    young, _ = routed({mug: 1, lamp: 1}, **ago(1))
    put(mug, berlin, 1)
    put(lamp, berlin, 1)

    backorders.fill_all()

    assert books.counters(old) == [{"allocated": 1}]
    assert books.counters(young) == [{"backordered": 1}, {"allocated": 1}]


def test_a_rule_may_send_scarce_units_where_they_cost_least(berlin, mug, lamp):
    use("yields")
    old, _ = routed({mug: 1}, **ago(5))
    young, _ = routed({mug: 1, lamp: 1}, **ago(1))
    put(mug, berlin, 1)
    put(lamp, berlin, 1)

    backorders.fill_all()

    assert books.counters(old) == [{"backordered": 1}]
    assert books.counters(young) == [{"allocated": 1}] * 2


def test_the_decision_says_that_it_was_made_together_and_who_came_first(berlin, mug):
    old, _ = routed({mug: 2}, **ago(5))
    young, _ = routed({mug: 2}, **ago(1))
    put(mug, berlin, 3)

    backorders.fill(mug.pk)

    told = SourcingDecision.objects.filter(order=young).latest("pk")
    assert told.trigger == dealing.TOGETHER
    assert f"{old.number} came first" in told.summary


def test_stock_that_moves_while_it_is_dealt_out_is_planned_anew(berlin, mug):
    orders = [routed({mug: 1}, **ago(days))[0] for days in (3, 2, 1)]
    put(mug, berlin, 3)

    def loses_one(order, committed) -> None:
        if order.id == orders[0].pk:
            stock.adjust(mug.pk, berlin.bins.get(code="A-01").pk, -1, reason="lost", by=person())

    assert dealing.deal([mug.pk], told=loses_one, by=person()) == 2
    assert [books.counters(order) for order in orders] == [[{"allocated": 1}]] * 2 + [[{"backordered": 1}]]
    assert books.breaches() == {}


def test_a_held_order_lets_the_others_pass_and_keeps_its_place(berlin, mug):
    old, _ = routed({mug: 1}, **ago(5))
    young, _ = routed({mug: 1}, **ago(1))
    hold = holds.place(old, type=HoldType.FRAUD, reason="looks odd", by=person())
    put(mug, berlin, 1)

    backorders.fill(mug.pk)
    assert (books.counters(old), books.counters(young)) == ([{"backordered": 1}], [{"allocated": 1}])

    holds.resolve(hold, note="fine", by=person())
    put(mug, berlin, 1)
    assert (backorders.fill(mug.pk), backorders.fill(mug.pk)) == (1, 0)
    assert books.counters(old) == [{"allocated": 1}]


def test_more_orders_than_are_decided_at_once_are_all_served(berlin, mug, monkeypatch):
    monkeypatch.setattr("fulfillment.competing.AT_ONCE", 2)
    orders = [routed({mug: 1}, **ago(days))[0] for days in (5, 4, 3, 2, 1)]
    put(mug, berlin, 4)

    assert backorders.fill(mug.pk) == 4
    assert [books.counters(order) for order in orders] == [[{"allocated": 1}]] * 4 + [[{"backordered": 1}]]
