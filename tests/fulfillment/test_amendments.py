from decimal import Decimal as D

import pytest

from fulfillment import amendments
from fulfillment.amendments import Action, Conflict, Kind
from fulfillment.amendments.actions import CannotAmend
from oms.common.errors import Invalid
from orders import payments
from orders.models import Order, OrderChange
from tests.factories.fulfillment import confirmed_order, packed, picked, routed
from tests.factories.inventory import put
from tests.fulfillment import books

LEIPZIG = {
    "name": "Ada Winter",
    "line1": "Markt 1",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


def set_units(order: Order, sku, units: int) -> Action:
    return Action(Kind.SET_QUANTITY, {"quantity": units}, order.lines.get(sku=sku).pk)


def amend(order: Order, *wishes: Action, by) -> Order:
    amendments.amend(order, wishes, by=by)
    order.refresh_from_db()
    return order


@pytest.mark.parametrize(
    ("paid", "units", "ordered", "cancelled", "total"),
    [
        (False, 5, 5, 0, "59.50"),
        (False, 1, 1, 0, "11.90"),
        (True, 5, 5, 0, "59.50"),
        (True, 1, 3, 2, "35.70"),
    ],
)
def test_units_of_an_order(
    berlin, mug, lead, django_capture_on_commit_callbacks, paid, units, ordered, cancelled, total
):
    put(mug, berlin, 9)
    order, _ = routed({mug: 3}, tax="1.90", paid=paid)

    with django_capture_on_commit_callbacks(execute=True):
        amend(order, set_units(order, mug, units), by=lead)

    line = order.lines.get()
    assert (line.ordered, line.cancelled, order.total) == (ordered, cancelled, D(total))
    assert books.breaches() == {}


def test_more_units_after_payment_hold_the_order_until_they_are_paid(berlin, mug, lead):
    put(mug, berlin, 9)
    order, _ = routed({mug: 1})

    amend(order, set_units(order, mug, 2), by=lead)

    assert (order.hold_state, order.balance_due.amount) == ("held", D("10.00"))
    assert order.holds.get().reason == "10.00 EUR more to pay after a change"

    payments.record(order, "paid", D("4.00"), reference="P-2", by=lead)
    order.refresh_from_db()
    assert order.hold_state == "held"
    payments.record(order, "paid", D("6.00"), reference="P-3", by=lead)
    order.refresh_from_db()
    assert (order.hold_state, order.payment_state) == ("none", "paid")


def test_a_line_is_added_and_sourced(berlin, mug, lamp, lead, django_capture_on_commit_callbacks):
    put(mug, berlin, 9)
    put(lamp, berlin, 9)
    order, _ = routed({mug: 1}, paid=False)

    with django_capture_on_commit_callbacks(execute=True):
        amend(order, Action(Kind.ADD_LINE, {"sku": "lamp", "quantity": 2, "unit_price": "7.50"}), by=lead)

    assert [(line.sku_code, line.ordered, line.total) for line in order.lines.order_by("position")] == [
        ("MUG", 1, D("10")),
        ("LAMP", 2, D("15.00")),
    ]
    assert (order.total, books.work(order)) == (D("25.00"), [("BER", "open", 3)])
    assert books.breaches() == {}


def test_price_shipping_and_contact_are_changed_together(mug, lead):
    order = confirmed_order({mug: 2}, tax="1.90", paid=False)
    line = order.lines.get().pk

    amend(
        order,
        Action(Kind.SET_PRICE, {"unit_price": "8.00"}, line),
        Action(Kind.SET_SHIPPING, {"amount": "4.90"}),
        Action(Kind.SET_CONTACT, {"email": "new@example.org"}),
        by=lead,
    )

    assert (order.total, order.tax_total, order.email) == (D("23.94"), D("3.04"), "new@example.org")
    event = order.events.get(verb="order.amended")
    assert (event.before, event.after) == (
        {"shipping": "0.00", "total": "23.80", "contact": "Ada Winter, ada@example.org"},
        {"shipping": "4.90", "total": "23.94", "contact": "Ada Winter, new@example.org"},
    )


def test_a_far_address_is_routed_again(berlin, hamburg, mug, lead, django_capture_on_commit_callbacks):
    put(mug, berlin, 9)
    order, [one] = routed({mug: 1})

    with django_capture_on_commit_callbacks(execute=True):
        amend(order, Action(Kind.SET_ADDRESS, LEIPZIG), by=lead)

    one.refresh_from_db()
    assert (order.shipping_address.city, one.state, books.counters(order)) == (
        "Leipzig",
        "cancelled",
        [{"allocated": 1}],
    )
    assert books.breaches() == {}


def test_an_address_nobody_can_reach_is_refused(mug, lead):
    order = confirmed_order({mug: 1})

    with pytest.raises(Invalid, match="is not a postcode of Germany"):
        amend(order, Action(Kind.SET_ADDRESS, LEIPZIG | {"postal_code": "12"}), by=lead)


def test_shipping_becomes_pickup_and_is_sourced_from_the_store(
    berlin, hamburg, mug, lead, django_capture_on_commit_callbacks
):
    hamburg.collects = True
    hamburg.save()
    put(mug, berlin, 9)
    put(mug, hamburg, 9)
    order, _ = routed({mug: 1})

    with django_capture_on_commit_callbacks(execute=True):
        amend(order, Action(Kind.SET_METHOD, {"method": "pickup", "pickup_location": "ham"}), by=lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 1)]
    assert books.breaches() == {}


