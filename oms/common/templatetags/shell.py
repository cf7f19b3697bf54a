"""What stands around every page: the places a person may go to, and the icons of the `lucide` wheel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

register = template.Library()


@dataclass(frozen=True)
class Place:
    """`any_of` are permissions, one of which opens it; `key` follows the g of the keyboard; `count` its number.

    `inside` are the places that the rail shows below it while one is there.
    """

    word: str
    url_name: str
    icon: str
    any_of: tuple[str, ...] = ()
    key: str = ""
    count: str = ""
    says: str = ""
    inside: "tuple[Place, ...]" = ()


ORDERS = (
    Place("New order", "orders:new", "plus", ("orders.enter",)),
    Place("Imports", "orders:imports", "upload", ("orders.import",)),
)
FULFILMENT = (
    Place("Waves", "fulfillment:waves", "waypoints", ("fulfillment.release",)),
    Place("Backorders", "fulfillment:backorders", "clock", ("fulfillment.view",)),
    Place("Sourcing rules", "fulfillment:rules", "route", ("orders.manage_rules", "fulfillment.route")),
)
SHIP = (Place("Hand over", "fulfillment:handover", "forklift", ("fulfillment.ship",)),)
CARRIERS = (
    Place("Tracking", "carriers:tracking", "map-pin", ("carriers.view", "fulfillment.ship")),
    Place("Labels", "carriers:labels", "sticker", ("carriers.view",)),
    Place("Manifests", "carriers:manifests", "file-text", ("fulfillment.ship", "carriers.view")),
    Place("Compare prices", "carriers:try", "scale", ("carriers.view",)),
)
INVENTORY = (
    Place("Purchases", "inventory:purchases", "receipt", ("inventory.view",)),
    Place("Buy again", "inventory:replenishment", "repeat", ("inventory.view",)),
    Place("Suppliers", "inventory:suppliers", "factory", ("inventory.view",)),
    Place("Transfers", "inventory:transfers", "arrow-left-right", ("inventory.view",)),
    Place("Counts", "inventory:counts", "clipboard-check", ("inventory.view",)),
    Place("Lots", "inventory:lots", "calendar-clock", ("inventory.view",)),
    Place("Serial numbers", "inventory:serials", "hash", ("inventory.view",)),
    Place("Channel buffers", "inventory:buffers", "shield", ("inventory.view",)),
    Place("Files", "inventory:imports", "upload", ("inventory.adjust", "inventory.manage")),
    Place("Movements", "inventory:movements", "history", ("inventory.view",)),
    Place("Locations", "inventory:locations", "warehouse", ("inventory.view",)),
)
RETURNS = (
    Place("Receive", "returns:receive", "package-open", ("returns.receive",)),
    Place("Inspect", "returns:inspect", "search-check", ("returns.inspect",)),
    Place("Refunds", "returns:refunds", "banknote", ("returns.view",)),
)
RAIL = (
    Place("Home", "desk:home", "house", key="h"),
    Place("Orders", "orders:index", "inbox", ("orders.view",), "o", "orders", inside=ORDERS),
    Place("Fulfilment", "fulfillment:index", "layers", ("fulfillment.view",), "f", inside=FULFILMENT),
    Place("Pick", "fulfillment:pick", "scan-barcode", ("fulfillment.pick",), "p", "pick"),
    Place("Pack", "fulfillment:pack", "package-open", ("fulfillment.pack",), "k", "pack"),
    Place("Ship", "fulfillment:ship", "truck", ("fulfillment.ship",), "s", "ship", inside=SHIP),
    Place("Collect", "fulfillment:collect", "store", ("fulfillment.collect",), "l"),
    Place("Carriers", "carriers:index", "plane", ("carriers.view",), "c", inside=CARRIERS),
    Place("Inventory", "inventory:index", "boxes", ("inventory.view",), "i", inside=INVENTORY),
    Place("Returns", "returns:index", "undo-2", ("returns.view",), "r", "returns", inside=RETURNS),
    Place("Exceptions", "desk:cases", "triangle-alert", ("desk.cases",), "e", "exceptions"),
    Place("Insights", "desk:insights", "chart-column", ("desk.insights",), "n"),
    Place("Settings", "accounts:settings", "settings", ("accounts.manage", "accounts.audit"), "t"),
)
ELSEWHERE = (
    Place("Channels", "orders:channels", "plug", ("orders.manage_channels",)),
    Place("Messages from channels", "orders:messages", "inbox", ("orders.manage_channels",)),
    Place("Promo codes", "orders:promo-codes", "tag", ("orders.manage_rules",)),
    Place("Risk rules", "orders:risk-rules", "shield-alert", ("orders.manage_rules",)),
    Place("Return policies", "returns:policies", "undo-2", ("returns.manage_policy",)),
    Place("Users", "accounts:users", "users", ("accounts.manage",)),
    Place("API tokens", "accounts:tokens", "key-round", ("accounts.manage",)),
    Place("Audit", "accounts:audit", "history", ("accounts.audit",)),
    Place("Outbox", "common:outbox", "mail", ("accounts.manage",)),
    Place("Preferences", "accounts:preferences", "user", ("accounts.preferences",)),
)
SETTINGS = (
    Place("Users", "accounts:users", "users", ("accounts.manage",), says="Who works here, in which role, where"),
    Place("API tokens", "accounts:tokens", "key-round", ("accounts.manage",), says="Keys for programs of your own"),
    Place("Channels", "orders:channels", "plug", ("orders.manage_channels",), says="Where orders come from"),
    Place("Carriers", "carriers:index", "truck", ("carriers.manage",), says="Who takes parcels, and for how much"),
    Place("Locations", "inventory:locations", "warehouse", ("inventory.manage",), says="Warehouses, stores, shelves"),
    Place(
        "Sourcing rules", "fulfillment:rules", "route", ("orders.manage_rules",), says="Where orders are served from"
    ),
    Place("Risk rules", "orders:risk-rules", "shield-alert", ("orders.manage_rules",), says="What is held for review"),
    Place("Promo codes", "orders:promo-codes", "tag", ("orders.manage_rules",), says="What a code takes off"),
    Place(
        "Return policies", "returns:policies", "undo-2", ("returns.manage_policy",), says="What comes back, until when"
    ),
    Place("Audit", "accounts:audit", "history", ("accounts.audit",), says="Who changed a setting, from what to what"),
    Place("Outbox", "common:outbox", "mail", ("accounts.manage",), says="Messages that wait or were given up"),
)
THUMBS = 4  # places in the phone's bottom bar; the rest is behind "More"


@register.inclusion_tag("components/shell/_rail.html", takes_context=True)
def rail(context: dict[str, Any]) -> dict[str, Any]:
    return {"places": list(_with_inside(context))}


@register.inclusion_tag("components/shell/_handbar.html", takes_context=True)
def handbar(context: dict[str, Any]) -> dict[str, Any]:
    places = list(_open_to(RAIL, context))
    thumbs = places if len(places) <= THUMBS + 1 else places[:THUMBS]
    rooms = [place for room in RAIL for place in room.inside]
    return {"places": thumbs, "more": [*places[len(thumbs) :], *_open_to(rooms, context)]}


@register.inclusion_tag("components/shell/_palette.html", takes_context=True)
def palette(context: dict[str, Any]) -> dict[str, Any]:
    everywhere = [*RAIL, *(place for room in RAIL for place in room.inside), *ELSEWHERE]
    return {"places": list(_open_to(everywhere, context)), "search": _address("desk:search")}


@register.simple_tag(takes_context=True)
def settings_places(context: dict[str, Any]) -> list[dict[str, Any]]:
    return list(_open_to(SETTINGS, context))


@register.simple_tag
def address_of(url_name: str) -> str:
    """Like {% url %}, but empty where the address does not exist: the shell stands on every page."""
    return _address(url_name)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture beside a word, so hidden from those who listen. The size is the CSS font-size of `.icon`."""
    return _icon(str(name))


@lru_cache(maxsize=256)
def _icon(name: str) -> SafeString:
    return mark_safe(lucide(name, size=16, **{"class": "icon", "aria-hidden": "true"}))  # noqa: S308 our wheel's own SVG


def _with_inside(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rail's places; the one where the person is shows what lies inside it."""
    for item in _open_to(RAIL, context):
        inside = list(_open_to(item["place"].inside, context))
        here = any(place["current"] for place in inside)
        is_open = item["current"] or here
        yield item | {"current": item["current"] and not here, "inside": inside if is_open else []}


def _open_to(places: Iterable[Place], context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if not user or not user.is_authenticated:
        return
    for place in places:
        allowed = not place.any_of or any(user.can(permission) for permission in place.any_of)
        if allowed and (url := _address(place.url_name)):
            yield {"place": place, "url": url, "current": _is_current(url, request.path)}


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url)


def _address(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
