import pytest
from django.utils import timezone

from carriers.transit import Leg
from fulfillment import directory, reasons, sourcing, sweeping
from fulfillment.models import SourcingDecision
from fulfillment.sourcing import CannotMove
from inventory import stock
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from orders import holds
from orders.models import Order
from orders.statuses import HoldType
from tests.factories.fulfillment import confirmed_order, own_van, picked, released, routed
from tests.factories.inventory import SkuFactory, put
from tests.fulfillment import books


def test_an_order_is_served_from_the_place_that_is_cheapest(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)

    order, _ = routed({mug: 2})

    assert books.work(order) == [("BER", "open", 2)]
    assert books.counters(order) == [{"allocated": 2}]
    assert order.fulfillment_state == "allocated"
    decision = SourcingDecision.objects.get()
    assert decision.chosen == [{"location_id": berlin.pk, "code": "BER", "name": "Berlin", "units": 2}]
    assert [row["code"] for row in reasons.of(decision).candidates] == ["BER", "HAM"]
    assert books.breaches() == {}


def test_routing_twice_changes_nothing(berlin, mug):
    put(mug, berlin, 5)
    order, _ = routed({mug: 2})

    sourcing.route(order.pk)

    assert (books.work(order), SourcingDecision.objects.count()) == ([("BER", "open", 2)], 1)


def test_an_order_is_split_only_where_no_place_has_it_all(berlin, hamburg, mug, lamp):
    put(mug, berlin, 2)
    put(lamp, hamburg, 1)

    order, _ = routed({mug: 2, lamp: 1})

    assert sorted(books.work(order)) == [("BER", "open", 2), ("HAM", "open", 1)]
    assert books.breaches() == {}


def test_what_is_missing_waits_and_knows_what_for(berlin, mug):
    put(mug, berlin, 1)

    order, _ = routed({mug: 3})

    assert books.counters(order) == [{"allocated": 1, "backordered": 2}]
    assert books.waiting(order) == [("MUG", 2, "")]
    assert books.breaches() == {}


def test_a_pickup_is_served_by_its_store_alone(berlin, hamburg, mug):
    put(mug, hamburg, 5)
    berlin.collects = True
    berlin.save()

    order, _ = routed({mug: 1}, method="pickup", store=berlin)

    assert (books.work(order), books.waiting(order)) == ([], [("MUG", 1, "")])


def test_a_held_order_is_not_allocated(berlin, mug):
    put(mug, berlin, 5)
    order = confirmed_order({mug: 1})
    holds.place(order, type=HoldType.FRAUD, reason="new customer", by=SYSTEM)

    sourcing.route(order.pk)

    assert books.work(order) == []


def test_the_sweep_finds_what_a_lost_message_left(berlin, mug):
    put(mug, berlin, 5)
    order = confirmed_order({mug: 1})

    assert (sweeping.route_waiting(), sweeping.route_waiting()) == (1, 0)
    assert books.work(order) == [("BER", "open", 1)]


def test_digital_lines_are_delivered_and_touch_no_stock(berlin, mug):
    put(mug, berlin, 1)
    song = SkuFactory(code="SONG", digital=True)

    order, _ = routed({mug: 1, song: 2})

    assert books.counters(order) == [{"allocated": 1}, {"shipped": 2, "delivered": 2}]
    assert books.work(order) == [("BER", "open", 1), ("", "completed", 2)]
    assert [grant.quantity for grant in order.lines.get(sku=song).grants.all()] == [2]
    assert books.breaches() == {}


def test_work_is_moved_by_hand_and_the_reason_is_kept(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    order, [work] = routed({mug: 2})

    sourcing.reroute(work, hamburg, by=lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 2)]
    assert order.fulfillment_orders.latest("pk").pinned_by == lead
    assert SourcingDecision.objects.latest("pk").trigger == "moved by hand"
    assert books.breaches() == {}


def test_moving_to_a_place_without_stock_is_refused_and_changes_nothing(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    order, [work] = routed({mug: 2})

    with pytest.raises(CannotMove, match="Hamburg has none of it to promise"):
        sourcing.reroute(work, hamburg, by=lead)

    assert books.work(order) == [("BER", "open", 2)]


def test_begun_work_is_not_moved(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    _, [work] = routed({mug: 2})
    picked(work, by=lead)

    with pytest.raises(CannotMove, match="is picked"):
        sourcing.reroute(work, hamburg, by=lead)


def test_rejected_work_is_found_another_place_and_never_comes_back(
    berlin, hamburg, mug, lead, django_capture_on_commit_callbacks
):
    put(mug, berlin, 5)
    put(mug, hamburg, 1)
    order, [work] = routed({mug: 1})
    released(work, by=lead)

    with django_capture_on_commit_callbacks(execute=True):
        sourcing.reject(work, reason="shelf is broken", by=lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 1)]
    assert books.breaches() == {}


def test_a_store_that_rejects_a_pickup_puts_it_before_a_person(berlin, mug, lead, django_capture_on_commit_callbacks):
    put(mug, berlin, 5)
    berlin.collects = True
    berlin.save()
    order, [work] = routed({mug: 1}, method="pickup", store=berlin)

    with django_capture_on_commit_callbacks(execute=True):
        sourcing.reject(work, reason="closed for stocktaking", by=lead)

    assert books.waiting(order) == [("MUG", 1, "")]
    assert ExceptionCase.objects.filter(key=f"pickup_rejected:{order.pk}").exists()


def test_stock_that_moves_while_an_order_is_planned_is_planned_again(berlin, hamburg, mug, monkeypatch):
    put(mug, berlin, 2)
    put(mug, hamburg, 2)
    order = confirmed_order({mug: 2})
    from fulfillment import planning

    think = planning.think

    def think_and_lose(*args, **kwargs):
        thought = think(*args, **kwargs)
        monkeypatch.setattr(planning, "think", think)
        stock.adjust(mug.pk, berlin.bins.get(code="A-01").pk, -1, reason="lost", by=SYSTEM)
        return thought

    monkeypatch.setattr(planning, "think", think_and_lose)

    sourcing.route(order.pk)

    assert books.work(order) == [("HAM", "open", 2)]
    assert Order.objects.get().fulfillment_state == "allocated"


def test_routing_prices_the_service_that_keeps_the_promised_day(berlin, mug):
    """The van's standard service is cheaper, and takes three days."""
    own_van()
    put(mug, berlin, 5)
    leaves = directory.read(timezone.now())[0].leaves_at
    soon, late, relaxed = (Leg(days).arrives(leaves) for days in (1, 0, 3))

    works = [routed({mug: 1}, promised_deliver_by=day)[1][0] for day in (soon, late, relaxed)]

    told = [reasons.of(work.decision).candidates[0] for work in works]
    assert [(one["service"], one["cost"], one["keeps_promise"]) for one in told] == [
        ("Express", "12.00", True),
        ("Express", "12.00", False),
        ("Standard", "4.90", True),
    ]
