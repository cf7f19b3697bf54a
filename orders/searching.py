"""One box finds an order by number, external id, name, e-mail, phone or SKU; parcels are found one floor higher."""

import re
from collections.abc import Iterable, Mapping

from django.db.models import Q

from inventory.models import Sku
from oms.common import density
from orders.models import Order, OrderLine, OrderSearch

SOME = 2_000  # orders that are looked up before what belongs to them
WHOLE_PHONE = 8  # digits that are more likely to end a number than to stand in its middle


def refresh(order: Order) -> None:
    """To be called where a name, an address, a number or a line changes; states are no words."""
    OrderSearch.objects.bulk_create(
        [told(order)], update_conflicts=True, unique_fields=["order"], update_fields=["text", "phone"]
    )


def told(order: Order) -> OrderSearch:
    """What is true of the order now."""
    to = order.shipping_address
    place = {"postal_code": to.postal_code, "city": to.city, "name": to.name} if to else None
    codes = [one.sku_code for kind in (order.lines, order.kits) for one in sorted(kind.all(), key=_position)]
    text = words(order.external_id, order.customer_name, order.email, order.phone, place, codes)
    return OrderSearch(order=order, text=f"{order.number.lower()} {text}", phone=backwards(order.phone))


def _position(one: object) -> int:
    return one.position


def words(
    external_id: str, name: str, email: str, phone: str, place: Mapping[str, str] | None, codes: Iterable[str]
) -> str:
    """All that an order is found by, its number aside."""
    where = f"{place['postal_code']} {place['city']} {place['name']}" if place else ""
    return " ".join(f"{external_id} {name} {email} {_digits(phone)} {where} {' '.join(codes)}".lower().split())


def backwards(phone: str) -> str:
    """Its digits, the last one first."""
    return _digits(phone)[::-1]


def matching(text: str, sku: Sku | None = None) -> Q:
    """Orders that contain every word, wherever it stands. A phone number is found however it is written.

    `sku`: the text is its code, which is looked up in lines rather than in words.
    """
    digits = _digits(text)
    if len(digits) >= 6 and re.fullmatch(r"[\d\s+()/.-]+", text):
        return _phone(text, digits)
    if "@" in text and Order.objects.filter(mailed := Q(email__iexact=text.strip())).exists():
        return mailed
    return with_sku(sku) if sku and not sku.is_kit else _containing(text.lower().split())


def some(text: str) -> list[int] | None:
    """Ids of all that it finds, for lists of what belongs to orders; None where they are more than `SOME`."""
    found = list(Order.objects.filter(matching(text)).values_list("pk", flat=True)[: SOME + 1])
    return found if len(found) <= SOME else None


def sku_called(text: str) -> Sku | None:
    return Sku.objects.filter(code__iexact=text.strip()).first()


def with_sku(sku: Sku) -> Q:
    lines = OrderLine.objects.filter(sku=sku).values("order")
    return density.among(lines, Q(pk__in=lines))


def _phone(text: str, digits: str) -> Q:
    """A whole number is asked for by its end first: three digits in a row stand in every order somewhere."""
    number = digits.lstrip("0")
    ends = Q(search__phone__gt="", search__phone__startswith=number[::-1])
    if len(number) >= WHOLE_PHONE and Order.objects.filter(ends).exists():
        return ends
    alone = digits == text or " " in text.strip()
    return _containing([number]) if alone else _containing([number]) | _containing([text.lower()])


def _containing(words: list[str]) -> Q:
    if not words:
        return Q()
    here, there = Q(), Q()
    for word in words:
        here, there = here & Q(search__text__contains=word), there & Q(text__contains=word)
    return density.among(OrderSearch.objects.filter(there).values("order"), here)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def exact(text: str) -> Order | None:
    """The one order that this is the number or external id of."""
    text = text.strip().lstrip("#")
    found = list(Order.objects.filter(Q(number__iexact=text) | Q(external_id__iexact=text))[:2])
    return found[0] if len(found) == 1 else None
