"""One box for everything: a number leads straight to its page, anything else to what it was found in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from fulfillment import numbered
from fulfillment.models import FulfillmentOrder, Parcel, PickList, Shipment, Wave
from inventory import skus
from inventory.models import CycleCount, PurchaseOrder, Sku, Transfer
from oms.common import htmx
from oms.common.numbering import PREFIXES
from oms.common.permissions import requires
from orders import searching
from orders.models import Customer, Order
from returns.models import Return

SHOWN = 8


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    detail: str = ""
    icon: str = ""
    mono: bool = False


@requires()
def show(request: HttpRequest) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").split())[:200]
    if words and not htmx.wants_part(request) and (exact := _exact(words, request.user)[0]):
        return redirect(exact.url)
    context = {"q": words, "groups": _groups(words, request.user) if words else []}
    return htmx.render_page_or_part(request, "desk/search/show.html", "components/palette/_results.html", context)


def _groups(words: str, user: Any) -> list[tuple[str, list[Hit]]]:
    exact, sku = _exact(words, user)
    found = [("Exactly this", [exact])] if exact else []
    found += [
        ("Orders", _orders(words, sku, user)),
        ("Customers", _customers(words, user)),
        ("SKUs", _skus(words, user)),
    ]
    return [(word, hits) for word, hits in found if hits]


def _exact(words: str, user: Any) -> tuple[Hit | None, Sku | None]:
    """The one thing that this names, and the SKU whose code it is."""
    text = words.lstrip("#")
    if user.can("orders.view") and (order := searching.exact(text) or _of_parcel(text)):
        return _order(order), None
    if (kind := _kind(text)) and (hit := _numbered(kind, text, user)):
        return hit, None
    if user.can("orders.view") and (sent := numbered.shipments_of(text)):
        return _order(sent[0].order), None
    sku, _ = (skus.scanned(text) if user.can("inventory.view") else None) or (None, 0)
    return (_sku(sku), sku if sku.code == text.upper() else None) if sku else (None, None)


def _kind(text: str) -> str:
    """What numbers that begin like this are given to; only these tables need to be asked."""
    begins = text.upper()
    return next((kind for kind, prefix in PREFIXES.items() if prefix and begins.startswith(prefix)), "")


def _numbered(kind: str, text: str, user: Any) -> Hit | None:
    if kind in ROOMS:
        rows, name = ROOMS[kind]
        row = rows(user).filter(number__iexact=text).first()
        if row and (url := _address(name, row.number)):
            return Hit(row.number, url, row.get_state_display(), mono=True)
    if kind in WORK and user.can("orders.view"):
        work = WORK[kind].objects.filter(number__iexact=text).select_related("order").first()
        return _order(work.order) if work else None
    return None


def _walks(user: Any) -> QuerySet[PickList]:
    """Many may see that work is walked; only who picks can open the walk."""
    return PickList.objects.visible_to(user) if user.can("fulfillment.pick") else PickList.objects.none()


ROOMS: dict[str, tuple[Callable[[Any], QuerySet], str]] = {
    "fulfillment": (FulfillmentOrder.objects.visible_to, "fulfillment:show"),
    "return": (Return.objects.visible_to, "returns:show"),
    "purchase": (PurchaseOrder.objects.visible_to, "inventory:purchase"),
    "transfer": (Transfer.objects.visible_to, "inventory:transfer"),
    "count": (CycleCount.objects.visible_to, "inventory:count"),
    "wave": (Wave.objects.visible_to, "fulfillment:wave"),
    "pick_list": (_walks, "fulfillment:pick-list"),
}
WORK = {"fulfillment": FulfillmentOrder, "shipment": Shipment}


def _of_parcel(text: str) -> Order | None:
    parcels = Parcel.objects.filter(tracking_number__iexact=text).exclude(tracking_number="")
    found = list(parcels.select_related("shipment__order")[:1])
    return found[0].shipment.order if found else None


def _orders(words: str, sku: Sku | None, user: Any) -> list[Hit]:
    rows = Order.objects.visible_to(user).order_by("-placed_at", "-pk")
    return [_order(order) for order in rows.filter(searching.matching(words, sku))[:SHOWN]]


def _customers(words: str, user: Any) -> list[Hit]:
    if not user.can("orders.view"):
        return []
    rows = Customer.objects.filter(Q(name__icontains=words) | Q(email__icontains=words) | Q(phone__icontains=words))
    return [
        Hit(str(row), url, row.email, "user")
        for row in rows.order_by("name")[:SHOWN]
        if (url := _address("orders:customer", row.pk))
    ]


def _skus(words: str, user: Any) -> list[Hit]:
    """A whole barcode is exactly this one already."""
    rows = Sku.objects.visible_to(user).filter(skus.called(words)).order_by("code")
    return [_sku(row) for row in rows[:SHOWN]]


def _sku(row: Sku) -> Hit:
    return Hit(row.code, row.get_absolute_url(), row.name, "boxes", mono=True)


def _order(order: Order) -> Hit:
    told = f"{order.customer_name or order.email} · {order.get_state_display()}"
    return Hit(order.number, order.get_absolute_url(), told, "inbox", mono=True)


def _address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
