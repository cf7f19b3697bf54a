"""Parts of an order meet at one place first: sent there by transfers, promised as they arrive, then one parcel."""

from decimal import Decimal

import pytest
from django.urls import reverse

from fulfillment import accepting, amendments, backorders, cancellation, meeting, parts, rehearsal, sourcing, waves
from fulfillment.models import Part, SourcingDecision
from fulfillment.rules import editing
from fulfillment.rules.terms import Effect, Rule, Where
from inventory import availability, transfers
from inventory.models import StockLevel, Transfer
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import confirmed_order, person, picked, routed
from tests.factories.inventory import LocationFactory, put
from tests.fulfillment import books


def may_meet_at(*places) -> None:
    admin = person("admin")
    where = Where(places=tuple(place.pk for place in places))
    meet = Effect("meets", where, number=1, amount=Decimal("0.50"), currency="EUR")
    editing.use(editing.create(Rule(0, "Meet first", effects=(meet,)), by=admin).number, by=admin)


@pytest.fixture
def split(berlin, hamburg, mug, lamp):
    """A mug in Berlin and three lamps in Hamburg; they may meet in Berlin."""
    may_meet_at(berlin)
    put(mug, berlin, 5)
    put(lamp, hamburg, 3)


def level(sku, place) -> tuple[int, int, int]:
    """(there, promised, kept for a transfer)"""
    return StockLevel.objects.values_list("on_hand", "allocated", "reserved").get(sku=sku, location=place)


def test_what_is_elsewhere_is_sent_to_the_meeting_place_and_waits_for_there(split, berlin, hamburg, mug, lamp):
    order, _ = routed({mug: 1, lamp: 2})

    transfer = Transfer.objects.get()
    assert (transfer.origin, transfer.destination, transfer.state) == (hamburg, berlin, "draft")
    assert transfer.note == f"Parts of order {order.number}, which meet at Berlin."
    assert books.work(order) == [("BER", "open", 1)]
    assert books.counters(order) == [{"allocated": 1}, {"backordered": 2}]
    assert (level(mug, berlin), level(lamp, hamburg)) == ((5, 1, 0), (3, 0, 2))
    assert books.breaches() == {}


def test_the_decision_says_why_and_what_sending_them_apart_would_have_cost(split, mug, lamp):
    order, _ = routed({mug: 1, lamp: 2})

    told = SourcingDecision.objects.get(order=order)
    assert told.summary.startswith("2 units go from Hamburg to Berlin first and leave in one parcel: ")
    apart = told.facts["alternatives"][0]
    assert apart["because"].startswith("2 parcels without meeting first, ")
    assert Decimal(apart["cost"]) > Decimal(told.facts["outcome"]["cost"])
    assert told.facts["outcome"]["parcels"] == 1


def test_an_order_accepted_in_bulk_meets_too(split, mug, lamp, django_capture_on_commit_callbacks):
    apart, alone = confirmed_order({mug: 1, lamp: 2}, confirmed=False), confirmed_order({mug: 1}, confirmed=False)

    with django_capture_on_commit_callbacks(execute=True):
        accepting.accept([apart.pk, alone.pk])

    assert (books.work(apart), books.work(alone)) == ([("BER", "open", 1)], [("BER", "open", 1)])
    assert Part.objects.get().order_line.order == apart
    assert books.breaches() == {}


def test_without_a_rule_parts_go_separately(berlin, hamburg, mug, lamp):
    put(mug, berlin, 5)
    put(lamp, hamburg, 3)

    order, _ = routed({mug: 1, lamp: 2})

    assert books.work(order) == [("BER", "open", 1), ("HAM", "open", 2)]
    assert Transfer.objects.count() == 0


def test_routing_twice_sends_them_once(split, mug, lamp):
    order, _ = routed({mug: 1, lamp: 2})

    sourcing.route(order.pk)
    backorders.fill_all()

    assert (Transfer.objects.count(), Part.objects.count()) == (1, 1)
    assert books.breaches() == {}


def test_nothing_is_released_until_all_parts_are_there_then_all_of_it_is_picked_together(
    split, berlin, mug, lamp, lead
):
    order, [work] = routed({mug: 1, lamp: 2})
    with pytest.raises(waves.NothingToRelease) as e:
        waves.release(berlin, by=lead)
    transfer = Transfer.objects.get()
    assert f"parts are on their way: 2 from Hamburg with {transfer.number}" in str(e.value)

    transfers.ship(transfer, by=lead)
    transfers.receive(transfer, {}, by=lead)

    assert books.counters(order) == [{"allocated": 1}, {"allocated": 2}]
    assert books.work(order) == [("BER", "open", 3)]
    assert books.verbs(order)[-1] == "fulfillment.part_arrived"
    assert books.breaches() == {}
    picked(work, by=lead)
    assert books.work(order) == [("BER", "picked", 3)]


