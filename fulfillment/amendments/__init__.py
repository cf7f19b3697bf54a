"""A change of mind before the goods are gone: built as a change set, previewed in memory, confirmed whole.

`preview(order, actions)` touches nothing. `confirm(change)` applies it under the order's lock, and refuses when the
order is no longer what its author saw. `amend` is all of it in one call, for callers that need no preview.
"""

from fulfillment.amendments.actions import Action, Kind
from fulfillment.amendments.changes import abandon, begin, put, remove
from fulfillment.amendments.confirming import Conflict, amend, confirm
from fulfillment.amendments.previewing import Preview, preview

__all__ = [
    "Action",
    "Conflict",
    "Kind",
    "Preview",
    "abandon",
    "amend",
    "begin",
    "confirm",
    "preview",
    "put",
    "remove",
]
