"""The words of carriers: lifecycles of labels and manifests as tables of moves, and what a parcel's news can say."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LabelState(TextChoices):
    """`unknown`: the carrier was asked and the answer got lost. It is looked up before anything is bought again."""

    REQUESTED = "requested", _("Requested")
    UNKNOWN = "unknown", _("Unknown")
    BOUGHT = "bought", _("Bought")
    FAILED = "failed", _("Failed")
    VOIDED = "voided", _("Voided")


LABEL_MOVES: dict[str, set[str]] = {
    LabelState.REQUESTED: {LabelState.BOUGHT, LabelState.FAILED, LabelState.UNKNOWN, LabelState.VOIDED},
    LabelState.UNKNOWN: {LabelState.BOUGHT, LabelState.FAILED, LabelState.REQUESTED},
    LabelState.BOUGHT: {LabelState.VOIDED},
    LabelState.FAILED: set(),
    LabelState.VOIDED: set(),
}
LIVE_LABELS = (LabelState.REQUESTED, LabelState.UNKNOWN, LabelState.BOUGHT)
UNSETTLED_LABELS = (LabelState.REQUESTED, LabelState.UNKNOWN)


class LabelFormat(TextChoices):
    PDF_4X6 = "pdf_4x6", _("PDF, 4 × 6 inch")
    PDF_A6 = "pdf_a6", _("PDF, A6")
    ZPL_203 = "zpl_203", _("ZPL, 203 dpi")
    ZPL_300 = "zpl_300", _("ZPL, 300 dpi")


class Direction(TextChoices):
    OUTBOUND = "outbound", _("To the customer")
    RETURN = "return", _("Back to us")


class ManifestState(TextChoices):
    """`closing`: the list is frozen and the carrier is being told."""

    OPEN = "open", _("Open")
    CLOSING = "closing", _("Closing")
    CLOSED = "closed", _("Closed")


MANIFEST_MOVES: dict[str, set[str]] = {
    ManifestState.OPEN: {ManifestState.CLOSING},
    ManifestState.CLOSING: {ManifestState.CLOSED, ManifestState.OPEN},
    ManifestState.CLOSED: set(),
}


class Health(TextChoices):
    UNTESTED = "untested", _("Not tested yet")
    OK = "ok", _("Answers")
    FAILING = "failing", _("Does not answer")
    NEEDS_SIGN_IN = "needs_sign_in", _("Refuses our credentials")


class TrackingStatus(TextChoices):
    """The same twelve words for every carrier. A carrier's own codes are translated in its folder and stop there."""

    PENDING = "pending", _("Not yet with the carrier")
    PICKED_UP = "picked_up", _("With the carrier")
    IN_TRANSIT = "in_transit", _("On its way")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    READY_FOR_PICKUP = "ready_for_pickup", _("Waiting at a pickup point")
    DELIVERY_DELAYED = "delivery_delayed", _("Delayed")
    DELIVERY_FAILED = "delivery_failed", _("Delivery failed")
    ON_HOLD = "on_hold", _("Held by the carrier")
    DELIVERED = "delivered", _("Delivered")
    RETURN_TO_SENDER = "return_to_sender", _("Coming back")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Unknown")


_T = TrackingStatus
RANKS: dict[str, int] = {
    _T.UNKNOWN: 0,
    _T.PENDING: 10,
    _T.CANCELLED: 20,
    _T.PICKED_UP: 30,
    _T.IN_TRANSIT: 40,
    _T.DELIVERY_DELAYED: 50,
    _T.ON_HOLD: 50,
    _T.OUT_FOR_DELIVERY: 60,
    _T.READY_FOR_PICKUP: 70,
    _T.DELIVERY_FAILED: 80,
    _T.RETURN_TO_SENDER: 90,
    _T.DELIVERED: 100,
}
STICKY = frozenset({_T.DELIVERED, _T.RETURN_TO_SENDER})
FINAL = frozenset({*STICKY, _T.CANCELLED})
MOVING = frozenset(
    {_T.PICKED_UP, _T.IN_TRANSIT, _T.OUT_FOR_DELIVERY, _T.DELIVERY_DELAYED, _T.ON_HOLD, _T.DELIVERY_FAILED}
)


class Incident(TextChoices):
    """Why a parcel is in trouble, by whoever has to act."""

    NONE = "", _("None")
    ADDRESS = "address", _("The address is wrong or incomplete")
    ABSENT = "absent", _("Nobody was there")
    REFUSED = "refused", _("The receiver refused it")
    UNCLAIMED = "unclaimed", _("Not collected in time")
    DAMAGED = "damaged", _("Damaged on the way")
    LOST = "lost", _("Lost by the carrier")
    DELAY = "delay", _("Weather, strike or capacity")
    CUSTOMS = "customs", _("Held at customs")
    OTHER = "other", _("Something else")
