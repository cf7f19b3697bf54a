"""Sweeps of stock, and the long work that pages ask for."""

from celery import shared_task

from inventory import rebuilding, reservations


@shared_task
def expire_reservations(**_: object) -> int:
    return reservations.expire()


@shared_task
def check_stock(*, job_id: int | None = None, **_: object) -> int:
    """The job that a person asked for, else the nightly look."""
    job = rebuilding.run(job_id) if job_id else rebuilding.check()
    return job.result["left"]
