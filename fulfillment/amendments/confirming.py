"""A change set becomes true, whole or not at all."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from fulfillment import cancellation, sourcing, unpacking
from fulfillment.amendments import actions, changes, kits, previewing
from fulfillment.amendments.actions import Action, CannotAmend, Kind
from fulfillment.amendments.figures import LineFigures
from fulfillment.amendments.previewing import Preview, Row
from fulfillment.models import Backorder, FulfillmentOrder, FulfillmentOrderLine, Shipment
from fulfillment.signals import want_sourcing
from fulfillment.statuses import BackorderState, ShipmentState
from inventory.models import Sku
from inventory.stock import ledger
from oms.common import addresses
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import holds, progress, searching, signals, timeline
from orders.models import Order, OrderChange, OrderKit, OrderLine
from orders.statuses import ChangeState, HoldType, Method, OrderState

CHANGED = "order changed"


class Conflict(Refused):
    """The order has changed since this change was begun. Look at it again."""

    code = "conflict"


@retrying
@transaction.atomic
def confirm(change: OrderChange, *, by: Any) -> Order:
    """Do what the change set wishes. Raises Conflict when the order is another than its author saw. Quiet when done.

    Units taken off are cancelled in order of how easily that is undone; more units, another method or a far address are
    sourced again; more to pay than was paid holds the order until it is.
    """
    order = lock(Order.objects.filter(changes=change.pk))[0]
    change = lock(OrderChange.objects.filter(pk=change.pk))[0]
    if change.state == ChangeState.CONFIRMED:
        return order
    if change.state != ChangeState.EDITING:
        raise CannotAmend("This change was abandoned.")
    if order.version != change.base_version:
        raise Conflict
    order, seen = _apply(order, changes.wishes(change), by=by)
    change.preview = seen.as_dict()
    changes.end(change, ChangeState.CONFIRMED)
    return order


@retrying
@transaction.atomic
def amend(order: Order, wishes: Sequence[Action], *, by: Any) -> Order:
    """Preview and confirm in one step, over the order as it is now."""
    return _apply(lock(Order.objects.filter(pk=order.pk))[0], wishes, by=by)[0]


def _apply(order: Order, wishes: Sequence[Action], *, by: Any) -> tuple[Order, Preview]:
    seen = previewing.preview(order, wishes)
    if any(wish.kind in MOVING for wish in wishes):
        _lock_levels(order)
    order = _take_off(order, seen, by=by)
    before = _picture(order)
    _write_lines(order, wishes)
    for wish in wishes:
        if wish.kind in OTHERS:
            OTHERS[wish.kind](order, wish, by)
    kits.recount(order)
    retotal(order)
    order.version += 1
    searching.refresh(order)
    order.save()
    progress.recompute(order)
    crash_point("amendment.applied")
    after = _picture(order)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    timeline.record(
        order,
        "order.amended",
        by=by,
        customer_visible=True,
        before={name: before.get(name, "") for name in changed},
        after={name: after.get(name, "") for name in changed},
        lines=seen.as_dict()["lines"],
        told=list(seen.told),
        difference=str(seen.difference),
    )
    _ask_for_money(order, seen, by=by)
    if order.state == OrderState.CONFIRMED:
        want_sourcing(order.pk, CHANGED)
    signals.tell_changed(order.pk)
    return order, seen


def _lock_levels(order: Order) -> None:
    """Of all its work together: units go here and whole work there, and stock has one lock order."""
    lines = FulfillmentOrderLine.objects.filter(
        fulfillment_order__in=FulfillmentOrder.objects.live().filter(order=order)
    )
    places = lines.filter(fulfillment_order__location__isnull=False).values_list("sku", "fulfillment_order__location")
    ledger.lock_levels(places)


def _picture(order: Order) -> dict[str, str]:
    """What a person would name of the order; the timeline keeps what differs."""
    address = order.shipping_address
    units: Counter[str] = Counter()
    for line in order.lines.order_by("position"):
        units[line.sku_code] += line.ordered - line.cancelled
    return {sku: str(many) for sku, many in units.items()} | {
        "shipping": str(order.money(order.shipping_total).quantize().amount),
        "total": str(order.money(order.total).quantize().amount),
        "method": str(order.get_method_display()),
        "ship to": ", ".join(address.as_dataclass().lines()) if address else "",
        "contact": ", ".join(filter(None, (order.customer_name, order.email, order.phone))),
    }


def retotal(order: Order) -> None:
    """The order's sums from its lines; the caller saves."""
    lines = list(order.lines.all())
    order.goods_total = sum((line.unit_price * line.ordered for line in lines), Decimal(0))
    order.discount_total = sum((line.discount for line in lines), Decimal(0))
    order.tax_total = sum((line.tax for line in lines), Decimal(0))
    order.total = order.goods_total - order.discount_total + order.tax_total + order.shipping_total


def _take_off(order: Order, seen: Preview, *, by: Any) -> Order:
    """Units that the customer no longer wants. Gives the order as it is then."""
    fewer = {row.after.line_id: row.fewer for row in seen.rows if row.fewer}
    if not fewer:
        return order
    done = cancellation.cancel(order, quantities=fewer, reason=CHANGED, by=by)
    _rewrite([row for row in seen.rows if row.rewritten], done.units)
    return lock(Order.objects.filter(pk=order.pk))[0]


def _rewrite(rows: Sequence[Row], cancelled: dict[int, int]) -> None:
    """Unpaid units that were cancelled at once leave their lines. What somebody still puts back stays on them."""
    wanted = {row.after.line_id: row for row in rows if cancelled.get(row.after.line_id, 0) == row.fewer}
    for line in lock(OrderLine.objects.filter(pk__in=wanted)):
        row = wanted[line.pk]
        if line.ordered > row.fewer:
            line.ordered -= row.fewer
            line.cancelled -= row.fewer
        _set_money(line, row.after)


