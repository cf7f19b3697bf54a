"""The first page: what waits for this person, each count beside the list that it counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode

from fulfillment.models import FulfillmentOrder, PickList, Shipment
from fulfillment.statuses import FulfillmentOrderState, PickListState, ShipmentState
from oms.common import htmx
from oms.common.counting import counts
from oms.common.models import ExceptionCase
from oms.common.permissions import requires
from orders.models import Order
from orders.statuses import HoldState, OrderState
from orders.views.index import HELD, OPEN, TO_SHIP, WAITING
from returns.models import Return
from returns.statuses import ReturnOrderState


@dataclass(frozen=True)
class Queue:
    """`rows` is what waits; `query` brings the list behind `url_name` to the same rows."""

    word: str
    permission: str
    url_name: str
    rows: Callable[[Any], QuerySet]
    query: str = ""


def _orders(user: Any) -> QuerySet:
    return Order.objects.visible_to(user)


def _to_ship(user: Any) -> QuerySet:
    return _orders(user).filter(state=OrderState.CONFIRMED, hold_state=HoldState.NONE, fulfillment_state__in=TO_SHIP)


def _work(*states: str) -> Callable[[Any], QuerySet]:
    return lambda user: FulfillmentOrder.objects.visible_to(user).filter(state__in=states)


def _lists(user: Any) -> QuerySet:
    return PickList.objects.visible_to(user).filter(state=PickListState.OPEN)


def _shipments(state: str) -> Callable[[Any], QuerySet]:
    return lambda user: Shipment.objects.visible_to(user).filter(state=state)


def _returns(*states: str) -> Callable[[Any], QuerySet]:
    return lambda user: Return.objects.visible_to(user).filter(state__in=states)


def _to_inspect(user: Any) -> QuerySet:
    return Return.objects.visible_to(user).to_inspect()


_FO = FulfillmentOrderState
TO_RECEIVE = (ReturnOrderState.AUTHORISED, ReturnOrderState.IN_TRANSIT, ReturnOrderState.RECEIVING)
GROUPS: dict[str, tuple[Queue, ...]] = {
    "Orders": (
        Queue("On hold", "orders.view", "orders:index", lambda user: _orders(user).filter(HELD), "is:held"),
        Queue("To ship", "orders.view", "orders:index", _to_ship, "is:to-ship"),
        Queue("Late", "orders.view", "orders:index", lambda user: _orders(user).late(timezone.now()), "is:late"),
        Queue(
            "Backordered",
            "orders.view",
            "orders:index",
            lambda user: _orders(user).filter(OPEN & Q(WAITING)),
            "is:backordered",
        ),
    ),
    "Floor": (
        Queue("To release", "fulfillment.release", "fulfillment:index", _work(_FO.OPEN), "state:open"),
        Queue("Lists to pick", "fulfillment.pick", "fulfillment:pick", _lists),
        Queue("To pack", "fulfillment.pack", "fulfillment:pack", _work(_FO.PICKED)),
        Queue("To label", "fulfillment.ship", "fulfillment:ship", _shipments(ShipmentState.SEALED)),
        Queue("To hand over", "fulfillment.ship", "fulfillment:ship", _shipments(ShipmentState.LABELLED)),
        Queue("To collect", "fulfillment.collect", "fulfillment:collect", _work(_FO.READY_FOR_PICKUP)),
    ),
    "Returns": (
        Queue("To receive", "returns.receive", "returns:index", _returns(*TO_RECEIVE), f"state:{','.join(TO_RECEIVE)}"),
        Queue("To inspect", "returns.inspect", "returns:index", _to_inspect, "is:to-inspect"),
    ),
    "Exceptions": (
        Queue("Need attention", "desk.cases", "desk:cases", lambda user: ExceptionCase.objects.needing_attention()),
    ),
}


def queues(user: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What this person may work on, counted; without a link where its list does not exist."""
    mine = {word: [queue for queue in rows if user.can(queue.permission)] for word, rows in GROUPS.items()}
    waiting = counts({queue: queue.rows(user) for rows in mine.values() for queue in rows})
    for word, rows in mine.items():
        if rows:
            yield word, [{"label": queue.word, "value": waiting[queue], "url": _url(queue)} for queue in rows]


def _url(queue: Queue) -> str:
    try:
        url = reverse(queue.url_name)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode({'q': queue.query})}" if queue.query else url


@requires()
def show(request: HttpRequest) -> HttpResponse:
    context = {"groups": list(queues(request.user))}
    return htmx.render_page_or_part(request, "desk/home/show.html", "desk/home/_queues.html", context)
