"""One call each. Every task may run twice, or late: its verb looks at the rows again under their locks."""

from celery import shared_task

from fulfillment import (
    accepting,
    backorders,
    closing,
    deciding,
    dispatch,
    dropshipping,
    expiring,
    joining,
    lapsing,
    meeting,
    pickup,
    rehearsal,
    shipping,
    sourcing,
    sweeping,
    tracking,
)
from oms.common.tasks import hint


@shared_task
def accept_waiting(**_) -> int:
    return accepting.accept_waiting()


@shared_task
def route_order(*, order_id: int, trigger: str = "confirmed", **_) -> None:
    sourcing.route(order_id, trigger=trigger)


@shared_task
def route_waiting(**_) -> int:
    return sweeping.route_waiting()


@shared_task
def fill_backorders(*, sku_id: int, **_) -> int:
    return backorders.fill(sku_id)


@shared_task
def fill_all_backorders(**_) -> int:
    return backorders.fill_all()


@shared_task
def refresh_expected_supply(**_) -> int:
    return backorders.refresh_expected()


@shared_task
def expire_pickups(**_) -> int:
    return pickup.expire()


@shared_task
def settle_label(*, label_id: int, **_) -> None:
    shipping.settle(label_id)


@shared_task
def settle_labels(**_) -> int:
    return sweeping.settle_labels()


@shared_task
def apply_tracking(*, tracker_id: int, **_) -> None:
    tracking.apply(tracker_id)


@shared_task
def apply_all_tracking(**_) -> int:
    return sweeping.apply_tracking()


@shared_task
def give_back_held(**_) -> int:
    return lapsing.give_back_held()


@shared_task
def join_split_orders(**_) -> int:
    return joining.join_split()


@shared_task
def look_for_late_parcels(**_) -> int:
    return tracking.look_for_late() + meeting.look_for_late()


@shared_task
def hand_over_closed(**_) -> int:
    return dispatch.hand_over_closed()


@shared_task
def rehearse(*, job_id: int, **_) -> None:
    rehearsal.run(job_id)


@shared_task
def move_work(*, job_id: int, **_) -> None:
    closing.run(job_id)


@shared_task
def decide_together(*, job_id: int, **_) -> None:
    deciding.run(job_id)


JOBS = {
    rehearsal.KIND: rehearse,
    closing.AWAY: move_work,
    closing.BACK: move_work,
    deciding.LOOK: decide_together,
    deciding.DECIDE: decide_together,
}


@shared_task
def resume_jobs(**_) -> int:
    """Long work whose worker was lost is begun again."""
    waiting = [(JOBS[kind], pk) for kind, pk in sweeping.stalled_jobs(JOBS)]
    for task, pk in waiting:
        hint(task, job_id=pk)
    return len(waiting)


@shared_task
def set_aside_expired(**_) -> int:
    return expiring.sweep()


@shared_task
def order_dropships(**_) -> int:
    return dropshipping.order_waiting() + dropshipping.follow_all() + dropshipping.look_for_silent()
