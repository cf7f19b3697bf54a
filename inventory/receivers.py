"""News of stock becomes a hint to a worker, and nothing else. What a lost hint leaves lying, a sweep finds."""

from django.dispatch import receiver

from inventory import tasks
from inventory.signals import import_started, wished
from oms.common.tasks import hint, hint_soon


@receiver(import_started)
def _take_in(run_id: int, **_: object) -> None:
    hint(tasks.take_in_import, run_id=run_id)


@receiver(wished)
def _decide(**_: object) -> None:
    hint_soon(tasks.decide_wishes)
