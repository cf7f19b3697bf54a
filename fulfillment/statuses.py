"""The words of fulfilment: work at one location, picking, shipments and parcels, each with its table of moves."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FulfillmentOrderState(TextChoices):
    """Work for one location. Pickup goes packed → ready_for_pickup → completed; digital goes open → completed."""

    OPEN = "open", _("Open")
    RELEASED = "released", _("Released")
    IN_PROGRESS = "in_progress", _("Picking")
    PICKED = "picked", _("Picked")
    PACKED = "packed", _("Packed")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pickup")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


_F = FulfillmentOrderState
FULFILLMENT_MOVES: dict[str, set[str]] = {
    _F.OPEN: {_F.RELEASED, _F.COMPLETED, _F.CANCELLED},
    _F.RELEASED: {_F.OPEN, _F.IN_PROGRESS, _F.PICKED, _F.CANCELLED},
    _F.IN_PROGRESS: {_F.RELEASED, _F.PICKED, _F.CANCELLED},
    _F.PICKED: {_F.PACKED, _F.CANCELLED},
    _F.PACKED: {_F.PICKED, _F.READY_FOR_PICKUP, _F.COMPLETED, _F.CANCELLED},
    _F.READY_FOR_PICKUP: {_F.PICKED, _F.COMPLETED, _F.CANCELLED},
    _F.COMPLETED: set(),
    _F.CANCELLED: set(),
}
LIVE_STATES = (_F.OPEN, _F.RELEASED, _F.IN_PROGRESS, _F.PICKED, _F.PACKED, _F.READY_FOR_PICKUP)
ON_THE_FLOOR = (_F.RELEASED, _F.IN_PROGRESS, _F.PICKED, _F.PACKED, _F.READY_FOR_PICKUP)


class BackorderState(TextChoices):
    WAITING = "waiting", _("Waiting")
    FILLED = "filled", _("Filled")
    CANCELLED = "cancelled", _("Cancelled")


BACKORDER_MOVES: dict[str, set[str]] = {
    BackorderState.WAITING: {BackorderState.FILLED, BackorderState.CANCELLED},
    BackorderState.FILLED: set(),
    BackorderState.CANCELLED: set(),
}


class PartState(TextChoices):
    COMING = "coming", _("On its way")
    ARRIVED = "arrived", _("Arrived")
    GIVEN_UP = "given_up", _("Given up")


PART_MOVES: dict[str, set[str]] = {
    PartState.COMING: {PartState.ARRIVED, PartState.GIVEN_UP},
    PartState.ARRIVED: set(),
    PartState.GIVEN_UP: set(),
}


class PickListState(TextChoices):
    OPEN = "open", _("Waiting for a picker")
    CLAIMED = "claimed", _("Being picked")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


PICK_LIST_MOVES: dict[str, set[str]] = {
    PickListState.OPEN: {PickListState.CLAIMED, PickListState.DONE, PickListState.CANCELLED},
    PickListState.CLAIMED: {PickListState.OPEN, PickListState.DONE, PickListState.CANCELLED},
    PickListState.DONE: set(),
    PickListState.CANCELLED: set(),
}


class PickTaskState(TextChoices):
    PENDING = "pending", _("To pick")
    PICKED = "picked", _("Picked")
    SHORT = "short", _("Short")
    CANCELLED = "cancelled", _("Cancelled")


PICK_TASK_MOVES: dict[str, set[str]] = {
    PickTaskState.PENDING: {PickTaskState.PICKED, PickTaskState.SHORT, PickTaskState.CANCELLED},
    PickTaskState.PICKED: {PickTaskState.PENDING, PickTaskState.CANCELLED},
    PickTaskState.SHORT: set(),
    PickTaskState.CANCELLED: set(),
}


class ShortReason(TextChoices):
    """Why a bin gave less than asked; decides what happens to the stock record."""

    NOT_FOUND = "not_found", _("Not there")
    DAMAGED = "damaged", _("Damaged")
    WRONG_ITEM = "wrong_item", _("Another item is in the bin")
    UNREACHABLE = "unreachable", _("Cannot be reached")


class ShipmentState(TextChoices):
    DRAFT = "draft", _("Packing")
    SEALED = "sealed", _("Ready for a label")
    LABELLED = "labelled", _("Labelled")
    HANDED_OVER = "handed_over", _("Handed over")
    VOIDED = "voided", _("Voided")


SHIPMENT_MOVES: dict[str, set[str]] = {
    ShipmentState.DRAFT: {ShipmentState.SEALED, ShipmentState.VOIDED},
    ShipmentState.SEALED: {
        ShipmentState.DRAFT,
        ShipmentState.LABELLED,
        ShipmentState.HANDED_OVER,
        ShipmentState.VOIDED,
    },
    ShipmentState.LABELLED: {ShipmentState.SEALED, ShipmentState.HANDED_OVER, ShipmentState.VOIDED},
    ShipmentState.HANDED_OVER: set(),
    ShipmentState.VOIDED: set(),
}


class InterceptState(TextChoices):
    """A cancellation or amendment that reached work on the floor: the picker puts back, or it was too late."""

    ASKED = "asked", _("Asked to put back")
    HONOURED = "honoured", _("Put back")
    TOO_LATE = "too_late", _("Too late")


INTERCEPT_MOVES: dict[str, set[str]] = {
    InterceptState.ASKED: {InterceptState.HONOURED, InterceptState.TOO_LATE},
    InterceptState.HONOURED: set(),
    InterceptState.TOO_LATE: set(),
}


class WaveState(TextChoices):
    OPEN = "open", _("On the floor")
    DONE = "done", _("Done")


WAVE_MOVES: dict[str, set[str]] = {WaveState.OPEN: {WaveState.DONE}, WaveState.DONE: {WaveState.OPEN}}


class RuleSetState(TextChoices):
    """Of one version of the sourcing rules. There is at most one draft, and one in use."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("In use")
    PAST = "past", _("Past")


RULE_SET_MOVES: dict[str, set[str]] = {
    RuleSetState.DRAFT: {RuleSetState.LIVE, RuleSetState.PAST},
    RuleSetState.LIVE: {RuleSetState.PAST},
    RuleSetState.PAST: set(),
}
