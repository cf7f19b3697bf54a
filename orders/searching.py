"""One box finds an order by number, external id, name, e-mail, phone or SKU; parcels are found one floor higher."""

import re
from collections.abc import Iterable, Mapping

from django.db.models import Q

from orders.models import Order


def refresh(order: Order) -> None:
    """What the trigram index holds; the caller saves."""
    to = order.shipping_address
    place = {"postal_code": to.postal_code, "city": to.city, "name": to.name} if to else None
    codes = order.lines.order_by("position").values_list("sku_code", flat=True)
    told = words(order.external_id, order.customer_name, order.email, order.phone, place, codes)
    order.search_text = f"{order.number.lower()} {told}"


def words(
    external_id: str, name: str, email: str, phone: str, place: Mapping[str, str] | None, codes: Iterable[str]
) -> str:
    """All that an order is found by, its number aside."""
    where = f"{place['postal_code']} {place['city']} {place['name']}" if place else ""
    digits = re.sub(r"\D", "", phone)
    return " ".join(f"{external_id} {name} {email} {digits} {where} {' '.join(codes)}".lower().split())


def matching(text: str) -> Q:
    """Orders that contain every word, wherever it stands. A phone number is found however it is written."""
    found = Q()
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 6 and re.fullmatch(r"[\d\s+()/.-]+", text):
        phone = Q(search_text__contains=digits.lstrip("0"))
        return phone if digits == text or " " in text.strip() else phone | Q(search_text__contains=text.lower())
    for word in text.lower().split():
        found &= Q(search_text__contains=word)
    return found


def exact(text: str) -> Order | None:
    """The one order that this is the number or external id of."""
    text = text.strip().lstrip("#")
    found = list(Order.objects.filter(Q(number__iexact=text) | Q(external_id__iexact=text))[:2])
    return found[0] if len(found) == 1 else None
