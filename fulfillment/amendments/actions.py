"""One wish of a change set as plain data, and everything that can be wrong with it before anything is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from inventory.models import Location, Sku
from oms.common import addresses, money
from oms.common.errors import Invalid, Refused
from orders.models import Order, OrderChangeAction, OrderKit, OrderLine
from orders.statuses import OPEN_STATES, Method

Kind = OrderChangeAction.Kind


class CannotAmend(Refused):
    """The order can't be changed like this any more."""

    code = "cannot_amend"


@dataclass(frozen=True)
class Action:
    """Payload by kind. set_quantity: quantity, the units the customer keeps, 0 cancels the line. set_shipping: amount.
    set_kit: kit (its position), quantity, the kits that are kept. add_line: sku, quantity, unit_price?, tax?.
    set_price: unit_price?, discount?, tax?. set_address: name, line1 …
    set_contact: email?, phone?, name?. set_method: method, pickup_location? (a location's code).
    """

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    line_id: int | None = None

    @classmethod
    def of(cls, row: OrderChangeAction) -> "Action":
        return cls(row.kind, row.payload, row.line_id)


def check(order: Order, actions: Sequence[Action]) -> None:
    """Raises Invalid for what can't be read, CannotAmend for what the order does not allow."""
    if order.state not in OPEN_STATES:
        raise CannotAmend(f"{order} is {order.get_state_display().lower()} and can't be changed.")
    if not actions:
        raise Invalid("Nothing to change yet.", field="actions")
    lines = {line.pk: line for line in order.lines.all()}
    for action in actions:
        CHECKS[action.kind](order, lines.get(action.line_id), action)


def amount(action: Action, name: str, currency: str) -> Decimal | None:
    """A sum of the payload in the currency's own precision, or None when it is not given."""
    raw = action.payload.get(name)
    if raw in (None, ""):
        return None
    try:
        value = Decimal(str(raw).replace(",", "."))
    except InvalidOperation:
        raise Invalid(f"“{raw}” is not an amount.", field=name) from None
    if not value.is_finite() or value < 0 or value != money.quantize(value, currency):
        raise Invalid(f"“{raw}” is not an amount in {currency}.", field=name)
    return value


def units(action: Action, *, least: int = 0) -> int:
    try:
        value = int(action.payload["quantity"])
    except (KeyError, TypeError, ValueError):
        raise Invalid("Enter a whole number of units.", field="quantity") from None
    if not least <= value <= 1_000_000:
        raise Invalid(f"Enter {least} or more units.", field="quantity")
    return value


def sku(action: Action) -> Sku:
    code = str(action.payload.get("sku", "")).strip()
    found = Sku.objects.filter(code__iexact=code, active=True).first()
    if found is None:
        raise Invalid(f"“{code}” is not a SKU of ours.", field="sku")
    return found


def address(action: Action) -> addresses.PostalAddress:
    return addresses.normalise(addresses.from_dict(dict(action.payload)))


def pickup_location(action: Action) -> Location | None:
    code = str(action.payload.get("pickup_location") or "").strip()
    return Location.objects.filter(code__iexact=code, collects=True, active=True).first() if code else None


def kit_of(order: Order, action: Action) -> OrderKit:
    position = action.payload.get("kit")
    kit = order.kits.filter(position=position).first() if isinstance(position, int) else None
    if kit is None:
        raise Invalid("That kit belongs to another order.", field="kit")
    return kit


def _check_quantity(order: Order, line: OrderLine | None, action: Action) -> None:
    line = _line(line)
    wanted = units(action)
    gone = line.shipped
    if wanted < gone:
        raise CannotAmend(
            f"{line.sku_code}: {gone} were handed over already and can't be taken off. They can come back as a return."
        )
    if wanted > line.ordered - line.cancelled:
        _refuse_unknown(line)


def _check_new_line(order: Order, line: OrderLine | None, action: Action) -> None:
    found = sku(action)
    units(action, least=1)
    price = amount(action, "unit_price", order.currency)
    amount(action, "tax", order.currency)
    if price is None and found.currency != order.currency:
        raise Invalid(f"{found} has no price in {order.currency}: enter one.", field="unit_price")


def _check_price(order: Order, line: OrderLine | None, action: Action) -> None:
    line = _line(line)
    if line.shipped:
        raise CannotAmend(f"{line.sku_code} has been invoiced in part. Give a refund instead of a new price.")
    price = amount(action, "unit_price", order.currency)
    price = line.unit_price if price is None else price
    discount = amount(action, "discount", order.currency)
    discount = line.discount if discount is None else discount
    if discount > price * line.ordered:
        raise Invalid("The discount is more than the goods cost.", field="discount")
    amount(action, "tax", order.currency)


def _check_address(order: Order, line: OrderLine | None, action: Action) -> None:
    problems = [p for p in addresses.check(address(action)) if not p.is_warning]
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field)


def _check_contact(order: Order, line: OrderLine | None, action: Action) -> None:
    email = str(action.payload.get("email") or "").strip()
    try:
        validate_email(email or "nobody@example.org")
    except ValidationError:
        raise Invalid(f"“{email}” is not an e-mail address.", field="email") from None


def _check_method(order: Order, line: OrderLine | None, action: Action) -> None:
    method = action.payload.get("method")
    if method not in (Method.SHIP, Method.PICKUP):
        raise Invalid("Choose shipping or store pickup.", field="method")
    if method == Method.PICKUP and pickup_location(action) is None:
        raise Invalid("Choose the store where it is collected.", field="pickup_location")
    if method == Method.SHIP and order.shipping_address_id is None:
        raise Invalid("Add an address to ship to first.", field="method")


def _check_shipping(order: Order, line: OrderLine | None, action: Action) -> None:
    if amount(action, "amount", order.currency) is None:
        raise Invalid("Enter the shipping charge.", field="amount")


def _line(line: OrderLine | None) -> OrderLine:
    if line is None:
        raise Invalid("That line belongs to another order.", field="line")
    return line


def _refuse_unknown(line: OrderLine) -> None:
    if line.sku_id is None:
        raise CannotAmend(f"{line.sku_code} is not a SKU of ours: settle that first.")


def _check_kit(order: Order, line: OrderLine | None, action: Action) -> None:
    kit, wanted = kit_of(order, action), units(action)
    gone = max((-(-one.shipped // one.per_kit) for one in kit.lines.all()), default=0)
    if wanted < gone:
        raise CannotAmend(f"Kit {kit.sku_code}: {gone} left already, at least in part. They can come back as a return.")


CHECKS = {
    Kind.SET_KIT: _check_kit,
    Kind.SET_QUANTITY: _check_quantity,
    Kind.ADD_LINE: _check_new_line,
    Kind.SET_PRICE: _check_price,
    Kind.SET_ADDRESS: _check_address,
    Kind.SET_METHOD: _check_method,
    Kind.SET_CONTACT: _check_contact,
    Kind.SET_SHIPPING: _check_shipping,
}
