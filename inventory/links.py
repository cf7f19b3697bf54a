"""The link by which a supplier answers a purchase: signed, for a while, and without signing in."""

from datetime import timedelta

from django.conf import settings
from django.core import signing

from inventory.models import PurchaseOrder
from oms.common.errors import Refused

VALID = timedelta(days=14)
SALT = "inventory.purchase"


class DeadLink(Refused):
    """This link is not valid any more."""

    code = "dead_link"
    status = 404


def of(purchase: PurchaseOrder) -> str:
    """Each letter brings a fresh one."""
    return f"{settings.BASE_URL}/s/{token(purchase)}/"


def token(purchase: PurchaseOrder) -> str:
    return signing.dumps(purchase.pk, salt=SALT)


def read(token: str) -> PurchaseOrder:
    try:
        pk = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.BadSignature as e:
        raise DeadLink from e
    rows = PurchaseOrder.objects.filter(ships_to__isnull=False)
    found = rows.select_related("supplier", "location", "ships_to").filter(pk=pk).first()
    if found is None:
        raise DeadLink
    return found
