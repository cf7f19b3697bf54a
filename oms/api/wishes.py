"""Wishes: a place in the queue for goods that sell out in minutes, answered in the order in which they came."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from inventory import wishes
from inventory.models import Sku, Wish
from oms.api.doors import needs
from oms.api.once import once
from oms.api.schemas import WishIn
from oms.common.errors import Invalid
from orders.models import Channel

router = Router(tags=["Wishes"])


@router.post("", summary="Ask for units before the order is placed")
@needs("orders.enter")
@once
def ask(request: HttpRequest, payload: WishIn) -> Any:
    """The units are kept for the order that comes with this channel and external id, when it is our turn.

    The same order asks once for each SKU; asking again gives the wish there is.
    """
    sku = Sku.objects.active().filter(code__iexact=payload.sku, digital=False).first()
    channel = Channel.objects.filter(code=payload.channel, active=True).first()
    if sku is None:
        raise Invalid(f"There is no SKU {payload.sku} to keep.", field="sku")
    if channel is None:
        raise Invalid(f"There is no active channel “{payload.channel}”.", field="channel")
    holder = wishes.holder_of(channel.code, payload.external_id)
    return _shape(wishes.ask(sku, payload.quantity, holder=holder, minutes=payload.minutes, by=request.actor))


@router.get("/{int:wish}", summary="What became of a wish")
@needs("orders.enter")
def show(request: HttpRequest, wish: int) -> Any:
    """`waiting`, `granted` until `expires_at`, `refused` when it was sold out; `ahead` are those who asked before."""
    return _shape(get_object_or_404(Wish.objects.select_related("sku"), pk=wish))


@router.post("/{int:wish}/give-up", summary="Give a wish up")
@needs("orders.enter")
@once
def give_up(request: HttpRequest, wish: int) -> Any:
    """What was kept is there for everybody again."""
    return _shape(wishes.give_up(get_object_or_404(Wish.objects.select_related("sku"), pk=wish), by=request.actor))


def _shape(wish: Wish) -> dict[str, Any]:
    return {
        "id": wish.pk,
        "sku": wish.sku.code,
        "quantity": wish.units,
        "state": wish.state,
        "ahead": wishes.ahead_of(wish),
        "expires_at": wish.expires_at,
    }
