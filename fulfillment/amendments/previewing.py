"""What a change would do, computed and not done: money before and after, stock, work on the floor, and the promise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from fulfillment import cancellation
from fulfillment.amendments import actions, figures, kits
from fulfillment.amendments.actions import Action, Kind
from fulfillment.amendments.figures import Figures, LineFigures
from inventory import availability
from inventory.models import Sku
from oms.common import addresses
from oms.common.money import Money
from orders.models import Order, OrderLine
from orders.statuses import Method


@dataclass(frozen=True)
class Row:
    """A line before and after. `stock` says in words what happens to its units."""

    sku_code: str
    name: str
    before: LineFigures | None
    after: LineFigures
    stock: str = ""

    @property
    def fewer(self) -> int:
        return max(self.before.kept - self.after.kept, 0) if self.before else 0

    @property
    def rewritten(self) -> bool:
        """Units that are taken off were never paid and leave the line; else they stay on it as cancelled."""
        return self.fewer > 0 and self.after.total != self.before.total


@dataclass(frozen=True)
class Preview:
    order: Order
    rows: tuple[Row, ...]
    before: Figures
    after: Figures
    promise_before: datetime | None
    promise_after: datetime | None
    warnings: tuple[str, ...] = ()
    told: tuple[str, ...] = field(default=())  # what else changes: address, method, contact

    @property
    def total_before(self) -> Money:
        return Money(self.before.due, self.before.currency)

    @property
    def total_after(self) -> Money:
        return Money(self.after.due, self.after.currency)

    @property
    def difference(self) -> Money:
        """More to pay (+) or to give back (−) than before."""
        return self.total_after - self.total_before

    @property
    def balance_due(self) -> Money:
        """What the customer owes after it; negative when we do."""
        return self.total_after - Money(self.order.paid_total - self.order.refunded_total, self.after.currency)

    def as_dict(self) -> dict:
        """What is kept with the change: the figures its author saw."""
        return {
            "before": str(self.before.due),
            "after": str(self.after.due),
            "difference": str(self.difference.amount),
            "balance_due": str(self.balance_due.amount),
            "currency": self.after.currency,
            "lines": [
                {
                    "sku": row.sku_code,
                    "before": row.before.kept if row.before else 0,
                    "after": row.after.kept,
                    "total": str(row.after.total),
                    "stock": row.stock,
                }
                for row in self.rows
            ],
            "told": list(self.told),
            "warnings": list(self.warnings),
            "promise_before": self.promise_before.isoformat() if self.promise_before else None,
            "promise_after": self.promise_after.isoformat() if self.promise_after else None,
        }


def preview(order: Order, wishes: Sequence[Action]) -> Preview:
    """Raises Invalid or CannotAmend for the first wish that can't be granted."""
    actions.check(order, wishes)
    lines = list(order.lines.order_by("position"))
    before = figures_of(order, lines)
    after, shipping = list(before.lines), before.shipping
    rows: list[Row] = []
    promises: list[datetime | None] = []
    for wish in wishes:
        if wish.kind == Kind.SET_SHIPPING:
            shipping = actions.amount(wish, "amount", order.currency) or Decimal(0)
        after = _with(order, after, wish, Figures(order.currency, tuple(after), shipping).due)
    if not any(line.kept for line in after):
        raise actions.CannotAmend("That leaves nothing of the order: cancel it instead.")
    for number, changed in enumerate(after):
        old = before.lines[number] if number < len(before.lines) else None
        line = lines[number] if old else None
        if changed != old:
            stock, expected = _stock(order, line, old, changed)
            rows.append(Row(changed.sku_code, line.name if line else _name(changed), old, changed, stock))
            promises.append(expected)
    promise = max([when for when in (*promises, order.promised_ship_by) if when], default=None)
    return Preview(
        order=order,
        rows=tuple(rows),
        before=before,
        after=Figures(order.currency, tuple(after), shipping),
        promise_before=order.promised_ship_by,
        promise_after=promise,
        warnings=tuple(_warnings(order, wishes)),
        told=tuple(told for wish in wishes if (told := tell(order, wish))),
    )


def figures_of(order: Order, lines: Sequence[OrderLine]) -> Figures:
    return Figures(order.currency, tuple(line_figures(line) for line in lines), order.shipping_total)


def line_figures(line: OrderLine) -> LineFigures:
    return LineFigures(line.pk, line.sku_code, line.ordered, line.cancelled, line.unit_price, line.discount, line.tax)


