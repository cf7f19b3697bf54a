"""News becomes a hint to a worker, and nothing else. What a lost hint leaves lying, a sweep finds."""

from django.dispatch import receiver

from carriers.signals import label_settled, tracker_updated
from fulfillment import holding, tasks
from fulfillment.signals import job_wanted, sourcing_wanted
from inventory import holders
from inventory.signals import stock_increased
from oms.common.tasks import hint, hint_soon
from orders.signals import order_changed, order_confirmed, orders_received

holders.told_by(holders.Source(holding.promised, holding.waiting))


@receiver(orders_received)
def _accept(**_) -> None:
    hint_soon(tasks.accept_waiting)


@receiver(order_confirmed)
def _route(order_id: int, **_) -> None:
    hint(tasks.route_order, order_id=order_id, trigger="confirmed")


@receiver(order_changed)
def _look_again(order_id: int, **_) -> None:
    hint(tasks.route_order, order_id=order_id, trigger="order changed")


@receiver(sourcing_wanted)
def _find_a_place(order_id: int, trigger: str, **_) -> None:
    hint(tasks.route_order, order_id=order_id, trigger=trigger)


@receiver(stock_increased)
def _fill_backorders(sku_id: int, **_) -> None:
    hint(tasks.fill_backorders, sku_id=sku_id)


@receiver(tracker_updated)
def _follow_parcel(tracker_id: int, **_) -> None:
    hint(tasks.apply_tracking, tracker_id=tracker_id)


@receiver(label_settled)
def _settle_label(label_id: int, **_) -> None:
    hint(tasks.settle_label, label_id=label_id)


@receiver(job_wanted)
def _begin_job(kind: str, job_id: int, **_) -> None:
    hint(tasks.JOBS[kind], job_id=job_id)
