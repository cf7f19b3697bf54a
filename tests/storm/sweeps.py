"""What the clock does: the sweeps of the schedule, as a worker is asked for them."""

from celery import current_app
from django.conf import settings
from django.db.models.functions import Now

from oms.common.models import OutboxMessage
from tests.storm.hand import Hand

# A carrier on the network is not part of the storm, and clean-up of old rows has nothing to do.
NAMES = sorted(
    {
        entry["task"]
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if not entry["task"].startswith("carriers.") and "forget" not in entry["task"]
    }
)


def sweep(hand: Hand) -> str:
    run(hand.dice.choice(NAMES))
    return ""


def all_sweeps() -> None:
    """As they would be by themselves within some minutes: what a killed worker leased is free, what failed is due."""
    OutboxMessage.objects.filter(state__in=("new", "retry")).update(lease_until=None, next_at=Now())
    for _ in range(3):
        for name in NAMES:
            run(name)


def run(name: str) -> None:
    current_app.tasks[name].apply(throw=True)


ACTS = (sweep, sweep, sweep)
