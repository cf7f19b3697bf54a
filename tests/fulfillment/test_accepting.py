"""From received to allocated in one step: the same end as verb by verb, also when many do it at once."""

from decimal import Decimal

import pytest
from django.db import transaction
from factory.django import mute_signals

from fulfillment import accepting, reasons, sourcing, writing
from fulfillment.accepting import Outcome
from fulfillment.models import FulfillmentOrder
from fulfillment.writing import Accepted
from inventory import stock
from inventory.models import Location, Sku, StockLevel, StockMovement
from oms.common.actors import SYSTEM
from orders import holds, intake, verification
from orders.models import CustomerMail, Order
from orders.signals import orders_received
from tests.factories.fulfillment import person
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.fulfillment import books
from tests.together import at_once


@pytest.fixture
def shop(db):
    """Nine mugs and two lamps in Berlin, five mugs in Munich."""
    berlin, munich = LocationFactory(code="BER", priority=2), LocationFactory(code="MUC", priority=1)
    mug, lamp = SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(mug, berlin, 9)
    put(lamp, berlin, 2)
    put(mug, munich, 5)
    return channel()


def received(web, *lines, **facts) -> Order:
    """Nobody has looked at it yet."""
    with mute_signals(orders_received):
        return intake.take(external(*(lines or (line(),)), **facts), channel=web, by=SYSTEM).order


def planned_for(order: Order) -> list[writing.Planned]:
    return accepting._draft(accepting._read([order.pk])).planned


def test_a_sound_order_is_confirmed_and_allocated(shop):
    order = received(shop, line("MUG", 2), line("LAMP", 1))

    outcome = accepting.accept([order.pk])

    order.refresh_from_db()
    assert outcome == Outcome(accepted=1, looked_at=0)
    assert (order.state, order.fulfillment_state, order.version) == ("confirmed", "allocated", 2)
    assert order.promised_ship_by is not None
    assert books.counters(order) == [{"allocated": 2}, {"allocated": 1}]
    assert books.work(order) == [("BER", "open", 3)]
    assert books.verbs(order) == ["order.received", "payment.received", "order.confirmed", "order.routed"]
    assert books.breaches() == {}


def test_the_decision_is_kept_with_its_reasons(shop):
    order = received(shop, line("MUG", 2))

    accepting.accept([order.pk])

    decision = order.sourcing_decisions.get()
    event = order.events.get(verb="order.routed")
    assert [(one["code"], one["units"]) for one in decision.chosen] == [("BER", 2)]
    assert [(one["code"], one["chosen"]) for one in reasons.of(decision).candidates] == [("BER", True), ("MUC", False)]
    assert event.particulars["decision"] == decision.pk
    assert (event.particulars["placed"], event.particulars["waiting"]) == (2, 0)
    assert FulfillmentOrder.objects.get(order=order).decision == decision


def test_it_ends_like_the_way_verb_by_verb(shop):
    quick, slow = (received(shop, line("MUG", 2), external_id=f"same-{n}", email=f"{n}@example.org") for n in "ab")

    accepting.accept([quick.pk])
    verification.verify(slow.pk)
    sourcing.route(slow.pk)

    told = [
        (
            [(e.verb, e.customer_visible, sorted(e.particulars)) for e in order.events.order_by("seq")],
            books.counters(order),
            list(order.sourcing_decisions.values_list("trigger", "summary", "chosen")),
            list(FulfillmentOrder.objects.filter(order=order).values_list("method", "state", "priority", "ship_by")),
        )
        for order in (quick, slow)
    ]
    assert told[0] == told[1]


def test_the_ledger_names_the_work(shop):
    order = received(shop, line("MUG", 3))

    accepting.accept([order.pk], by=person("agent"))

    number = FulfillmentOrder.objects.get(order=order).number
    rows = StockMovement.objects.filter(kind="allocated").values_list("reference", "allocated", "actor_kind")
    assert list(rows) == [(number, 3, "user")]


def test_what_is_not_there_waits_in_the_queue(shop):
    order = received(shop, line("LAMP", 5))

    accepting.accept([order.pk])

    order.refresh_from_db()
    assert (order.state, order.fulfillment_state) == ("confirmed", "partially_allocated")
    assert (books.counters(order), books.waiting(order)) == ([{"allocated": 2, "backordered": 3}], [("LAMP", 3, "")])
    assert books.breaches() == {}


