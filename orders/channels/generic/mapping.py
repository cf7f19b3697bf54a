"""Our own order JSON (as in `POST /api/v1/orders`) to an ExternalOrder. Pure; collects all problems, then refuses."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime

from oms.common.addresses import PostalAddress
from oms.common.money import exponent
from orders.channels.base import BadPayload, ExternalLine, ExternalOrder, ExternalPayment
from orders.statuses import Method

ADDRESS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
MOST_LINES, MOST_UNITS = 500, 100_000
MOST_MONEY = Decimal(10) ** 9
YEARS = range(2000, 2100)


class Reader:
    """Reads fields of one payload and remembers what was wrong with each."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def wrong(self, field: str, text: str) -> None:
        self.problems.setdefault(field, text)

    def text(self, data: Mapping[str, Any], name: str, *, field: str = "", most: int = 200, need: bool = False) -> str:
        value = data.get(name)
        value = "" if value is None else value
        if not isinstance(value, str | int) or isinstance(value, bool):
            self.wrong(field or name, "Must be text.")
            return ""
        value = str(value).replace("\x00", "").encode(errors="replace").decode().strip()
        if need and not value:
            self.wrong(field or name, "Is missing.")
        if len(value) > most:
            self.wrong(field or name, f"At most {most} characters.")
        return value[:most]

    def money(
        self, data: Mapping[str, Any], name: str, currency: str, *, field: str = "", need: bool = False
    ) -> Decimal:
        value = data.get(name)
        if value is None or value == "":
            if need:
                self.wrong(field or name, "Is missing.")
            return Decimal(0)
        try:
            amount = Decimal(str(value)) if not isinstance(value, bool | float) else Decimal(repr(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < MOST_MONEY:
            self.wrong(field or name, 'Must be an amount such as "4.90", not below zero.')
            return Decimal(0)
        if amount != round(amount, exponent(currency)):
            self.wrong(field or name, f"{currency} has {exponent(currency)} decimals.")
        return amount

    def moment(self, data: Mapping[str, Any], name: str) -> datetime | None:
        try:
            value = parse_datetime(str(data.get(name) or ""))
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            self.wrong(name, "Must be a time with its zone, such as 2026-11-24T09:30:00Z.")
            return None
        if value.year not in YEARS:
            self.wrong(name, f"Must lie between {YEARS[0]} and {YEARS[-1]}.")
            return None
        return value

    def mapping(self, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = data.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.wrong(name, "Must be an object.")
        return value if isinstance(value, Mapping) else {}


def read(data: Any) -> ExternalOrder:
    """Raises BadPayload with a sentence for every field that is missing or wrong."""
    if not isinstance(data, Mapping):
        raise BadPayload({"body": "Must be a JSON object."})
    reader = Reader()
    currency = _currency(reader, data)
    customer = reader.mapping(data, "customer")
    placed_at = reader.moment(data, "placed_at")
    method = reader.text(data, "method") or Method.SHIP
    if method not in Method.values:
        reader.wrong("method", f"One of {', '.join(Method.values)}.")
    external = ExternalOrder(
        external_id=reader.text(data, "external_id", most=120, need=True),
        placed_at=placed_at or datetime.min,
        currency=currency,
        lines=_lines(reader, data, currency),
        customer_name=reader.text(customer, "name", field="customer.name", most=160),
        email=_email(reader, customer),
        phone=reader.text(customer, "phone", field="customer.phone", most=40),
        shipping_address=_address(reader, data, "shipping_address"),
        billing_address=_address(reader, data, "billing_address"),
        method=method,
        pickup_location=reader.text(data, "pickup_location", most=40),
        service_level=reader.text(data, "service_level", most=20),
        shipping=reader.money(data, "shipping", currency),
        promo_codes=_promo_codes(reader, data),
        payment=_payment(reader, data, currency),
        total=reader.money(data, "total", currency) if data.get("total") not in (None, "") else None,
        note=reader.text(data, "note", most=4000),
        version=reader.text(data, "version", most=60),
    )
    if _worth(external) >= MOST_MONEY:
        reader.wrong("lines", "Come to more than an order can.")
    if reader.problems:
        raise BadPayload(reader.problems)
    return external


def _worth(external: ExternalOrder) -> Decimal:
    return sum((line.unit_price * line.quantity + line.tax for line in external.lines), external.shipping)


def _currency(reader: Reader, data: Mapping[str, Any]) -> str:
    currency = reader.text(data, "currency", need=True).upper()
    if currency and (len(currency) != 3 or not currency.isalpha() or not currency.isascii()):
        reader.wrong("currency", "Three letters, such as EUR.")
        return "EUR"
    return currency or "EUR"


def _email(reader: Reader, customer: Mapping[str, Any]) -> str:
    email = reader.text(customer, "email", field="customer.email", most=254)
    if email and ("@" not in email.strip("@") or any(c.isspace() for c in email)):
        reader.wrong("customer.email", "Is not an e-mail address.")
    return email


def _lines(reader: Reader, data: Mapping[str, Any], currency: str) -> list[ExternalLine]:
    rows = data.get("lines")
    if not isinstance(rows, list) or not rows:
        reader.wrong("lines", "At least one line.")
        return []
    if len(rows) > MOST_LINES:
        reader.wrong("lines", f"At most {MOST_LINES} lines.")
    return [_line(reader, row, f"lines.{n}", currency) for n, row in enumerate(rows[:MOST_LINES])]


def _line(reader: Reader, row: Any, at: str, currency: str) -> ExternalLine:
    if not isinstance(row, Mapping):
        reader.wrong(at, "Must be an object.")
        row = {"sku": "?", "quantity": 1, "unit_price": 0}
    quantity = row.get("quantity")
    if isinstance(quantity, str) and quantity.strip().isdecimal() and len(quantity) < 12:
        quantity = int(quantity)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= MOST_UNITS:
        reader.wrong(f"{at}.quantity", f"A whole number from 1 to {MOST_UNITS:,}.")
        quantity = 1
    line = ExternalLine(
        sku=reader.text(row, "sku", field=f"{at}.sku", most=80, need=True),
        quantity=quantity,
        unit_price=reader.money(row, "unit_price", currency, field=f"{at}.unit_price", need=True),
        discount=reader.money(row, "discount", currency, field=f"{at}.discount"),
        tax=reader.money(row, "tax", currency, field=f"{at}.tax"),
        name=reader.text(row, "name", field=f"{at}.name"),
        external_line_id=reader.text(row, "id", field=f"{at}.id", most=120),
    )
    if line.discount > line.unit_price * quantity:
        reader.wrong(f"{at}.discount", "Is more than the line is worth.")
    if line.unit_price * quantity >= MOST_MONEY:
        reader.wrong(f"{at}.unit_price", "Makes the line too large.")
    return line


def _address(reader: Reader, data: Mapping[str, Any], name: str) -> PostalAddress | None:
    given = reader.mapping(data, name)
    if not given:
        return None
    limits = {"country": 2, "postal_code": 20, "phone": 40}
    facts = {
        part: reader.text(given, part, field=f"{name}.{part}", most=limits.get(part, 120), need=part == "country")
        for part in ADDRESS
    }
    facts["country"] = facts["country"].upper()
    return PostalAddress(**facts)


def _promo_codes(reader: Reader, data: Mapping[str, Any]) -> tuple[str, ...]:
    codes = data.get("promo_codes") or []
    if not isinstance(codes, list) or not all(isinstance(code, str) and 0 < len(code) <= 40 for code in codes):
        reader.wrong("promo_codes", "A list of codes.")
        return ()
    return tuple(dict.fromkeys(code.strip().upper() for code in codes))


def _payment(reader: Reader, data: Mapping[str, Any], currency: str) -> ExternalPayment:
    given = reader.mapping(data, "payment")
    state = reader.text(given, "state", field="payment.state") or "unpaid"
    if state not in ("unpaid", "authorised", "paid"):
        reader.wrong("payment.state", "One of unpaid, authorised, paid.")
    amount = reader.money(given, "amount", currency, field="payment.amount", need=state != "unpaid")
    return ExternalPayment(
        state=state,
        amount=amount,
        reference=reader.text(given, "reference", field="payment.reference", most=120),
        tender=reader.text(given, "tender", field="payment.tender", most=40),
    )
