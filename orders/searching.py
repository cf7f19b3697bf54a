"""One box finds an order by number, external id, name, e-mail, phone or SKU; parcels are found one floor higher."""

import re
from collections.abc import Iterable, Mapping

from django.db.models import Q

from orders.models import Order, OrderSearch

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


def matching(text: str) -> Q:
    """Orders that contain every word, wherever it stands. A phone number is found however it is written."""
    found = Q()
    digits = _digits(text)
    if len(digits) >= 6 and re.fullmatch(r"[\d\s+()/.-]+", text):
        return _phone(text, digits)
    for word in text.lower().split():
        found &= Q(search__text__contains=word)
    return found


def _phone(text: str, digits: str) -> Q:
    """A whole number is asked for by its end first: three digits in a row stand in every order somewhere."""
    number = digits.lstrip("0")
    ends = Q(search__phone__startswith=number[::-1])
    if len(number) >= WHOLE_PHONE and Order.objects.filter(ends).exists():
        return ends
    phone = Q(search__text__contains=number)
    return phone if digits == text or " " in text.strip() else phone | Q(search__text__contains=text.lower())


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def exact(text: str) -> Order | None:
    """The one order that this is the number or external id of."""
    text = text.strip().lstrip("#")
    found = list(Order.objects.filter(Q(number__iexact=text) | Q(external_id__iexact=text))[:2])
    return found[0] if len(found) == 1 else None