def test_the_older_order_gets_the_last_units(shop):
    orders = [received(shop, line("LAMP", 2), email=f"{n}@example.org") for n in range(3)]

    outcome = accepting.accept([order.pk for order in reversed(orders)])

    states = [Order.objects.get(pk=order.pk).fulfillment_state for order in orders]
    assert (outcome.accepted, states) == (3, ["allocated", "backordered", "backordered"])


def test_orders_that_compete_are_decided_together_and_the_youngest_waits(shop):
    """Alone, the first would take the kettle in Berlin; then the second would need two parcels."""
    berlin, munich = Location.objects.get(code="BER"), Location.objects.get(code="MUC")
    kettle = SkuFactory(code="KETTLE")
    put(kettle, berlin, 1)
    put(kettle, munich, 1)
    first = received(shop, line("KETTLE", 1), email="1@example.org")
    second = received(shop, line("KETTLE", 1), line("LAMP", 1), email="2@example.org")
    third = received(shop, line("KETTLE", 1), email="3@example.org")

    accepting.accept([first.pk, second.pk, third.pk])

    works = [books.work(order) for order in (first, second, third)]
    assert works == [[("MUC", "open", 1)], [("BER", "open", 2)], []]
    assert books.waiting(third) == [("KETTLE", 1, "")]
    assert [row["code"] for row in reasons.of(first.sourcing_decisions.get()).candidates] == ["MUC", "BER"]
    assert books.breaches() == {}


def test_who_waits_already_is_served_before(shop, django_capture_on_commit_callbacks):
    first = received(shop, line("LAMP", 3), email="first@example.org")
    accepting.accept([first.pk])
    put(Sku.objects.get(code="LAMP"), Location.objects.get(code="BER"), 2)
    second = received(shop, line("LAMP", 2), email="second@example.org")

    with django_capture_on_commit_callbacks(execute=True):
        outcome = accepting.accept([second.pk])

    assert outcome == Outcome(accepted=0, looked_at=1)
    assert (books.counters(first), books.counters(second)) == (
        [{"allocated": 3}],
        [{"allocated": 1, "backordered": 1}],
    )


def test_an_order_with_a_problem_is_held_and_the_others_go_on(shop):
    bad = received(shop, line("NONE", 1), email="bad@example.org")
    good = received(shop, line("MUG", 1))

    outcome = accepting.accept([bad.pk, good.pk])

    bad.refresh_from_db()
    assert outcome == Outcome(accepted=1, looked_at=1)
    assert (bad.state, [hold.type for hold in holds.active(bad)]) == ("received", ["unknown_sku"])
    assert books.counters(good) == [{"allocated": 1}]


def test_twice_is_once(shop):
    order = received(shop, line("MUG", 1))

    accepting.accept([order.pk, order.pk])
    again = accepting.accept([order.pk])

    assert again == Outcome(0, 0)
    assert (books.counters(order), books.breaches()) == ([{"allocated": 1}], {})


def test_an_order_that_changed_since_it_was_read_is_left_alone(shop):
    order = received(shop, line("MUG", 1))
    planned = planned_for(order)
    holds.place(order, type="review", reason="Wait", by=person("agent"))

    assert writing.accept(planned, by=SYSTEM) == {order.pk: Accepted.STALE}
    assert (books.counters(order), FulfillmentOrder.objects.count()) == ([{}], 0)


def test_stock_that_moved_since_it_was_read_is_not_promised(shop):
    first, second = (received(shop, line("LAMP", 2), email=f"{n}@example.org") for n in range(2))
    [one], [two] = planned_for(first), planned_for(second)

    assert writing.accept([one], by=SYSTEM) == {first.pk: Accepted.DONE}
    assert writing.accept([two], by=SYSTEM) == {second.pk: Accepted.SHORT}
    assert (books.counters(second), books.breaches()) == ([{}], {})


def test_the_customer_is_told_once(shop, django_capture_on_commit_callbacks):
    order = received(shop, line("MUG", 1))

    with django_capture_on_commit_callbacks(execute=True):
        accepting.accept([order.pk])

    assert list(CustomerMail.objects.values_list("order", "kind", "to")) == [(order.pk, "confirmed", "ada@example.org")]


