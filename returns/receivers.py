"""News becomes a hint to a worker, and nothing else."""

from django.dispatch import receiver

from carriers.signals import label_settled, tracker_updated
from oms.common.tasks import hint
from orders.signals import order_changed
from returns import tasks
from returns.signals import label_wanted


@receiver(label_wanted)
def _make_label(return_id: int, **_) -> None:
    hint(tasks.make_label, return_id=return_id)


@receiver(label_settled)
def _settle_label(label_id: int, **_) -> None:
    hint(tasks.settle_label, label_id=label_id)


@receiver(tracker_updated)
def _follow(tracker_id: int, **_) -> None:
    hint(tasks.follow_parcel, tracker_id=tracker_id)


@receiver(order_changed)
def _give_back(order_id: int, **_) -> None:
    hint(tasks.give_back_cancelled, order_id=order_id)