def test_what_arrives_is_its_orders_and_not_that_of_whoever_waits_longer(split, berlin, hamburg, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 3})
    older, _ = routed({lamp: 1}, placed_at=order.placed_at.replace(year=2020))
    transfer = transfers.ship(Transfer.objects.get(), by=lead)

    transfers.receive(transfer, {}, by=lead)
    backorders.fill_all()

    assert (books.counters(order), books.counters(older)) == (
        [{"allocated": 1}, {"allocated": 3}],
        [{"backordered": 1}],
    )


def test_all_of_it_may_come_from_elsewhere(hamburg, mug, lamp, lead):
    """Munich is nobody's stock; work there begins as the first part arrives and is released with the last."""
    munich, bremen = LocationFactory(code="MUC", name="Munich"), LocationFactory(code="BRE", name="Bremen")
    may_meet_at(munich)
    munich.address, hamburg.address = hamburg.address, munich.address
    put(mug, hamburg, 1)
    put(lamp, bremen, 1)
    order, works = routed({mug: 1, lamp: 1})
    first, second = Transfer.objects.order_by("pk")
    assert (works, books.counters(order)) == ([], [{"backordered": 1}] * 2)

    transfers.receive(transfers.ship(first, by=lead), {}, by=lead)
    with pytest.raises(waves.NothingToRelease):
        waves.release(munich, by=lead)
    transfers.receive(transfers.ship(second, by=lead), {}, by=lead)

    assert books.work(order) == [("MUC", "open", 2)]
    assert len(waves.release(munich, by=lead).fulfillment_orders) == 1
    assert books.breaches() == {}


def test_what_does_not_arrive_is_looked_for_elsewhere(
    split, berlin, hamburg, mug, lamp, lead, django_capture_on_commit_callbacks
):
    order, _ = routed({mug: 1, lamp: 2})
    transfer = transfers.ship(Transfer.objects.get(), by=lead)

    with django_capture_on_commit_callbacks(execute=True):
        transfers.receive(transfer, {transfer.lines.get().pk: 1}, by=lead)

    assert "fulfillment.part_missing" in books.verbs(order)
    assert books.work(order) == [("BER", "open", 2), ("HAM", "open", 1)]
    assert books.counters(order) == [{"allocated": 1}, {"allocated": 2}]
    assert books.breaches() == {}


def test_a_transfer_that_is_cancelled_gives_the_order_another_way(
    split, berlin, hamburg, mug, lamp, lead, django_capture_on_commit_callbacks
):
    order, _ = routed({mug: 1, lamp: 2})
    put(lamp, berlin, 2)

    with django_capture_on_commit_callbacks(execute=True):
        transfers.cancel(Transfer.objects.get(), by=lead)

    assert books.work(order) == [("BER", "open", 3)]
    assert level(lamp, hamburg) == (3, 0, 0)
    assert books.breaches() == {}


def test_cancelling_the_order_takes_back_what_has_not_left(split, berlin, hamburg, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 2})

    cancellation.cancel(order, reason="changed my mind", by=lead)

    assert Transfer.objects.get().state == "cancelled"
    assert (level(mug, berlin), level(lamp, hamburg)) == ((5, 0, 0), (3, 0, 0))
    assert books.counters(order) == [{"cancelled": 1}, {"cancelled": 2}]
    assert books.breaches() == {}


def test_cancelling_some_of_it_lets_the_transfer_carry_the_rest(split, hamburg, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 2})

    cancellation.cancel(order, quantities={order.lines.get(sku=lamp).pk: 1}, reason="too many", by=lead)

    transfer = Transfer.objects.get()
    assert (transfer.state, transfer.lines.get().quantity, level(lamp, hamburg)) == ("draft", 1, (3, 0, 1))
    assert books.counters(order) == [{"allocated": 1}, {"cancelled": 1, "backordered": 1}]
    assert books.breaches() == {}


def test_what_has_left_for_an_order_that_is_cancelled_becomes_stock_where_it_arrives(split, berlin, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 2})
    transfer = transfers.ship(Transfer.objects.get(), by=lead)

    cancellation.cancel(order, reason="changed my mind", by=lead)
    transfers.receive(transfer, {}, by=lead)

    assert level(lamp, berlin) == (2, 0, 0)
    assert books.counters(order) == [{"cancelled": 1}, {"cancelled": 2}]
    assert books.breaches() == {}


