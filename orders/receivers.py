"""News of this room and the one below, turned into hints for workers."""

from django.dispatch import receiver

from oms.common.tasks import hint
from orders import tasks
from orders.signals import import_started, order_changed


@receiver(order_changed)
def verify_again(order_id: int, **_: object) -> None:
    hint(tasks.verify, order_id=order_id)


@receiver(import_started)
def take_in(run_id: int, **_: object) -> None:
    hint(tasks.import_orders, run_id=run_id)
