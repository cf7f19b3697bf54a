import pytest

from fulfillment import cancellation, interception, packing, picking
from fulfillment.cancellation import CannotCancel
from fulfillment.models import Intercept, PickList
from fulfillment.work import NotNow
from tests.factories.fulfillment import confirmed_order, packed, picked, released, routed, shipped
from tests.factories.inventory import put
from tests.fulfillment import books
from tests.inventory.books import bins, level


def cancel(order, quantities=None, *, by):
    done = cancellation.cancel(order, quantities=quantities, reason="customer asked", by=by)
    order.refresh_from_db()
    return done


def test_an_order_nobody_has_placed_is_cancelled_at_once(mug, lead):
    order = confirmed_order({mug: 2})

    cancel(order, by=lead)

    assert (order.state, books.counters(order)) == ("cancelled", [{"cancelled": 2}])
    assert books.breaches() == {}


def test_an_unconfirmed_order_is_cancelled_at_once(mug, lead):
    order = confirmed_order({mug: 2}, confirmed=False)

    cancel(order, by=lead)

    assert (order.state, books.counters(order)) == ("cancelled", [{"cancelled": 2}])


def test_units_that_wait_leave_the_queue(mug, lead):
    order, _ = routed({mug: 2})

    cancel(order, by=lead)

    assert (order.state, books.waiting(order)) == ("cancelled", [])
    assert books.breaches() == {}


def test_promised_units_are_for_sale_again(berlin, mug, lead):
    put(mug, berlin, 5)
    order, _ = routed({mug: 2})

    cancel(order, by=lead)

    assert (order.state, books.work(order)) == ("cancelled", [("BER", "cancelled", 0)])
    assert level(mug, berlin) == {"on_hand": 5, "available": 5}
    assert books.breaches() == {}


def test_released_units_leave_the_pick_list(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})
    released(one, by=lead)

    cancel(order, by=lead)

    assert (order.state, books.work(order), PickList.objects.get().state) == (
        "cancelled",
        [("BER", "cancelled", 0)],
        "cancelled",
    )
    assert books.breaches() == {}


def test_a_part_of_a_released_line_leaves_its_pick_list(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 3})
    pick_list = released(one, by=lead)

    cancel(order, {order.lines.get().pk: 1}, by=lead)

    assert (order.state, pick_list.tasks.get().remaining) == ("confirmed", 2)
    assert books.counters(order) == [{"cancelled": 1, "allocated": 2}]
    assert books.breaches() == {}


def test_picked_units_are_cancelled_when_they_lie_on_the_shelf_again(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})
    picked(one, by=lead)

    done = cancel(order, by=lead)
    before = (order.state, books.counters(order))
    with pytest.raises(NotNow, match="Put 2 × MUG"):
        packing.start(one.number, by=lead)
    interception.honour(done.intercepts[0], by=lead)
    order.refresh_from_db()

    assert before == ("confirmed", [{"allocated": 2, "picked": 2}])
    assert (order.state, books.counters(order)) == ("cancelled", [{"cancelled": 2}])
    assert bins(mug, berlin) == {"A-01": 5}
    assert books.breaches() == {}


def test_cancelling_twice_asks_once(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})
    picked(one, by=lead)
    cancel(order, by=lead)

    with pytest.raises(CannotCancel, match="Nothing is left to cancel"):
        cancel(order, by=lead)

    assert Intercept.objects.count() == 1


def test_a_cancelled_order_is_cancelled_quietly(mug, lead):
    order = confirmed_order({mug: 2})
    cancel(order, by=lead)

    assert cancel(order, by=lead).units == {}


def test_packed_units_are_unpacked_first(berlin, mug, lamp, lead):
    put(mug, berlin, 5)
    put(lamp, berlin, 5)
    order, [one] = routed({mug: 2, lamp: 1})
    shipment = packed(one, by=lead)

    done = cancel(order, {order.lines.get(sku=lamp).pk: 1}, by=lead)
    shipment.refresh_from_db()
    one.refresh_from_db()
    states = (shipment.state, one.state)
    interception.honour(done.intercepts[0], by=lead)

    assert states == ("voided", "picked")
    assert books.counters(order) == [{"allocated": 2, "picked": 2}, {"cancelled": 1}]
    assert books.breaches() == {}
    again = packing.start(one.number, by=lead)
    packing.scan(again, "MUG", quantity=2, by=lead)
    packing.seal(again, by=lead)
    assert books.breaches() == {}


