"""Orders: take one in, read it, find them, cancel."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router
from ninja.responses import Response

from fulfillment import cancellation
from oms.api import shapes
from oms.api.doors import body_of, needs
from oms.api.once import key_of, once
from oms.api.schemas import CancelIn, OrderIn, body_schema
from oms.common import idempotency
from oms.common.errors import Invalid
from oms.common.recent import recent
from orders import intake, searching
from orders.channels.base import BadPayload
from orders.channels.generic import mapping
from orders.models import Channel, Order
from orders.statuses import OrderState

router = Router(tags=["Orders"])
PAGE = 50
ADDRESS = {"name": "Ada Winter", "line1": "Jungfernstieg 7", "city": "Hamburg", "postal_code": "20354", "country": "DE"}
EXAMPLE = {
    "channel": "web",
    "external_id": "A-1001",
    "placed_at": "2026-11-24T09:30:00Z",
    "currency": "EUR",
    "customer": {"name": "Ada Winter", "email": "ada@example.com", "phone": ""},
    "shipping_address": ADDRESS,
    "billing_address": None,
    "method": "ship",
    "lines": [{"sku": "MUG", "quantity": 2, "unit_price": "25.00", "discount": "0.00", "tax": "0.00"}],
    "shipping": "4.90",
    "promo_codes": [],
    "payment": {"state": "paid", "amount": "54.90", "reference": "pay-1"},
    "note": "",
}


@router.post("", summary="Take an order in, once", openapi_extra=body_schema(OrderIn, EXAMPLE))
@needs("orders.enter")
def create(request: HttpRequest) -> Any:
    """201 with the order; 200 with the same order when it is sent again.

    409 when the external id or the `Idempotency-Key` was used for another order; 422 names every field that is wrong.
    Wrong addresses, unknown SKUs, unpaid or doubtful orders are taken in and held, not refused.
    """
    data = body_of(request)
    key = key_of(request)
    if not key:
        taken = _take(request, data)
        return _answer(taken.number, taken.created)
    made: list[bool] = []

    def produce() -> dict[str, Any]:
        taken = _take(request, data)
        made.append(taken.created)
        return {"number": taken.number}

    scope = f"api:orders:{request.token.user_id}"
    result, replayed = idempotency.remember(scope, key, idempotency.body_hash(data), produce, wait=True)
    return _answer(result["number"], not replayed and made == [True])


def _take(request: HttpRequest, data: Any) -> intake.Taken:
    problems: dict[str, str] = {}
    code = data.get("channel") if isinstance(data, dict) else None
    channel = _channels().get(code) if isinstance(code, str) else None
    if channel is None:
        problems["channel"] = f"There is no active channel “{code}”." if code else "Is missing."
    try:
        external = mapping.read(data)
    except BadPayload as e:
        raise BadPayload(problems | e.problems) from e
    if problems:
        raise BadPayload(problems)
    return intake.take(external, channel=channel, by=request.actor)


@recent(1.0)
def _channels() -> dict[str, Channel]:
    """By code. One that is switched off takes orders for a second more."""
    return {channel.code: channel for channel in Channel.objects.filter(active=True)}


def _answer(number: str, created: bool) -> Any:
    return Response(shapes.whole(number, just_taken=created), status=201 if created else 200)


@router.get("", summary="Find orders, the newest first")
@needs("orders.view")
def index(request: HttpRequest, search: str = "", state: str = "", cursor: str = "", limit: int = PAGE) -> Any:
    """`search` finds number, external id, name, e-mail, phone and SKU; `next` is the cursor of the next page."""
    rows = Order.objects.select_related("channel").order_by("-pk")
    if state:
        if state not in OrderState.values:
            raise Invalid(f"One of {', '.join(OrderState.values)}.", field="state")
        rows = rows.filter(state=state)
    if search:
        rows = rows.filter(searching.matching(search[:200], searching.sku_called(search[:200])))
    rows, after = page(rows, cursor, limit)
    return {"items": [shapes.brief(order, order.channel.code) for order in rows], "next": after}


@router.get("/{number}", summary="One order, whole")
@needs("orders.view")
def show(request: HttpRequest, number: str) -> Any:
    order = shapes.whole(number)
    if order is None:
        raise Http404
    return order


@router.post("/{number}/cancel", summary="Cancel an order or units of it")
@needs("orders.cancel")
@once
def cancel(request: HttpRequest, number: str, payload: CancelIn) -> Any:
    """What somebody has picked is asked back first; what has left is refused. The answer is the order as it is then."""
    order = get_object_or_404(Order, number=number)
    quantities = _units(order, payload) if payload.lines else None
    cancellation.cancel(order, quantities=quantities, reason=payload.reason, by=request.actor)
    return show(request, number)


def _units(order: Order, payload: CancelIn) -> dict[int, int]:
    """Units by SKU, spread over the lines of that SKU that can still be cancelled."""
    wanted, units = Counter(), {}
    for row in payload.lines:
        wanted[row.sku.upper()] += row.quantity
    for line in order.lines.order_by("position"):
        take = min(wanted[line.sku_code.upper()], line.open)
        if take:
            units[line.pk] = take
            wanted[line.sku_code.upper()] -= take
    if left := [sku for sku, count in wanted.items() if count]:
        raise Invalid(f"{', '.join(left)}: more than the order still has open.", field="lines")
    return units


def page(rows: QuerySet, cursor: str, limit: int) -> tuple[list[Any], str | None]:
    """A page of rows in falling order of their key, and the cursor of the next one."""
    if cursor and not (cursor.isdecimal() and len(cursor) < 19):
        raise Invalid("This is no cursor of ours.", field="cursor")
    if cursor:
        rows = rows.filter(pk__lt=int(cursor))
    limit = min(max(limit, 1), 200)
    found = list(rows[: limit + 1])
    return found[:limit], str(found[limit - 1].pk) if len(found) > limit else None
