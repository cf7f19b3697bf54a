"""Sweeps of stock, and the long work that pages ask for."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from inventory import days, importing, rebuilding, reservations, wishes
from oms.common.tasks import hint

LOST_AFTER = timedelta(minutes=2)


@shared_task
def expire_reservations(**_: object) -> int:
    return reservations.expire() + wishes.expire()


@shared_task
def decide_wishes(**_: object) -> list[int]:
    return list(wishes.decide())


@shared_task
def add_up_days(**_: object) -> int:
    return days.add_up()


@shared_task
def check_stock(*, job_id: int | None = None, **_: object) -> int:
    """The job that a person asked for, else the nightly look."""
    job = rebuilding.run(job_id) if job_id else rebuilding.check()
    return job.result["left"]


@shared_task
def take_in_import(*, run_id: int, **_: object) -> None:
    importing.take_in(run_id)


@shared_task
def sweep_imports(**_: object) -> int:
    """Files whose worker was lost are gone on with."""
    lost = importing.stalled(timezone.now() - LOST_AFTER)
    for pk in lost:
        hint(take_in_import, run_id=pk)
    return len(lost)
