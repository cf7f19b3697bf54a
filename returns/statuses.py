"""The words of a return: its lifecycle, what happens to each unit, and the life of a refund."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReturnOrderState(TextChoices):
    REQUESTED = "requested", _("Requested")
    AUTHORISED = "authorised", _("Authorised")
    IN_TRANSIT = "in_transit", _("On its way back")
    RECEIVING = "receiving", _("Being received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


_R = ReturnOrderState
RETURN_MOVES: dict[str, set[str]] = {
    _R.REQUESTED: {_R.AUTHORISED, _R.DECLINED, _R.CANCELLED},
    _R.AUTHORISED: {_R.IN_TRANSIT, _R.RECEIVING, _R.EXPIRED, _R.CANCELLED},
    _R.IN_TRANSIT: {_R.RECEIVING, _R.EXPIRED},
    _R.RECEIVING: {_R.RECEIVED},
    _R.RECEIVED: {_R.CLOSED},
    _R.CLOSED: set(),
    _R.DECLINED: set(),
    _R.EXPIRED: {_R.RECEIVING},
    _R.CANCELLED: set(),
}
OPEN_STATES = (_R.REQUESTED, _R.AUTHORISED, _R.IN_TRANSIT, _R.RECEIVING, _R.RECEIVED)
RECEIVABLE = (_R.AUTHORISED, _R.IN_TRANSIT, _R.RECEIVING, _R.EXPIRED)


class Reason(TextChoices):
    NOT_WANTED = "not_wanted", _("No longer wanted")
    WRONG_SIZE = "wrong_size", _("Does not fit")
    NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
    DAMAGED = "damaged", _("Arrived damaged")
    DEFECTIVE = "defective", _("Does not work")
    WRONG_ITEM = "wrong_item", _("Wrong item sent")
    ARRIVED_LATE = "arrived_late", _("Arrived too late")
    OTHER = "other", _("Other")


class Disposition(TextChoices):
    """Where a returned unit goes."""

    RESTOCK = "restock", _("Back to stock")
    REFURBISH = "refurbish", _("Repack or refurbish")
    QUARANTINE = "quarantine", _("Quarantine")
    SCRAP = "scrap", _("Scrap")
    RETURN_TO_CUSTOMER = "return_to_customer", _("Send back to the customer")


class RefundState(TextChoices):
    PENDING = "pending", _("Waiting")
    SUBMITTED = "submitted", _("Sent to the payment side")
    SUCCEEDED = "succeeded", _("Paid out")
    FAILED = "failed", _("Failed")


REFUND_MOVES: dict[str, set[str]] = {
    RefundState.PENDING: {RefundState.SUBMITTED, RefundState.SUCCEEDED, RefundState.FAILED},
    RefundState.SUBMITTED: {RefundState.SUCCEEDED, RefundState.FAILED},
    RefundState.SUCCEEDED: set(),
    RefundState.FAILED: {RefundState.PENDING},
}