@pytest.mark.django_db(transaction=True)
def test_batches_that_overlap_sell_what_there_is_and_no_more(monkeypatch):
    monkeypatch.setattr(accepting, "AT_ONCE", 3)
    berlin, munich, mug = LocationFactory(code="BER", priority=2), LocationFactory(code="MUC"), SkuFactory(code="MUG")
    put(mug, berlin, 7)
    put(mug, munich, 6)
    web = channel()
    orders = [received(web, line("MUG", 1), email=f"{n}@example.org") for n in range(20)]

    outcome = accepting.accept([order.pk for order in orders])

    states = [Order.objects.get(pk=order.pk).fulfillment_state for order in orders]
    assert outcome == Outcome(accepted=20, looked_at=0)
    assert states == ["allocated"] * 13 + ["backordered"] * 7
    assert books.breaches() == {}


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_lost_its_stock_is_planned_anew_and_so_is_the_next(monkeypatch):
    monkeypatch.setattr(accepting, "AT_ONCE", 2)
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 5)
    web = channel()
    orders = [received(web, line("MUG", 1), email=f"{n}@example.org") for n in range(6)]
    honest = writing.accept

    def after_somebody_else(planned, *, by):
        monkeypatch.setattr(writing, "accept", honest)
        stock.allocate({(mug.pk, berlin.pk): 4}, reference="FO-0", by=SYSTEM)
        stock.release({(mug.pk, berlin.pk): 1}, reference="FO-0", by=SYSTEM)
        return honest(planned, by=by)

    monkeypatch.setattr(writing, "accept", after_somebody_else)

    accepting.accept([order.pk for order in orders])

    states = [Order.objects.get(pk=order.pk).fulfillment_state for order in orders]
    assert states == ["allocated"] * 2 + ["backordered"] * 4


@pytest.mark.django_db(transaction=True)
def test_many_at_once_sell_what_there_is_and_no_more():
    berlin, mug, lamp = LocationFactory(code="BER"), SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(mug, berlin, 25)
    put(lamp, berlin, 100)
    web = channel()
    orders = [
        received(web, line("LAMP", 1), line("MUG", 1, price=str(Decimal(n + 1))), email=f"{n}@example.org")
        for n in range(40)
    ]

    answers = at_once(*[lambda ids=orders[n::8]: accepting.accept([order.pk for order in ids]) for n in range(8)])

    level = StockLevel.objects.get(sku=mug)
    waiting = Order.objects.filter(fulfillment_state="partially_allocated").count()
    assert [type(answer) for answer in answers] == [Outcome] * 8
    assert (level.allocated, level.available, waiting) == (25, 0, 15)
    assert books.breaches() == {}


@pytest.fixture
def open_shop(transactional_db):
    """No transaction of the test is around: a few orders are written in hope, many by the sure statement."""
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG", weight_g=400)
    put(mug, berlin, 10)
    return channel()


def test_a_few_written_in_hope_end_like_many(open_shop):
    few = received(open_shop, line("MUG", 1), external_id="few", email="few@example.org")
    many = received(open_shop, line("MUG", 1), external_id="many", email="many@example.org")

    accepting.accept([few.pk])
    with transaction.atomic():
        accepting.accept([many.pk])

    told = [
        (
            list(order.events.order_by("seq").values_list("verb", "actor_label", "customer_visible")),
            books.counters(order),
            list(order.sourcing_decisions.values_list("trigger", "summary")),
            [
                StockMovement.objects.filter(reference=work.number).values_list("kind", "allocated").get()
                for work in FulfillmentOrder.objects.filter(order=order)
            ],
            (Order.objects.get(pk=order.pk).state, Order.objects.get(pk=order.pk).event_count),
        )
        for order in (few, many)
    ]
    assert told[0] == told[1]
    assert told[0][3] == [("allocated", 1)]
    assert books.breaches() == {}


def test_of_orders_written_in_hope_one_that_changed_or_lost_its_stock_leaves_nothing(open_shop):
    changed, lost, sound = (received(open_shop, line("MUG", n), email=f"{n}@example.org") for n in (1, 9, 2))
    [one], [two], [three] = planned_for(changed), planned_for(lost), planned_for(sound)
    holds.place(changed, type="review", reason="Wait", by=person("agent"))
    assert writing.accept([three], by=SYSTEM) == {sound.pk: Accepted.DONE}

    answers = [writing.accept(batch, by=SYSTEM) for batch in ([one], [two], [one, two])]

    stale, short = {changed.pk: Accepted.STALE}, {lost.pk: Accepted.SHORT}
    assert answers == [stale, short, stale | short]
    assert [books.counters(order) for order in (changed, lost, sound)] == [[{}], [{}], [{"allocated": 2}]]
    assert FulfillmentOrder.objects.count() == 1
    assert books.breaches() == {}
