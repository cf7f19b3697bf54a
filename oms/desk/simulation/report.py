"""The day in figures, from what the API tells of its orders; and our books beside those of the shop and the carrier."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from statistics import median
from typing import Any

from oms.desk.simulation.pages import Unexpected
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World

STATES = ("state", "hold_state", "payment_state", "fulfillment_state", "return_state")
STAGES = (
    ("received → confirmed", "order.received", "order.confirmed"),
    ("confirmed → routed", "order.confirmed", "order.routed"),
    ("routed → released", "order.routed", "fulfillment.released"),
    ("released → picked", "fulfillment.released", "fulfillment.picked"),
    ("picked → packed", "fulfillment.picked", "fulfillment.packed"),
    ("packed → handed over", "fulfillment.packed", "shipment.handed_over"),
    ("handed over → delivered", "shipment.handed_over", "parcel.delivered"),
)
Orders = dict[int, dict[str, Any]]


def orders_of(world: World, plans: list[Plan]) -> Orders:
    return {plan.n: world.order(plan.n) for plan in plans}


def end_states(orders: Orders) -> dict[int, str]:
    """plan → its states, as one word."""
    return {n: " ".join(order[name] for name in STATES) for n, order in orders.items()}


def table(orders: Orders) -> Iterator[str]:
    """Orders by end state, the most frequent first."""
    yield f"{'orders':>6}  {'order':<10} {'hold':<5} {'payment':<19} {'fulfilment':<20} return"
    counted = Counter(tuple(order[name] for name in STATES) for order in orders.values())
    for states, many in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        order, hold, payment, fulfilment, back = states
        yield f"{many:>6}  {order:<10} {hold:<5} {payment:<19} {fulfilment:<20} {back}"


def medians(orders: Orders) -> Iterator[str]:
    """Seconds between the first of one event and the first of the next."""
    yield f"{'stage':<25} {'orders':>6} {'median s':>9}"
    for name, start, end in STAGES:
        times = [taken for order in orders.values() if (taken := _seconds(order, start, end)) is not None]
        yield f"{name:<25} {len(times):>6} {median(times) if times else 0:>9.2f}"


def differences(world: World, orders: Orders) -> list[str]:
    """Where the shop's, the carrier's and our books disagree. Empty when all is well."""
    ours = {order["external_id"]: order for order in orders.values() if order["channel"] == "shop"}
    return [*_shop(world, ours), *_carrier(world, orders)]


def agree(world: World, orders: Orders) -> None:
    """Waits until nothing differs. Raises Unexpected with what still does."""
    try:
        world.wait("the books agree", lambda: None if differences(world, orders) else True)
    except Unexpected as e:
        raise Unexpected("\n".join([str(e), *differences(world, orders)])) from None


def _shop(world: World, ours: dict[str, Any]) -> Iterator[str]:
    books = world.shop("/_admin/books")
    sold = {number for number in books["orders"] if number.startswith(f"{world.tag}-")}
    for number in sorted(sold ^ set(ours)):
        yield f"Order {number} is only in {'the shop' if number in sold else 'ours'}."
    told = Counter(row["sale"] for row in books["told"] if row["topic"] == "shipment")
    for number, order in ours.items():
        sent = sum(one["state"] == "handed_over" for one in order["shipments"])
        if told[number] != sent:
            yield f"{number}: {sent} shipments left, the shop heard of {told[number]}."


def _carrier(world: World, orders: Orders) -> Iterator[str]:
    labels = {row["number"]: row for row in world.carrier("/_admin/books")["labels"]}
    for order in orders.values():
        for shipment in order["shipments"]:
            if "Fake" not in (shipment["carrier"] or ""):
                continue
            for parcel in shipment["parcels"]:
                label = labels.get(parcel["tracking_number"])
                if label is None or label["state"] != "sold":
                    yield f"{shipment['number']}: the carrier knows no sold label {parcel['tracking_number']}."


def _seconds(order: dict[str, Any], start: str, end: str) -> float | None:
    at = {}
    for event in order["events"]:
        at.setdefault(event["verb"], datetime.fromisoformat(event["at"]))
    return (at[end] - at[start]).total_seconds() if start in at and end in at else None
