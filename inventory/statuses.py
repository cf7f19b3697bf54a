"""The words of stock: kinds of places, bins and movements, and the lives of purchase orders and transfers."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LocationKind(TextChoices):
    """A supplier's place holds what they ship for us; what is in transit is nobody's to sell until it arrives."""

    WAREHOUSE = "warehouse", _("Warehouse")
    STORE = "store", _("Store")
    SUPPLIER = "supplier", _("Supplier")
    TRANSIT = "transit", _("In transit")


class Tracks(TextChoices):
    """What is written down about the units of a SKU beside their number."""

    NONE = "none", _("Nothing")
    LOT = "lot", _("Lot and expiry")
    SERIAL = "serial", _("Serial numbers")


class BinKind(TextChoices):
    """Each location has one bin for arrivals, one for picked units and one for units set aside."""

    SHELF = "shelf", _("Shelf")
    RECEIVING = "receiving", _("Receiving")
    STAGING = "staging", _("Staging")
    QUARANTINE = "quarantine", _("Quarantine")


PICKABLE = (BinKind.SHELF, BinKind.RECEIVING)


class MovementKind(TextChoices):
    RECEIVED = "received", _("Received")
    ALLOCATED = "allocated", _("Allocated")
    RELEASED = "released", _("Released")
    RESERVED = "reserved", _("Reserved")
    UNRESERVED = "unreserved", _("Reservation ended")
    PICKED = "picked", _("Picked")
    PUT_BACK = "put_back", _("Put back")
    SHIPPED = "shipped", _("Shipped")
    MOVED = "moved", _("Moved")
    ADJUSTED = "adjusted", _("Adjusted")
    DAMAGED = "damaged", _("Set aside")
    UNDAMAGED = "undamaged", _("Back to sellable")
    RETURNED = "returned", _("Returned")
    TRANSFERRED_OUT = "transferred_out", _("Sent to another location")
    TRANSFERRED_IN = "transferred_in", _("Came from another location")


UNDOABLE = (MovementKind.ADJUSTED, MovementKind.MOVED, MovementKind.DAMAGED, MovementKind.UNDAMAGED)


class AdjustmentReason(TextChoices):
    FOUND = "found", _("Found")
    LOST = "lost", _("Lost")
    COUNTED = "counted", _("Counted")
    BROKEN = "broken", _("Broken, thrown away")
    SAMPLE = "sample", _("Used as a sample")
    OPENING = "opening", _("Opening stock")
    CORRECTION = "correction", _("Correction of a mistake")


class PurchaseState(TextChoices):
    DRAFT = "draft", _("Draft")
    ORDERED = "ordered", _("Ordered")
    PARTIALLY_RECEIVED = "partially_received", _("Partly received")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


_P = PurchaseState
PURCHASE_MOVES: dict[str, set[str]] = {
    _P.DRAFT: {_P.ORDERED, _P.CANCELLED},
    _P.ORDERED: {_P.PARTIALLY_RECEIVED, _P.RECEIVED, _P.CANCELLED},
    _P.PARTIALLY_RECEIVED: {_P.RECEIVED},
    _P.RECEIVED: set(),
    _P.CANCELLED: set(),
}
PURCHASES_DUE = (_P.ORDERED, _P.PARTIALLY_RECEIVED)


class TransferState(TextChoices):
    DRAFT = "draft", _("Planned")
    SHIPPED = "shipped", _("On its way")
    RECEIVED = "received", _("Received")
    CANCELLED = "cancelled", _("Cancelled")


TRANSFER_MOVES: dict[str, set[str]] = {
    TransferState.DRAFT: {TransferState.SHIPPED, TransferState.CANCELLED},
    TransferState.SHIPPED: {TransferState.RECEIVED},
    TransferState.RECEIVED: set(),
    TransferState.CANCELLED: set(),
}
TRANSFERS_DUE = (TransferState.DRAFT, TransferState.SHIPPED)


class CountState(TextChoices):
    """A count of bins. It closes by itself when nothing differs."""

    OPEN = "open", _("To count")
    REVIEW = "review", _("To approve")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


COUNT_MOVES: dict[str, set[str]] = {
    CountState.OPEN: {CountState.REVIEW, CountState.CLOSED, CountState.CANCELLED},
    CountState.REVIEW: {CountState.OPEN, CountState.CLOSED, CountState.CANCELLED},
    CountState.CLOSED: set(),
    CountState.CANCELLED: set(),
}


class CountedBinState(TextChoices):
    """One bin of a count: counted once, again by another when it differs much, then approved."""

    WAITING = "waiting", _("To count")
    RECOUNT = "recount", _("To count again")
    DIFFERS = "differs", _("Differs")
    AGREED = "agreed", _("Agrees")
    POSTED = "posted", _("Posted")
    DROPPED = "dropped", _("Left out")


_C = CountedBinState
COUNTED_BIN_MOVES: dict[str, set[str]] = {
    _C.WAITING: {_C.RECOUNT, _C.DIFFERS, _C.AGREED, _C.DROPPED},
    _C.RECOUNT: {_C.DIFFERS, _C.AGREED, _C.DROPPED},
    _C.DIFFERS: {_C.RECOUNT, _C.POSTED, _C.DROPPED},
    _C.AGREED: set(),
    _C.POSTED: set(),
    _C.DROPPED: set(),
}
TO_COUNT = (_C.WAITING, _C.RECOUNT)
BEING_COUNTED = (*TO_COUNT, _C.DIFFERS)
COUNTABLE = (*PICKABLE, BinKind.QUARANTINE)


class CountCause(TextChoices):
    PLANNED = "planned", _("Planned")
    SHORT_PICK = "short_pick", _("Short pick")
    ZERO_CHECK = "zero_check", _("Zero check")


class ImportKind(TextChoices):
    SKUS = "skus", _("SKUs")
    BINS = "bins", _("Bins")
    STOCK = "stock", _("Stock")


class ImportMode(TextChoices):
    """What the units of a stock file mean."""

    SET = "set", _("So many lie there")
    ADD = "add", _("So many come in addition")


class ImportState(TextChoices):
    PREVIEW = "preview", _("To look at")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")


IMPORT_MOVES: dict[str, set[str]] = {
    ImportState.PREVIEW: {ImportState.RUNNING},
    ImportState.RUNNING: {ImportState.DONE},
    ImportState.DONE: set(),
}


class RowVerdict(TextChoices):
    CREATE = "create", _("Will be created")
    CHANGE = "change", _("Will be changed")
    SAME = "same", _("Nothing to do")
    FAIL = "fail", _("Has errors")
    DONE = "done", _("Done")


TO_DO = (RowVerdict.CREATE, RowVerdict.CHANGE)


class SerialState(TextChoices):
    HERE = "here", _("Here")
    GONE = "gone", _("Gone")


SERIAL_MOVES: dict[str, set[str]] = {
    SerialState.HERE: {SerialState.GONE},
    SerialState.GONE: {SerialState.HERE},
}


class WishState(TextChoices):
    WAITING = "waiting", _("In the queue")
    GRANTED = "granted", _("Kept back")
    REFUSED = "refused", _("Sold out")
    USED = "used", _("Ordered")
    DROPPED = "dropped", _("Given up")
    EXPIRED = "expired", _("Run out")


_W = WishState
WISH_MOVES: dict[str, set[str]] = {
    _W.WAITING: {_W.GRANTED, _W.REFUSED, _W.DROPPED},
    _W.GRANTED: {_W.USED, _W.DROPPED, _W.EXPIRED},
    _W.REFUSED: set(),
    _W.USED: set(),
    _W.DROPPED: set(),
    _W.EXPIRED: set(),
}
