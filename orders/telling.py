"""The timeline in words: what a colleague reads of each event."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from orders.models import OrderEvent


class Said(NamedTuple):
    """`words` may name the event's `subject`; topic is what the timeline can be narrowed to."""

    words: str
    icon: str
    topic: str
    tone: str = ""


WORDS = {
    "order.received": Said("Order received by {subject}", "inbox", "order"),
    "order.confirmed": Said("Order confirmed", "circle-check", "order", "ok"),
    "order.closed": Said("Order closed", "archive", "order", "ok"),
    "order.reopened": Said("Order opened again", "rotate-ccw", "order", "warn"),
    "order.cancelled": Said("Order cancelled", "ban", "order", "bad"),
    "order.import_undone": Said("The import of it was undone", "undo-2", "order", "bad"),
    "order.units_cancelled": Said("Units cancelled", "ban", "order", "warn"),
    "order.amended": Said("Order changed", "pencil", "order", "info"),
    "change.abandoned": Said("A change was given up", "x", "order"),
    "address.corrected": Said("Address corrected", "map-pin", "order", "info"),
    "contact.corrected": Said("Contact corrected", "user", "order", "info"),
    "line.mapped": Said("SKU settled", "tag", "order", "info"),
    "hold.placed": Said("On hold: {subject}", "pause", "holds", "warn"),
    "hold.released": Said("Hold released: {subject}", "play", "holds", "ok"),
    "hold.rejected": Said("Hold confirmed: {subject}", "ban", "holds", "bad"),
    "hold.postponed": Said("Hold postponed: {subject}", "clock", "holds"),
    "payment.received": Said("{subject} paid", "banknote", "money", "ok"),
    "payment.authorised": Said("{subject} authorised", "credit-card", "money", "info"),
    "refund.submitted": Said("{subject} is being paid back", "banknote", "money", "info"),
    "refund.of_nothing": Said("{subject}: units counted, nothing to pay back", "banknote", "money", "ok"),
    "refund.paid": Said("{subject} paid back", "banknote", "money", "ok"),
    "refund.failed": Said("Paying back {subject} failed", "circle-alert", "money", "bad"),
    "document.issued": Said("{subject} issued", "file-text", "money"),
    "note.added": Said("Note", "message-square", "notes"),
    "mail.sent_again": Said("Mail sent again: {subject}", "mail", "notes"),
    "order.routed": Said("Given to its locations", "route", "fulfilment", "info"),
    "fulfillment.released": Said("{subject} released to the floor", "layers", "fulfilment", "info"),
    "fulfillment.recalled": Said("{subject} taken back from the floor", "undo-2", "fulfilment", "warn"),
    "fulfillment.started": Said("{subject} is being picked", "scan-barcode", "fulfilment", "info"),
    "fulfillment.picked": Said("{subject} picked", "scan-barcode", "fulfilment", "ok"),
    "fulfillment.short": Said("{subject} came up short", "circle-alert", "fulfilment", "bad"),
    "fulfillment.rejected": Said("{subject} rejected by its location", "ban", "fulfilment", "bad"),
    "fulfillment.lapsed": Said("{subject} gave its units back: held for long", "clock", "fulfilment", "warn"),
    "fulfillment.part_arrived": Said("Parts joined {subject}", "package", "fulfilment", "ok"),
    "fulfillment.part_missing": Said("Parts did not arrive with {subject}", "circle-alert", "fulfilment", "bad"),
    "dropship.ordered": Said("Ordered from its supplier as {subject}", "factory", "fulfilment", "info"),
    "dropship.accepted": Said("The supplier accepted {subject}", "circle-check", "fulfilment", "ok"),
    "dropship.sent": Said("The supplier sent {subject}", "truck", "fulfilment", "ok"),
    "fulfillment.packed": Said("{subject} packed", "package", "fulfilment", "ok"),
    "parcel.sealed": Said("Parcel {subject} sealed", "package", "fulfilment", "ok"),
    "intercept.asked": Said("{subject}: units are to be put back", "hand", "fulfilment", "warn"),
    "intercept.honoured": Said("{subject}: units were put back", "check", "fulfilment", "ok"),
    "intercept.too_late": Said("{subject}: too late to put back", "circle-alert", "fulfilment", "bad"),
    "label.requested": Said("Label asked for", "tag", "parcels"),
    "label.failed": Said("No label for {subject}", "circle-alert", "parcels", "bad"),
    "label.taken_back": Said("Label of {subject} taken back", "undo-2", "parcels", "warn"),
    "shipment.labelled": Said("{subject} has its label", "tag", "parcels", "ok"),
    "shipment.voided": Said("{subject} undone", "undo-2", "parcels", "warn"),
    "shipment.handed_over": Said("{subject} handed over", "truck", "parcels", "ok"),
    "parcel.moved": Said("News of parcel {subject}", "map-pin", "parcels", "info"),
    "parcel.delivered": Said("Parcel {subject} delivered", "circle-check", "parcels", "ok"),
    "pickup.ready": Said("{subject} is ready to collect", "store", "parcels", "ok"),
    "pickup.collected": Said("{subject} collected", "store", "parcels", "ok"),
    "pickup.extended": Said("{subject} is kept longer", "clock", "parcels"),
    "pickup.expired": Said("{subject} was not collected", "clock", "parcels", "bad"),
    "digital.delivered": Said("Downloads sent", "download", "parcels", "ok"),
    "digital.revoked": Said("Download of {subject} withdrawn", "ban", "parcels", "warn"),
    "return.requested": Said("Return {subject} requested", "undo-2", "returns", "info"),
    "return.authorised": Said("Return {subject} authorised", "undo-2", "returns", "ok"),
    "return.labelled": Said("Return {subject} has its label", "tag", "returns"),
    "return.on_its_way": Said("Return {subject} is on its way back", "truck", "returns", "info"),
    "return.declined": Said("Return {subject} declined", "ban", "returns", "bad"),
    "return.cancelled": Said("Return {subject} cancelled", "ban", "returns"),
    "return.expired": Said("Return {subject} expired", "clock", "returns"),
    "return.arrived": Said("Return {subject} arrived", "package-open", "returns", "info"),
    "return.received": Said("Return {subject} received", "package-open", "returns", "ok"),
    "return.inspected": Said("Return {subject} inspected", "search", "returns", "info"),
    "return.closed": Said("Return {subject} closed", "archive", "returns", "ok"),
}
TOPICS = tuple(dict.fromkeys(said.topic for said in WORDS.values()))
DETAILS = ("reason", "note", "text", "why", "summary", "status", "difference")


