"""Invoices and credit notes: a number without gaps in its series, bytes that never change."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from oms.common import numbering, pdf
from oms.common.locking import lock
from oms.common.money import quantize, unit_share
from orders import timeline
from orders.models import Document, Order, OrderLine

Kind = Document.Kind


@transaction.atomic
def invoice(order: Order, *, key: str, units: Mapping[int, int], by: Any) -> Document | None:
    """Bill these units (order line id → units) and, with the first invoice, the shipping. One a key: again is the same.

    No units, no paper.

    Each line's net, discount and tax are its exact shares of the units, counted on from what was billed before.
    """
    lock(Order.objects.filter(pk=order.pk))
    order.refresh_from_db(fields=["event_count"])
    known = Document.objects.filter(key=key).first()
    if known or not any(units.values()):
        return known
    before = billed(order)
    lines = order.lines.filter(pk__in=[pk for pk, count in units.items() if count]).select_related("kit")
    rows = [_row(line, before.get(line.pk, 0), units[line.pk], order.currency) for line in lines.order_by("position")]
    shipping = order.shipping_total if not order.documents.filter(kind=Kind.INVOICE).exists() else Decimal(0)
    total = sum((Decimal(row["total"]) for row in rows), Decimal(0)) + shipping
    facts = {"rows": rows, "shipping": str(shipping), "total": str(total), "currency": order.currency}
    return _issue(order, Kind.INVOICE, key, facts, by=by)


@transaction.atomic
def credit_note(
    order: Order, *, key: str, amount: Decimal, breakdown: Sequence[Mapping[str, Any]] | Mapping[str, Any], by: Any
) -> Document:
    """Paper for money that went back. One a key."""
    lock(Order.objects.filter(pk=order.pk))
    order.refresh_from_db(fields=["event_count"])
    known = Document.objects.filter(key=key).first()
    if known:
        return known
    rows = _parts(breakdown) if isinstance(breakdown, Mapping) else list(breakdown)
    facts = {"breakdown": rows, "total": str(quantize(amount, order.currency)), "currency": order.currency}
    return _issue(order, Kind.CREDIT_NOTE, key, facts, by=by)


def _parts(breakdown: Mapping[str, Any]) -> list[dict[str, str]]:
    """Goods, discount, tax, shipping and fee of a refund, where they are something."""
    signs = {"goods": 1, "discount": -1, "tax": 1, "shipping": 1, "fee": -1}
    amounts = {part: Decimal(breakdown.get(part) or 0) * sign for part, sign in signs.items()}
    return [{"label": part.capitalize(), "amount": str(amount)} for part, amount in amounts.items() if amount]


def billed(order: Order) -> dict[int, int]:
    """line id → units on invoices so far."""
    told: dict[int, int] = {}
    for facts in order.documents.filter(kind=Kind.INVOICE).values_list("facts", flat=True):
        for row in facts["rows"]:
            told[int(row["line"])] = told.get(int(row["line"]), 0) + row["units"]
    return told


def _row(line: OrderLine, start: int, units: int, currency: str) -> dict[str, Any]:
    def share(total: Decimal) -> Decimal:
        return unit_share(total, line.ordered, start, units, currency)

    net, discount, tax = line.unit_price * units, share(line.discount), share(line.tax)
    return {
        "line": str(line.pk),
        "sku": line.sku_code,
        "name": line.name,
        "units": units,
        "unit_price": str(line.unit_price),
        "discount": str(discount),
        "tax": str(tax),
        "total": str(net - discount + tax),
    } | ({"kit": f"{line.kit} {line.kit.name}"} if line.kit else {})


def _issue(order: Order, kind: str, key: str, facts: dict[str, Any], *, by: Any) -> Document:
    series = f"{'INV' if kind == Kind.INVOICE else 'CN'}-{timezone.localdate():%Y}"
    number = numbering.next_gapless(series)
    issued_at = timezone.now()
    data = _paper(order, kind, number, facts, issued_at)
    document = Document.objects.create(
        order=order,
        kind=kind,
        series=series,
        number=number,
        key=key,
        pdf=data,
        sha256=hashlib.sha256(data).hexdigest(),
        facts=facts,
        issued_at=issued_at,
    )
    total = str(order.money(Decimal(facts["total"])))
    timeline.record(order, "document.issued", by=by, subject=number, kind=kind, total=total)
    return document


def _paper(order: Order, kind: str, number: str, facts: dict[str, Any], issued_at: Any) -> bytes:
    word = "Invoice" if kind == Kind.INVOICE else "Credit note"
    address = order.billing_address or order.shipping_address
    to = "\n".join(address.as_dataclass().lines()) if address else order.customer_name
    paper = pdf.Document(f"{word} {number}").heading(f"{word} {number}")
    paper.columns(to, f"Order {order.number}\nPlaced {order.placed_at:%d %b %Y}\nIssued {issued_at:%d %b %Y}").space()
    if kind == Kind.INVOICE:
        paper.table(HEADER, _bill(order, facts["rows"]), widths=(1, 3, 5, 2, 2, 2, 2), right=(0, 3, 4, 5, 6))
        paper.text(f"Shipping: {_money(order, facts['shipping'])}", align="right")
    else:
        rows = [[_said(row), _money(order, row.get("amount", row.get("total", 0)))] for row in facts["breakdown"]]
        paper.table(("For", "Amount"), rows, widths=(6, 2), right=(1,))
    return paper.text(f"Total: {_money(order, facts['total'])}", bold=True, align="right").bytes()


def _bill(order: Order, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """A line each; the parts of a kit follow its name."""
    found: list[list[Any]] = []
    kit = ""
    for row in rows:
        if row.get("kit", "") not in ("", kit):
            found.append(["", "", f"Kit {row['kit']}", *[""] * len(AMOUNTS)])
        kit = row.get("kit", "")
        found.append([row["units"], row["sku"], row["name"], *(_money(order, row[name]) for name in AMOUNTS)])
    return found


AMOUNTS = ("unit_price", "discount", "tax", "total")
HEADER = ("Units", "SKU", "Name", "Price", "Discount", "Tax", "Total")


def _money(order: Order, amount: Any) -> str:
    return str(order.money(Decimal(str(amount or 0))))


def _said(row: Mapping[str, Any]) -> str:
    words = [str(row[name]) for name in ("units", "quantity", "sku", "name", "label", "text") if row.get(name)]
    return " ".join(words) or "Refund"


def missing_numbers(series: str) -> list[str]:
    """Numbers of a series that are missing below its newest; none, ever."""
    numbers = set(Document.objects.filter(series=series).values_list("number", flat=True))
    newest = Document.objects.filter(series=series).aggregate(Max("number"))["number__max"]
    last = int(newest.rpartition("-")[2]) if newest else 0
    return [f"{series}-{n:06d}" for n in range(1, last + 1) if f"{series}-{n:06d}" not in numbers]
