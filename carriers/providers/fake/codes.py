"""The carrier's own words for what happens to a parcel, in ours. Used by its adapter and by its server."""

from carriers.statuses import Incident, TrackingStatus

T, I = TrackingStatus, Incident  # noqa: E741

CODES: dict[str, tuple[str, str, str]] = {
    "LBL": (T.PENDING, I.NONE, "Label made, parcel awaited"),
    "COL": (T.PICKED_UP, I.NONE, "Picked up from the sender"),
    "HUB": (T.IN_TRANSIT, I.NONE, "Sorted at the hub"),
    "DLY": (T.DELIVERY_DELAYED, I.DELAY, "Delayed on the way"),
    "HLD": (T.ON_HOLD, I.OTHER, "Held at the depot"),
    "CUS": (T.ON_HOLD, I.CUSTOMS, "Held at customs"),
    "OUT": (T.OUT_FOR_DELIVERY, I.NONE, "On the van for delivery"),
    "PUP": (T.READY_FOR_PICKUP, I.NONE, "Waiting at the pickup point"),
    "NOT": (T.DELIVERY_FAILED, I.ABSENT, "Nobody was there"),
    "ADR": (T.DELIVERY_FAILED, I.ADDRESS, "The address was not found"),
    "LST": (T.DELIVERY_FAILED, I.LOST, "The parcel is lost"),
    "DMG": (T.ON_HOLD, I.DAMAGED, "Damaged on the way"),
    "RTS": (T.RETURN_TO_SENDER, I.REFUSED, "Refused, on its way back"),
    "DEL": (T.DELIVERED, I.NONE, "Delivered"),
    "CAN": (T.CANCELLED, I.NONE, "Label cancelled"),
}
JOURNEY = ("LBL", "COL", "HUB", "OUT", "DEL")
ENDS = frozenset({"DEL", "RTS", "LST", "CAN"})
BY_WORD = {
    "pending": "LBL",
    "picked_up": "COL",
    "in_transit": "HUB",
    "delayed": "DLY",
    "delivery_delayed": "DLY",
    "held": "HLD",
    "on_hold": "HLD",
    "customs": "CUS",
    "out_for_delivery": "OUT",
    "ready_for_pickup": "PUP",
    "failed": "NOT",
    "delivery_failed": "NOT",
    "bad_address": "ADR",
    "lost": "LST",
    "damaged": "DMG",
    "returned": "RTS",
    "return_to_sender": "RTS",
    "delivered": "DEL",
    "cancelled": "CAN",
}
