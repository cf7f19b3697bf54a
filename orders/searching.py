"""One box finds an order by number, external id, name, e-mail, phone or SKU; parcels are found one floor higher."""

import re

from django.db.models import Q

from orders.models import Order


def refresh(order: Order) -> None:
    """What the trigram index holds; the caller saves."""
    codes = " ".join(order.lines.values_list("sku_code", flat=True))
    phone = re.sub(r"\D", "", order.phone)
    address = order.shipping_address
    where = f"{address.postal_code} {address.city} {address.name}" if address else ""
    told = f"{order.number} {order.external_id} {order.customer_name} {order.email} {phone} {where} {codes}"
    order.search_text = " ".join(told.lower().split())


def matching(text: str) -> Q:
    """Orders that contain every word, wherever it stands. A phone number is found however it is written."""
    found = Q()
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 6 and re.fullmatch(r"[\d\s+()/.-]+", text):
        return Q(search_text__contains=digits.lstrip("0")) | Q(search_text__contains=text.lower())
    for word in text.lower().split():
        found &= Q(search_text__contains=word)
    return found


def exact(text: str) -> Order | None:
    """The one order that this is the number or external id of."""
    text = text.strip().lstrip("#")
    found = list(Order.objects.filter(Q(number__iexact=text) | Q(external_id__iexact=text))[:2])
    return found[0] if len(found) == 1 else None
