"""Sweeps of stock."""

from celery import shared_task

from inventory import reservations


@shared_task
def expire_reservations(**_: object) -> int:
    return reservations.expire()