def test_an_amendment_takes_the_units_back_too(split, hamburg, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 2}, paid=False)
    fewer = amendments.Action("set_quantity", {"quantity": 1}, order.lines.get(sku=lamp).pk)

    amendments.amend(order, [fewer], by=lead)

    assert level(lamp, hamburg) == (3, 0, 1)
    assert books.breaches() == {}


def test_parts_of_a_held_order_become_stock_and_it_is_served_again_when_it_is_let_go(split, berlin, mug, lamp, lead):
    order, _ = routed({mug: 1, lamp: 2})
    transfer = transfers.ship(Transfer.objects.get(), by=lead)
    hold = holds.place(order, type=HoldType.FRAUD, reason="looks odd", by=lead)

    transfers.receive(transfer, {}, by=lead)
    assert (level(lamp, berlin), books.breaches()) == ((2, 0, 0), {})

    holds.resolve(hold, by=lead)
    sourcing.route(order.pk)
    assert books.work(order) == [("BER", "open", 3)]
    assert books.breaches() == {}


def test_parts_that_come_to_a_place_that_is_closed_by_now_are_stock_and_looked_for_elsewhere(
    split, berlin, hamburg, mug, lamp, lead
):
    order, [work] = routed({mug: 1, lamp: 2})
    transfer = transfers.ship(Transfer.objects.get(), by=lead)
    put(mug, hamburg, 1)
    berlin.ships = False
    berlin.save()
    sourcing.reroute(work, hamburg, by=lead)

    transfers.receive(transfer, {}, by=lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 1)]
    assert (level(lamp, berlin), books.counters(order)) == ((2, 0, 0), [{"allocated": 1}, {}])
    assert "fulfillment.part_missing" in books.verbs(order)
    assert books.breaches() == {}


def test_parts_that_are_late_become_a_case_that_says_what_to_do(split, mug, lamp):
    order, _ = routed({mug: 1, lamp: 2})
    assert meeting.look_for_late() == 0
    Transfer.objects.update(expected_at=order.placed_at)

    assert (meeting.look_for_late(), meeting.look_for_late()) == (1, 1)

    case = ExceptionCase.objects.get(kind="parts_late")
    assert case.title == f"Parts of order {order.number} are late"
    assert "has not left. Send or receive it" in case.detail


def test_units_on_their_way_to_an_order_are_nobodys_hope(split, lamp, mug):
    routed({mug: 1, lamp: 3})
    late, _ = routed({lamp: 1})

    assert [step.balance for step in availability.atp_by_date([lamp.pk])[lamp.pk]][-1] <= 0
    assert parts.supplies([lamp.pk]) == []
    assert books.waiting(late) == [("LAMP", 1, "")]


def test_a_plan_by_hand_and_a_pickup_have_nothing_to_meet(split, berlin, hamburg, mug, lamp, lead):
    berlin.collects = True
    berlin.save()
    order = confirmed_order({mug: 1, lamp: 1}, method="pickup", store=berlin)

    sourcing.route(order.pk, by=SYSTEM)

    assert (books.work(order), Transfer.objects.count()) == ([("BER", "open", 1)], 0)


def test_the_pages_say_what_is_on_its_way_from_where(client, split, mug, lamp, lead):
    order, [work] = routed({mug: 1, lamp: 2})
    transfer = Transfer.objects.get()
    client.force_login(lead)

    page = client.get(order.get_absolute_url()).content.decode()
    assert "2 × LAMP from Hamburg to Berlin" in page
    assert transfer.get_absolute_url() in page
    assert (
        f"Parts are on their way: 2 from Hamburg with {transfer.number}"
        in client.get(reverse("fulfillment:show", args=[work.number])).content.decode()
    )
    why = client.get(reverse("desk:why", args=[order.number, work.decision_id])).content.decode()
    assert "2 parcels without meeting first" in why


def test_a_rehearsal_of_the_rule_shows_the_parcels_that_it_saves(berlin, hamburg, mug, lamp, lead):
    put(mug, berlin, 5)
    put(lamp, hamburg, 3)
    routed({mug: 1, lamp: 2})
    where = Where(places=(berlin.pk,))
    meet = Effect("meets", where, number=1, amount=Decimal("0.50"), currency="EUR")
    draft = editing.create(Rule(0, "Meet first", effects=(meet,)), by=lead)

    told = rehearsal.rehearse(draft, 10).told()

    assert (told["then"]["parcels"], told["now"]["parcels"], len(told["changed"])) == (2, 1, 1)
    assert Decimal(told["now"]["cost"]) < Decimal(told["then"]["cost"])