def changed_line(order: Order, line: LineFigures, wish: Action, *, due: Decimal = Decimal(0)) -> LineFigures:
    """`due` is what the customer pays for the order as it would be without this wish."""
    if wish.kind == Kind.SET_QUANTITY:
        kept = actions.units(wish)
        unpaid = due - order.paid_total + order.refunded_total
        rewrite = order.paid_total == 0 or figures.worth(line, line.kept - kept, order.currency) <= unpaid
        return figures.with_units(line, kept, rewrite=rewrite, currency=order.currency)
    return figures.with_price(
        line,
        unit_price=actions.amount(wish, "unit_price", order.currency),
        discount=actions.amount(wish, "discount", order.currency),
        tax=actions.amount(wish, "tax", order.currency),
        currency=order.currency,
    )


def new_lines(order: Order, others: Sequence[LineFigures], wish: Action) -> list[LineFigures]:
    """One, or one for each part of a kit."""
    sku, price = actions.sku(wish), price_of(order, wish)
    units = actions.units(wish, least=1)
    tax = actions.amount(wish, "tax", order.currency)
    tax = figures.tax_of(price * units, others, order.currency) if tax is None else tax
    whole = LineFigures(None, sku.code, units, 0, price, Decimal(0), tax)
    return kits.parts(order, sku, whole) if sku.is_kit else [whole]


def price_of(order: Order, wish: Action) -> Decimal:
    """Of what is added: what was said, or our own."""
    price = actions.amount(wish, "unit_price", order.currency)
    return actions.sku(wish).price if price is None else price


def tell(order: Order, wish: Action) -> str:
    """A wish that is no line and no sum, in words."""
    if wish.kind in (Kind.SET_KIT, Kind.ADD_LINE):
        return kits.tell(order, wish)
    if wish.kind == Kind.SET_ADDRESS:
        return f"Ship to {actions.address(wish)}"
    if wish.kind == Kind.SET_METHOD:
        store = actions.pickup_location(wish)
        return f"To be collected at {store}" if store else "To be shipped"
    if wish.kind == Kind.SET_CONTACT:
        given = (str(wish.payload.get(name) or "") for name in ("name", "email", "phone"))
        return f"Contact: {', '.join(value for value in given if value)}"
    return ""


def _with(order: Order, lines: list[LineFigures], wish: Action, due: Decimal) -> list[LineFigures]:
    if wish.kind == Kind.ADD_LINE:
        return [*lines, *new_lines(order, lines, wish)]
    if wish.kind == Kind.SET_KIT:
        return kits.changed(order, lines, wish, due=due)
    if wish.kind in (Kind.SET_QUANTITY, Kind.SET_PRICE):
        return [changed_line(order, line, wish, due=due) if line.line_id == wish.line_id else line for line in lines]
    return lines


def _stock(
    order: Order, line: OrderLine | None, old: LineFigures | None, changed: LineFigures
) -> tuple[str, datetime | None]:
    """What becomes of the units, and by when more of them are there if they are not there now."""
    more = changed.kept - (old.kept if old else 0)
    if more < 0:
        steps = cancellation.preview(order, quantities={line.pk: -more})
        return "; ".join(f"{step.units} {step.told}" for step in steps), None
    sku = Sku.objects.filter(code=changed.sku_code).first()
    if more == 0 or sku is None:
        return "", None
    if sku.digital or order.method == Method.DIGITAL:
        return "delivered by mail", None
    places = [order.pickup_location_id] if order.method == Method.PICKUP else None
    there = sum(availability.atp([sku.pk], places).values())
    if there >= more:
        return f"{more} more can be promised now", None
    supplies = [s for s in availability.incoming([sku.pk]) if places is None or s.location_id in places]
    waits = f"{there} of {more} can be promised now, {more - there} will wait"
    if not supplies:
        return f"{waits}; nothing is on order", None
    return f"{waits} for {supplies[0].reference}", supplies[0].expected_at


def _warnings(order: Order, wishes: Sequence[Action]) -> list[str]:
    told = []
    for wish in wishes:
        if wish.kind == Kind.SET_ADDRESS:
            told += [problem.message for problem in addresses.check(actions.address(wish)) if problem.is_warning]
            if order.shipments.filter(state="labelled").exists():
                told.append("The label is taken back: the parcel needs a new one.")
    return told


def _name(line: LineFigures) -> str:
    found = Sku.objects.filter(code=line.sku_code).first()
    return found.name if found else line.sku_code
