"""The words of an order: its one stored lifecycle, the states derived from line counters, and what each hold blocks."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class OrderState(TextChoices):
    """Commercial lifecycle, the only order state that a verb sets."""

    DRAFT = "draft", _("Draft")
    RECEIVED = "received", _("Received")
    CONFIRMED = "confirmed", _("Confirmed")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


ORDER_MOVES: dict[str, set[str]] = {
    OrderState.DRAFT: {OrderState.RECEIVED, OrderState.CANCELLED},
    OrderState.RECEIVED: {OrderState.CONFIRMED, OrderState.CANCELLED},
    OrderState.CONFIRMED: {OrderState.CLOSED, OrderState.CANCELLED},
    OrderState.CLOSED: {OrderState.CONFIRMED},
    OrderState.CANCELLED: set(),
}
OPEN_STATES = (OrderState.RECEIVED, OrderState.CONFIRMED)


class Method(TextChoices):
    """How the goods reach the customer."""

    SHIP = "ship", _("Ship")
    PICKUP = "pickup", _("Store pickup")
    DIGITAL = "digital", _("Digital")


class HoldState(TextChoices):
    NONE = "none", _("Clear")
    HELD = "held", _("On hold")


class PaymentState(TextChoices):
    """Derived from payment facts and refunds."""

    UNPAID = "unpaid", _("Unpaid")
    AUTHORISED = "authorised", _("Authorised")
    PARTIALLY_PAID = "partially_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    OVERPAID = "overpaid", _("Overpaid")
    PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")
    REFUNDED = "refunded", _("Refunded")


class FulfillmentState(TextChoices):
    """Derived from line counters, worst first; orders.progress holds the table of precedence."""

    UNALLOCATED = "unallocated", _("Unallocated")
    BACKORDERED = "backordered", _("Backordered")
    PARTIALLY_ALLOCATED = "partially_allocated", _("Partly allocated")
    ALLOCATED = "allocated", _("Allocated")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTIALLY_SHIPPED = "partially_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    PARTIALLY_DELIVERED = "partially_delivered", _("Partly delivered")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


class ReturnState(TextChoices):
    NONE = "none", _("None")
    REQUESTED = "requested", _("Requested")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTIALLY_RETURNED = "partially_returned", _("Partly returned")
    RETURNED = "returned", _("Returned")


class Verb(TextChoices):
    """What a hold can block."""

    CONFIRM = "confirm", _("confirm")
    ALLOCATE = "allocate", _("allocate")
    RELEASE = "release", _("release to the floor")
    PICK = "pick", _("pick")
    PACK = "pack", _("pack")
    SHIP = "ship", _("ship")
    REFUND = "refund", _("refund")
    AMEND = "amend", _("amend")


class HoldType(TextChoices):
    ADDRESS = "address", _("Address needs a look")
    CONTACT = "contact", _("Contact missing")
    UNKNOWN_SKU = "unknown_sku", _("Unknown SKU")
    PRICE = "price", _("Price or tax does not add up")
    PAYMENT = "payment", _("Awaiting payment")
    PROMO = "promo", _("Promo code not valid")
    DUPLICATE = "duplicate", _("Possible duplicate")
    FRAUD = "fraud", _("Risk review")
    STOCK = "stock", _("Stock decision")
    CUSTOMER = "customer", _("Customer asked to wait")
    REVIEW = "review", _("Agent review")


_BEFORE_CONFIRM = frozenset({Verb.CONFIRM, Verb.ALLOCATE, Verb.RELEASE, Verb.PICK, Verb.PACK, Verb.SHIP})
_BEFORE_RELEASE = frozenset({Verb.RELEASE, Verb.PICK, Verb.PACK, Verb.SHIP})
HOLD_BLOCKS: dict[str, frozenset[str]] = {
    HoldType.ADDRESS: _BEFORE_CONFIRM,
    HoldType.CONTACT: _BEFORE_CONFIRM,
    HoldType.UNKNOWN_SKU: _BEFORE_CONFIRM,
    HoldType.PRICE: _BEFORE_CONFIRM,
    HoldType.PAYMENT: _BEFORE_CONFIRM,
    HoldType.PROMO: _BEFORE_CONFIRM,
    HoldType.DUPLICATE: _BEFORE_CONFIRM,
    HoldType.FRAUD: _BEFORE_CONFIRM | {Verb.REFUND},
    HoldType.STOCK: _BEFORE_RELEASE,
    HoldType.CUSTOMER: _BEFORE_RELEASE,
    HoldType.REVIEW: _BEFORE_RELEASE,
}


class ChangeState(TextChoices):
    """Life of an amendment."""

    EDITING = "editing", _("Being edited")
    CONFIRMED = "confirmed", _("Confirmed")
    ABANDONED = "abandoned", _("Abandoned")


CHANGE_MOVES: dict[str, set[str]] = {
    ChangeState.EDITING: {ChangeState.CONFIRMED, ChangeState.ABANDONED},
    ChangeState.CONFIRMED: set(),
    ChangeState.ABANDONED: set(),
}


class InboundState(TextChoices):
    """What became of a stored payload."""

    NEW = "new", _("Waiting")
    PROCESSED = "processed", _("Processed")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")


INBOUND_MOVES: dict[str, set[str]] = {
    InboundState.NEW: {InboundState.PROCESSED, InboundState.FAILED, InboundState.REFUSED},
    InboundState.FAILED: {InboundState.PROCESSED, InboundState.FAILED, InboundState.REFUSED},
    InboundState.REFUSED: {InboundState.PROCESSED, InboundState.FAILED, InboundState.REFUSED},
    InboundState.PROCESSED: set(),
}


class ImportState(TextChoices):
    CHECKING = "checking", _("Checking")
    PREVIEW = "preview", _("Ready to import")
    RUNNING = "running", _("Importing")
    DONE = "done", _("Imported")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Failed")


IMPORT_MOVES: dict[str, set[str]] = {
    ImportState.CHECKING: {ImportState.PREVIEW, ImportState.FAILED},
    ImportState.PREVIEW: {ImportState.RUNNING, ImportState.FAILED},
    ImportState.RUNNING: {ImportState.DONE, ImportState.FAILED},
    ImportState.DONE: {ImportState.UNDONE},
    ImportState.UNDONE: set(),
    ImportState.FAILED: set(),
}
