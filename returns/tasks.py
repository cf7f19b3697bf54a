"""Background work of returns. Each task fetches by id and calls one verb; the sweep finds what a lost hint left."""

from celery import shared_task
from django.db.models import F

from orders.models import Order
from returns import authorisation, labels, refunds
from returns.models import Return
from returns.statuses import ReturnOrderState

AT_ONCE = 200


@shared_task
def make_label(*, return_id: int, **_: object) -> None:
    labels.ask(return_id)


@shared_task
def settle_label(*, label_id: int, **_: object) -> None:
    labels.settle(label_id)


@shared_task
def follow_parcel(*, tracker_id: int, **_: object) -> None:
    labels.follow(tracker_id)


@shared_task
def give_back_cancelled(*, order_id: int, **_: object) -> None:
    refunds.give_back_cancelled(order_id)


@shared_task
def sweep(**_: object) -> None:
    """Returns past their date, labels nobody asked for, money nobody gave back."""
    authorisation.expire_overdue()
    unlabelled = Return.objects.filter(state=ReturnOrderState.AUTHORISED, label=None, policy__label_included=True)
    for pk in list(unlabelled.values_list("pk", flat=True)[:AT_ONCE]):
        labels.ask(pk)
    bought = Return.objects.filter(label__state="bought", tracker=None).values_list("label", flat=True)
    for pk in list(bought[:AT_ONCE]):
        labels.settle(pk)
    owed = Order.objects.filter(lines__cancelled__gt=0, paid_total__gt=F("refunded_total")).distinct()
    for pk in list(owed.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE]):
        refunds.give_back_cancelled(pk)