def test_units_nobody_has_picked_go_before_picked_ones(berlin, mug, lead):
    put(mug, berlin, 3, shelf="A-01")
    order, [one] = routed({mug: 3})
    pick_list = released(one, by=lead)
    picking.claim(lead, berlin, pick_list=pick_list)
    task = picking.next_task(pick_list)
    picking.scan_bin(task, "A-01", by=lead)
    picking.scan_item(task, "MUG", by=lead)

    done = cancel(order, {order.lines.get().pk: 2}, by=lead)

    assert (done.units, done.intercepts) == ({order.lines.get().pk: 2}, [])
    assert books.counters(order) == [{"cancelled": 2, "allocated": 1, "picked": 1}]
    assert books.breaches() == {}


def in_the_hand(wants, lead):
    """The first stop's units are picked and have no tote yet."""
    order, [one] = routed(wants)
    pick_list = released(one, by=lead)
    picking.claim(lead, one.location, pick_list=pick_list)
    task = picking.next_task(pick_list)
    picking.scan_bin(task, task.bin.code, by=lead)
    picking.scan_item(task, task.sku.code, quantity=task.quantity, by=lead)
    return order, one, task


def test_units_that_should_stay_are_not_put_back_twice(berlin, mug, lead):
    put(mug, berlin, 5)
    order, one, task = in_the_hand({mug: 3}, lead)
    asked = cancel(order, {order.lines.get().pk: 2}, by=lead).intercepts[0]

    with pytest.raises(NotNow, match=r"Put 2 × MUG of .* back: customer asked"):
        picking.undo(task, quantity=2, by=lead)
    interception.honour(asked, by=lead)
    with pytest.raises(NotNow, match="1 units were picked at this stop"):
        picking.undo(task, quantity=2, by=lead)

    assert books.counters(order) == [{"cancelled": 2, "allocated": 1, "picked": 1}]
    picking.scan_tote(task, "T-1", by=lead)
    assert packing.start(one.number, by=lead).state == "draft"
    assert books.breaches() == {}


def test_a_stop_whose_units_were_all_put_back_is_over(berlin, mug, lead):
    put(mug, berlin, 5)
    order, _, task = in_the_hand({mug: 3}, lead)

    interception.honour(cancel(order, by=lead).intercepts[0], by=lead)

    task.refresh_from_db()
    assert (order.fulfillment_orders.get().state, task.state, PickList.objects.get().state) == (
        "cancelled",
        "cancelled",
        "cancelled",
    )
    assert bins(mug, berlin) == {"A-01": 5}
    assert books.breaches() == {}


def test_work_whose_units_have_no_tote_yet_is_not_picked_when_the_rest_is_cancelled(berlin, mug, lamp, lead):
    put(mug, berlin, 5)
    put(lamp, berlin, 5, shelf="A-02")
    order, one, task = in_the_hand({mug: 1, lamp: 1}, lead)

    cancel(order, {order.lines.get(sku=lamp).pk: 1}, by=lead)
    one.refresh_from_db()
    assert one.state == "in_progress"

    picking.scan_tote(task, "T-1", by=lead)
    one.refresh_from_db()
    assert one.state == "picked"


def test_too_late_lets_the_units_go(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 1})
    picked(one, by=lead)
    done = cancel(order, by=lead)

    interception.too_late(done.intercepts[0], by=lead)

    assert packing.start(one.number, by=lead).state == "draft"
    assert books.counters(order) == [{"allocated": 1, "picked": 1}]


def test_what_was_handed_over_is_refused_with_the_way_out(berlin, mug, lead):
    put(mug, berlin, 5)
    order, [one] = routed({mug: 2})
    shipped(one, by=lead)

    with pytest.raises(CannotCancel, match="has been handed over: open a return instead"):
        cancel(order, by=lead)
    with pytest.raises(CannotCancel, match="2 were handed over already: open a return"):
        cancel(order, {order.lines.get().pk: 1}, by=lead)


def test_the_rest_of_a_partly_shipped_order_is_cancelled(berlin, mug, lead):
    put(mug, berlin, 1)
    order, [one] = routed({mug: 3})
    shipped(one, by=lead)

    cancel(order, by=lead)

    assert (order.state, books.counters(order)) == ("confirmed", [{"cancelled": 2, "shipped": 1}])
    assert books.breaches() == {}


def test_more_than_is_open_is_refused(mug, lead):
    order = confirmed_order({mug: 2})

    with pytest.raises(CannotCancel, match="MUG: 3 to cancel, 2 are still here"):
        cancel(order, {order.lines.get().pk: 3}, by=lead)


def test_the_preview_tells_what_would_happen_to_which_units(berlin, mug, lead):
    put(mug, berlin, 2)
    order, [one] = routed({mug: 3})
    picked(one, by=lead)

    steps = cancellation.preview(order)

    assert [(step.stage, step.units, step.told) for step in steps] == [
        ("waiting", 1, "leaves the queue at once"),
        ("picked", 2, "someone puts it back"),
    ]
    assert books.counters(order) == [{"allocated": 2, "backordered": 1, "picked": 2}]