def test_it_is_too_late_for_another_method_once_picked(berlin, mug, lead):
    berlin.collects = True
    berlin.save()
    put(mug, berlin, 9)
    order, [one] = routed({mug: 1})
    picked(one, by=lead)

    with pytest.raises(CannotAmend, match="it is too late for another method"):
        amend(order, Action(Kind.SET_METHOD, {"method": "pickup", "pickup_location": "BER"}), by=lead)


def test_units_that_are_packed_are_asked_back(berlin, mug, lead):
    put(mug, berlin, 9)
    order, [one] = routed({mug: 3})
    packed(one, by=lead)

    amend(order, set_units(order, mug, 1), by=lead)

    one.refresh_from_db()
    assert (one.state, one.lines.get().intercepts.get().quantity) == ("picked", 2)
    assert books.breaches() == {}


def test_a_change_that_leaves_nothing_is_a_cancellation(mug, lead):
    order = confirmed_order({mug: 1})

    with pytest.raises(CannotAmend, match="cancel it instead"):
        amend(order, set_units(order, mug, 0), by=lead)


def test_the_preview_touches_nothing_and_shows_money_stock_and_promise(berlin, mug, lead):
    put(mug, berlin, 2)
    order, _ = routed({mug: 1}, tax="1.90")

    seen = amendments.preview(order, [set_units(order, mug, 5)])

    [row] = seen.rows
    assert (str(seen.difference), str(seen.balance_due)) == ("47.60 EUR", "47.60 EUR")
    assert row.stock == "1 of 4 can be promised now, 3 will wait; nothing is on order"
    assert (seen.promise_before, seen.promise_after) == (order.promised_ship_by, order.promised_ship_by)
    assert order.lines.get().ordered == 1


def test_a_change_set_is_confirmed_whole_and_once(mug, lead):
    order = confirmed_order({mug: 2}, paid=False)
    change = amendments.begin(order, by=lead)
    amendments.put(change, Kind.SET_QUANTITY, {"quantity": 3}, line=order.lines.get(), by=lead)
    amendments.put(change, Kind.SET_QUANTITY, {"quantity": 4}, line=order.lines.get(), by=lead)

    amendments.confirm(change, by=lead)
    amendments.confirm(change, by=lead)

    change.refresh_from_db()
    assert (order.lines.get().ordered, change.state, change.preview["difference"]) == (4, "confirmed", "20.000")


def test_a_change_over_an_order_that_moved_on_is_refused(mug, lead):
    order = confirmed_order({mug: 2}, paid=False)
    change = amendments.begin(order, by=lead)
    amendments.put(change, Kind.SET_SHIPPING, {"amount": "1.00"}, by=lead)
    amend(order, set_units(order, mug, 1), by=lead)

    with pytest.raises(Conflict):
        amendments.confirm(change, by=lead)

    assert OrderChange.objects.get().state == "editing"


def test_an_abandoned_change_is_not_confirmed(mug, lead):
    order = confirmed_order({mug: 2}, paid=False)
    change = amendments.begin(order, by=lead)
    amendments.abandon(change, by=lead)

    with pytest.raises(CannotAmend, match="abandoned"):
        amendments.confirm(change, by=lead)


def test_an_item_added_to_a_paid_order_and_taken_off_again_leaves_nothing_to_pay(mug, lamp, lead):
    order = confirmed_order({mug: 2})
    amend(order, Action(Kind.ADD_LINE, {"sku": "LAMP", "quantity": 1, "unit_price": "7.50"}), by=lead)
    between = (order.hold_state, order.balance_due.amount)

    amend(order, set_units(order, lamp, 0), by=lead)

    assert between == ("held", D("7.50"))
    assert (order.hold_state, order.balance_due.amount, order.total) == ("none", D("0"), D("20.00"))
    assert books.breaches() == {}


def test_only_what_is_unpaid_is_rewritten(mug, lead):
    order = confirmed_order({mug: 2})
    amend(order, set_units(order, mug, 3), by=lead)

    amend(order, set_units(order, mug, 1), by=lead)

    line = order.lines.get()
    assert (line.ordered, line.cancelled, order.total) == (3, 2, D("30.00"))  # 20.00 paid: 10.00 kept, 10.00 given back
