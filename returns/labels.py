"""The label a customer sends goods back with: the first service that takes returns, bought by a worker."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

import carriers.labels
from carriers.models import Label, Service
from carriers.providers.base import LabelRequest, ParcelSpec
from carriers.statuses import Direction
from oms.common import cases, states
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from oms.common.money import Money
from orders import notifications, timeline
from orders.models import Order
from returns.models import Return
from returns.statuses import RETURN_MOVES, ReturnOrderState

FLYER_MM = (300, 200, 100)
LABELLED_STATES = (ReturnOrderState.AUTHORISED, ReturnOrderState.IN_TRANSIT)


@retrying
@transaction.atomic
def ask(return_id: int) -> Return:
    """Ask for the label of an authorised return, once. Without a service that takes returns a person is told."""
    order = lock(Order.objects.filter(returns=return_id))[0]
    rma = lock(Return.objects.filter(pk=return_id).select_related("location", "label"))[0]
    labelled = rma.label is not None and rma.label.is_live
    if rma.state not in LABELLED_STATES or labelled or order.shipping_address is None:
        return rma
    service = _service(rma, order)
    if service is None:
        _tell(order, rma, "No carrier service takes returns. Switch one on, or send the customer a label by hand.")
        return rma
    try:
        rma.label = carriers.labels.request(_asked(rma, order, service), account=service.account, by=SYSTEM)
    except Refused as e:
        _tell(order, rma, str(e))
        return rma
    rma.save(update_fields=["label"])
    return rma


@retrying
@transaction.atomic
def settle(label_id: int) -> None:
    """The carrier sold the label, or did not: the customer gets it by mail, or a person hears why."""
    found = Return.objects.filter(label=label_id).values_list("pk", "order").first()
    if not found:
        return
    order = lock(Order.objects.filter(pk=found[1]))[0]
    rma = lock(Return.objects.filter(pk=found[0]))[0]
    label = Label.objects.get(pk=label_id)
    if not label.is_bought:
        if not label.is_live:
            _tell(order, rma, label.problem or "The carrier sold no label.")
        return
    if rma.tracker_id == label.tracker_id:
        return
    rma.tracker = label.tracker
    rma.save(update_fields=["tracker"])
    timeline.record(order, "return.labelled", by=SYSTEM, subject=rma.number, number=label.tracking_number)
    notifications.queue(
        order,
        "return_label",
        key=f"return_label:{rma.pk}",
        number=rma.number,
        tracking_number=label.tracking_number,
        label_url=settings.BASE_URL + reverse("returns:customer-label", args=[order.tracking_token, rma.number]),
    )
    cases.resolve_case(f"return_label:{rma.pk}", by=SYSTEM, resolution="Bought")


@retrying
@transaction.atomic
def follow(tracker_id: int) -> None:
    """The carrier has it: the return is on its way."""
    for pk, order_id in Return.objects.filter(tracker=tracker_id).values_list("pk", "order"):
        order = lock(Order.objects.filter(pk=order_id))[0]
        rma = lock(Return.objects.filter(pk=pk).select_related("tracker"))[0]
        if rma.state == ReturnOrderState.AUTHORISED and rma.tracker.is_moving:
            states.advance(rma, ReturnOrderState.IN_TRANSIT, moves=RETURN_MOVES)
            rma.save(update_fields=["state"])
            timeline.record(order, "return.on_its_way", by=SYSTEM, subject=rma.number)


def withdraw(rma: Return, *, by: Any) -> None:
    """The customer keeps the goods: nobody may use its label any more. One on a closed manifest stays."""
    if rma.label_id and rma.label.is_live:
        with suppress(Refused):
            carriers.labels.void(rma.label_id, by=by)


def _service(rma: Return, order: Order) -> Service | None:
    services = Service.objects.filter(active=True, returns=True, account__active=True).select_related("account")
    domestic = order.shipping_address.country == rma.location.address.country
    services = services.exclude(scope=Service.Scope.INTERNATIONAL if domestic else Service.Scope.DOMESTIC)
    return services.order_by("-transit_max_days", "pk").first()


def _asked(rma: Return, order: Order, service: Service) -> LabelRequest:
    lines = list(rma.lines.select_related("order_line__sku"))
    weight = sum(line.authorised * line.order_line.sku.weight_g for line in lines)
    value = sum((line.order_line.unit_price * line.authorised for line in lines), Decimal(0))
    return LabelRequest(
        reference=rma.number,
        service_code=service.code,
        origin=order.shipping_address.as_dataclass(),
        destination=rma.location.address.as_dataclass(),
        parcel=ParcelSpec(max(weight, 100), *FLYER_MM),
        value=Money(value, order.currency),
        ship_at=timezone.now().astimezone(rma.location.zone),
        direction=Direction.RETURN,
        contents="Returned goods",
        printed_reference=f"{rma.number} · {order.number}",
    )


def _tell(order: Order, rma: Return, why: str) -> None:
    cases.open_case(
        "return_label",
        f"order:{order.number}",
        title=f"{rma} has no label",
        detail=why,
        key=f"return_label:{rma.pk}",
        action_label="Open the return",
        action_url=rma.get_absolute_url(),
        by=SYSTEM,
    )
