"""Sweeps at carriers: each finds its work by query, whatever hint was lost."""

from celery import shared_task

from carriers import labels, messages, rating, setup, tracking


@shared_task
def poll_trackers(**_: object) -> int:
    return tracking.poll_due()


@shared_task
def settle_labels(**_: object) -> int:
    return labels.settle_waiting()


@shared_task
def find_silent_trackers(**_: object) -> int:
    return tracking.find_silent()


@shared_task
def read_message(*, message_id: int, **_: object) -> None:
    messages.read(message_id)


@shared_task
def read_messages(**_: object) -> int:
    return messages.read_waiting()


@shared_task
def forget_quotes(**_: object) -> None:
    rating.forget_old()
    messages.forget_old()


@shared_task
def register_webhooks(**_: object) -> int:
    return setup.register_webhooks()
