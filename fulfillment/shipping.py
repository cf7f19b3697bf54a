"""From a sealed shipment to a label on every parcel: offers side by side, one chosen, bought by a worker.

Carriers are asked without any lock; what was chosen is stored first and bought afterwards, so that a lost answer is
looked up and never paid twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.utils import timezone

from carriers import labels, manifests, rating
from carriers.models import CarrierAccount, Label
from carriers.providers.base import LabelRequest, ParcelSpec, RateOffer, RateRequest
from carriers.statuses import LabelState
from fulfillment import interception, papers, unpacking, work
from fulfillment.models import Parcel, ParcelLine, Shipment
from fulfillment.statuses import SHIPMENT_MOVES, ShipmentState
from oms.common import cases, money, states
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.errors import Invalid
from oms.common.locking import lock, retrying
from oms.common.money import Money
from orders import holds, timeline
from orders.models import Order
from orders.statuses import Verb


@dataclass(frozen=True)
class Choice:
    """An offer with what it means for this order. `keeps` the promise: None where nobody named a day."""

    offer: RateOffer
    keeps: bool | None
    preselected: bool
    because: str = ""


@dataclass(frozen=True)
class Choices:
    """`problems` names the carriers that could not answer, in sentences."""

    choices: tuple[Choice, ...]
    problems: tuple[str, ...]
    promise: datetime | None

    @property
    def preselected(self) -> Choice | None:
        return next((choice for choice in self.choices if choice.preselected), None)


def offers(shipment: Shipment, sealed: Sequence[Parcel] | None = None) -> Choices:
    """All carriers that fit, the cheapest first; the cheapest that keeps the promise is preselected. Takes no lock.

    `sealed` are its sealed parcels, where the caller has read them already.
    """
    rates = rating.offers(rate_request(shipment, sealed))
    promise = _promise(shipment)
    return Choices(_weighed(rates.offers, promise), tuple(str(problem) for problem in rates.problems), promise)


def rate_request(shipment: Shipment, sealed: Sequence[Parcel] | None = None) -> RateRequest:
    """Raises Invalid while a parcel is open or the order has no address."""
    order = shipment.order
    parcels = _sealed(shipment) if sealed is None else sealed
    if not parcels or order.shipping_address is None:
        raise Invalid("Seal the parcels first." if not parcels else f"{order} has no address to ship to.")
    return RateRequest(
        origin=shipment.location.address.as_dataclass(),
        destination=order.shipping_address.as_dataclass(),
        parcels=tuple(_spec(parcel) for parcel in parcels),
        currency=order.currency,
        value=sum(_values(parcels, order).values(), Decimal(0)),
        ship_at=timezone.now().astimezone(shipment.location.zone),
    )


@retrying
@transaction.atomic
def choose(
    shipment: Shipment,
    account: CarrierAccount,
    service_code: str,
    *,
    offer: RateOffer | None = None,
    because: str = "",
    by: Any,
) -> Shipment:
    """Ask for a label on every parcel; a worker buys them and `settle` hears of it. `offer` is what was shown.

    Quiet when the same service was asked for already. Refused while a hold or an intercept stands in the way.
    """
    order, mine, shipment = work.locked_shipment(shipment)
    holds.require(order, Verb.SHIP)
    interception.refuse_open(mine)
    parcels = lock(Parcel.objects.filter(shipment=shipment, sealed_at__isnull=False).select_related("label"))
    _refuse_being_voided(shipment, parcels)
    live = [parcel for parcel in parcels if parcel.label_id and parcel.label.is_live]
    if live and (shipment.account_id, shipment.service_code) == (account.pk, service_code):
        return shipment
    if shipment.state != ShipmentState.SEALED or live:
        raise work.NotNow(f"{shipment} has a label. Take it back before another service is chosen.")
    shipment.account, shipment.service_code = account, service_code
    shipment.service_name = offer.service_name if offer else service_code
    shipment.deliver_by = offer.deliver_by if offer else None
    shipment.cost = offer.price.amount if offer else Decimal(0)
    shipment.chosen_because = because[:200]
    shipment.save()
    prices = money.prorate(offer.price.amount, [1] * len(parcels), offer.price.currency) if offer else []
    for parcel, price in zip_longest(parcels, prices):
        parcel.label = _request(order, shipment, parcel, account, price, by=by)
        parcel.save(update_fields=["label"])
    timeline.record(
        order,
        "label.requested",
        by=by,
        subject=shipment.number,
        service=shipment.service_name,
        price=str(offer.price) if offer else "",
        because=because,
    )
    crash_point("shipping.label_requested")
    return shipment


@retrying
@transaction.atomic
def settle(label_id: int, *, by: Any = SYSTEM) -> Shipment | None:
    """A label was bought or refused. With the last one the shipment is labelled and its invoice issued."""
    parcel = Parcel.objects.filter(label=label_id).first()
    if parcel is None:
        return None
    order, _, shipment = work.locked_shipment(parcel.shipment_id)
    parcels = lock(Parcel.objects.filter(shipment=shipment, sealed_at__isnull=False).select_related("label"))
    for one in parcels:
        if one.label_id == label_id:
            _tell_of(order, shipment, one, by=by)
    if shipment.state == ShipmentState.SEALED and all(one.label_id and one.label.is_bought for one in parcels):
        _labelled(order, shipment, [one.label for one in parcels], by=by)
    return shipment


@retrying
@transaction.atomic
def take_back(shipment: Shipment, *, reason: str = "another label is wanted", by: Any) -> Shipment:
    """Void the labels; the sealed parcels wait for another choice. Quiet when there is none."""
    order, _, shipment = work.locked_shipment(shipment)
    if shipment.state == ShipmentState.HANDED_OVER:
        raise work.NotNow(f"{shipment} has been handed over.")
    if shipment.account_id is not None:
        unpacking.unlabel(order, shipment, reason=reason, by=by)
    return shipment


def reference_of(shipment: Shipment, parcel: Parcel) -> str:
    """What the box is called at the carrier."""
    return f"{shipment.number}/{parcel.position}"


def _weighed(given: Sequence[RateOffer], promise: datetime | None) -> tuple[Choice, ...]:
    ranked = list(given)  # the cheapest first, other currencies last
    kept = [offer for offer in ranked if offer.keeps(promise) is not False]
    dated = [offer for offer in ranked if offer.deliver_by]
    best = kept[0] if kept else min(dated, key=lambda offer: offer.deliver_by, default=None)
    why = _why(best, ranked, promise) if best else ""
    return tuple(Choice(o, o.keeps(promise), o is best, why if o is best else "") for o in ranked)


def _why(best: RateOffer, ranked: Sequence[RateOffer], promise: datetime | None) -> str:
    if best is ranked[0]:
        return "cheapest" if promise is None else "cheapest, and keeps the promise"
    if best.keeps(promise) is False:
        return "no offer keeps the promise; this one is the earliest"
    return f"cheapest that keeps the promise; {ranked[0].service_name} would be late"


def _promise(shipment: Shipment) -> datetime | None:
    promise = shipment.order.promised_deliver_by
    return promise.astimezone(shipment.location.zone) if promise else None


def _sealed(shipment: Shipment) -> list[Parcel]:
    return list(shipment.parcels.filter(sealed_at__isnull=False).order_by("position"))


def _spec(parcel: Parcel) -> ParcelSpec:
    return ParcelSpec(parcel.weight_g, parcel.length_mm, parcel.width_mm, parcel.height_mm)


def _values(parcels: Sequence[Parcel], order: Order) -> dict[int, Decimal]:
    """What the goods inside each were sold for."""
    worth = {parcel.pk: Decimal(0) for parcel in parcels}
    for line in ParcelLine.objects.filter(parcel__in=parcels).select_related("fulfillment_line__order_line"):
        sold = line.fulfillment_line.order_line
        worth[line.parcel_id] += (sold.unit_price - sold.discount / sold.ordered) * line.quantity
    return {pk: Money(max(value, Decimal(0)), order.currency).quantize().amount for pk, value in worth.items()}


def _request(
    order: Order, shipment: Shipment, parcel: Parcel, account: CarrierAccount, price: Decimal | None, *, by: Any
) -> Label:
    return labels.request(
        LabelRequest(
            reference=reference_of(shipment, parcel),
            service_code=shipment.service_code,
            origin=shipment.location.address.as_dataclass(),
            destination=order.shipping_address.as_dataclass(),
            parcel=_spec(parcel),
            value=Money(_values([parcel], order)[parcel.pk], order.currency),
            ship_at=timezone.now().astimezone(shipment.location.zone),
            printed_reference=f"{order.number} · {shipment.number}/{parcel.position}",
        ),
        account=account,
        quoted=price,
        by=by,
    )


def _tell_of(order: Order, shipment: Shipment, parcel: Parcel, *, by: Any) -> None:
    label = parcel.label
    key = f"label:{parcel.pk}"
    if label.is_bought and parcel.tracking_number != label.tracking_number:
        parcel.tracking_number, parcel.tracker = label.tracking_number, label.tracker
        parcel.save(update_fields=["tracking_number", "tracker"])
        cases.resolve_case(key, by=by, resolution="Bought")
    if label.state == LabelState.FAILED:
        timeline.record(order, "label.failed", by=by, subject=label.reference, why=label.problem)
        cases.open_case(
            "label_failed",
            f"order:{order.number}",
            title=f"No label for {label.reference}",
            detail=label.problem,
            key=key,
            action_label="Choose another service",
            action_url=f"/ship/{shipment.number}/",
            severity="high",
            sla_minutes=60,
            by=by,
        )


def _refuse_being_voided(shipment: Shipment, parcels: list[Parcel]) -> None:
    """The carrier has not agreed yet to take the old label back; a box has one live label."""
    boxes = [reference_of(shipment, parcel) for parcel in parcels]
    if Label.objects.live().filter(parcel_reference__in=boxes, void_asked_at__isnull=False).exists():
        raise work.NotNow("The old label is still being taken back. Try again in a moment.")


def _labelled(order: Order, shipment: Shipment, bought: list[Label], *, by: Any) -> None:
    states.advance(shipment, ShipmentState.LABELLED, moves=SHIPMENT_MOVES)
    shipment.labelled_at = timezone.now()
    shipment.cost = sum((label.cost or Decimal(0) for label in bought), Decimal(0))
    for label in bought:
        shipment.manifest = manifests.add(shipment.account, shipment.location.code, label, by=by)
    shipment.deliver_by = max((label.deliver_by for label in bought if label.deliver_by), default=shipment.deliver_by)
    shipment.save()
    papers.invoice(order, shipment, by=by)
    timeline.record(
        order,
        "shipment.labelled",
        by=by,
        subject=shipment.number,
        service=shipment.service_name,
        numbers=[label.tracking_number for label in bought],
        cost=str(Money(shipment.cost, bought[0].currency)),
    )