def verbs_of(topic: str) -> list[str]:
    return [verb for verb, said in WORDS.items() if said.topic == topic]


def entries(events: Iterable[OrderEvent]) -> list[dict[str, Any]]:
    """For components/_timeline.html."""
    return [_entry(event) for event in events]


def _entry(event: OrderEvent) -> dict[str, Any]:
    said = WORDS.get(event.verb) or Said(f"{event.verb.replace('.', ' ').replace('_', ' ').capitalize()}", "dot", "")
    words = said.words.format(subject=event.subject) if event.subject or "{" not in said.words else said.words
    noted = event.verb == "note.added"
    return {
        "text": words.replace("{subject}", "").strip() + ("" if noted else _detail(event)),
        "said": event.particulars.get("text", "") if noted else "",
        "icon": said.icon,
        "tone": said.tone,
        "actor": event.actor_label,
        "at": event.at,
        "before": _facts(event.before),
        "after": _facts(event.after),
    }


def _detail(event: OrderEvent) -> str:
    told = [str(event.particulars[name]) for name in DETAILS if event.particulars.get(name)]
    told += [problem["message"] for problem in event.particulars.get("problems", ()) if problem.get("message")]
    return f" – {'; '.join(told)}" if told else ""


def _facts(facts: dict[str, Any] | None) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value or '–'}" for name, value in (facts or {}).items())
