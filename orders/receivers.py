"""News of this room and the one below, turned into hints for workers."""

from django.dispatch import receiver

from oms.common.tasks import hint
from orders import tasks
from orders.signals import order_changed


@receiver(order_changed)
def verify_again(order_id: int, **_: object) -> None:
    hint(tasks.verify, order_id=order_id)