def _write_lines(order: Order, wishes: Sequence[Action]) -> None:
    lines = {line.pk: line for line in lock(OrderLine.objects.filter(order=order))}
    for wish in wishes:
        if wish.kind == Kind.ADD_LINE:
            lines |= {line.pk: line for line in _add(order, list(lines.values()), wish)}
        elif wish.kind == Kind.SET_KIT:
            as_it_is = [previewing.line_figures(line) for line in lines.values()]
            for money in kits.changed(order, as_it_is, wish, due=Decimal(0)):
                _extend(lines[money.line_id], money)
        elif wish.kind in (Kind.SET_QUANTITY, Kind.SET_PRICE):
            line = lines[wish.line_id]
            changed = previewing.changed_line(order, previewing.line_figures(line), wish)
            if changed.kept >= line.ordered - line.cancelled:
                line.ordered = changed.ordered
                _set_money(line, changed)


def _extend(line: OrderLine, money: LineFigures) -> None:
    """More units; fewer were taken off before."""
    if money.kept > line.ordered - line.cancelled:
        line.ordered = money.ordered
        _set_money(line, money)


def _add(order: Order, lines: list[OrderLine], wish: Action) -> list[OrderLine]:
    sku, kit = actions.sku(wish), None
    parts = {sku.code: (sku, None)}
    if sku.is_kit:
        kit, parts = kits.open_one(order, sku, actions.units(wish), previewing.price_of(order, wish))
    last = max((line.position for line in lines), default=0)
    found = previewing.new_lines(order, [previewing.line_figures(line) for line in lines], wish)
    return [_new_line(order, last + n, money, *parts[money.sku_code], kit) for n, money in enumerate(found, start=1)]


def _new_line(
    order: Order, position: int, money: LineFigures, sku: Sku, per_kit: int | None, kit: OrderKit | None
) -> OrderLine:
    line = OrderLine(
        order=order,
        position=position,
        sku=sku,
        sku_code=sku.code,
        name=sku.name,
        digital=sku.digital,
        ordered=money.ordered,
        kit=kit,
        per_kit=per_kit,
    )
    _set_money(line, money)
    return line


def _set_money(line: OrderLine, money: LineFigures) -> None:
    line.unit_price, line.discount, line.tax = money.unit_price, money.discount, money.tax
    line.total = line.unit_price * line.ordered - line.discount + line.tax
    line.save()


def _set_address(order: Order, wish: Action, by: Any) -> None:
    """A new row; labels printed with the old one are taken back, work that nobody has begun is thought over again."""
    new = actions.address(wish)
    old = order.shipping_address.as_dataclass() if order.shipping_address else None
    if order.shipped_at and not any(line.open for line in order.lines.all()):
        raise CannotAmend("All of it has left already. Ask the carrier to redirect the parcel.")
    order.shipping_address = addresses.save(new)
    for shipment in lock(
        Shipment.objects.filter(order=order, state__in=(ShipmentState.SEALED, ShipmentState.LABELLED))
    ):
        unpacking.unlabel(order, shipment, reason="another address", by=by)
    if old is None or (old.country, old.postal_code[:1]) != (new.country, new.postal_code[:1]):
        _think_again(order, by=by)


def _set_method(order: Order, wish: Action, by: Any) -> None:
    store = actions.pickup_location(wish)
    for mine in FulfillmentOrder.objects.live().filter(order=order).order_by("pk"):
        if mine.state not in sourcing.MOVABLE:
            raise CannotAmend(f"{mine} is {mine.get_state_display().lower()}: it is too late for another method.")
        sourcing.take_back(mine, reason=CHANGED, by=by)
    order.method = Method(wish.payload["method"])
    order.pickup_location = store
    Backorder.objects.filter(order_line__order=order, state=BackorderState.WAITING).update(location=store)


def _set_contact(order: Order, wish: Action, by: Any) -> None:
    given = {name: str(wish.payload.get(name) or "").strip() for name in ("name", "email", "phone")}
    order.customer_name = given["name"] or order.customer_name
    order.email = given["email"] or order.email
    order.phone = given["phone"] or order.phone


def _set_shipping(order: Order, wish: Action, by: Any) -> None:
    order.shipping_total = actions.amount(wish, "amount", order.currency)


def _think_again(order: Order, *, by: Any) -> None:
    """Work that nobody has begun or pinned goes back to routing."""
    for mine in FulfillmentOrder.objects.live().filter(order=order, pinned_by=None).order_by("pk"):
        if mine.state in sourcing.MOVABLE and not mine.lines.filter(picked__gt=0).exists():
            sourcing.take_back(mine, reason=CHANGED, by=by)


def _ask_for_money(order: Order, seen: Preview, *, by: Any) -> None:
    """More to pay than was agreed holds the order, unless nothing was paid beforehand; nothing more to pay frees it."""
    if seen.balance_due.amount <= 0:
        for hold in order.holds.filter(type=HoldType.PAYMENT, state="active"):
            holds.resolve(hold, note="Nothing more to pay after a change", by=by)
    if seen.difference.amount > 0 and seen.balance_due.amount > 0 and order.paid_total > 0:
        holds.place(
            order,
            type=HoldType.PAYMENT,
            reason=f"{seen.balance_due} more to pay after a change",
            by=by,
        )


MOVING = (Kind.SET_ADDRESS, Kind.SET_METHOD)
OTHERS = {
    Kind.SET_ADDRESS: _set_address,
    Kind.SET_METHOD: _set_method,
    Kind.SET_CONTACT: _set_contact,
    Kind.SET_SHIPPING: _set_shipping,
}
