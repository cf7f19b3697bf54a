"""How far orders have come, and what each of them must show for it: the one table that all statements read."""

from dataclasses import dataclass

from orders.statuses import FulfillmentState, HoldType, OrderState

_O, _F = OrderState, FulfillmentState
ALLOCATED, RELEASED, PICKED, SEALED, LABELLED, SHIPPED, DELIVERED = range(1, 8)
_PLACED = ("order.received",)
_TAKEN = (*_PLACED, "order.confirmed")
_ROUTED = (*_TAKEN, "order.routed")
_GONE = (*_ROUTED, "shipment.handed_over")
_THERE = (*_GONE, "parcel.delivered")
MOMENTS = {  # how much of an order's time had gone by
    "order.received": 0,
    "hold.placed": 0.01,
    "order.confirmed": 0.02,
    "order.routed": 0.03,
    "order.cancelled": 0.1,
    "shipment.handed_over": 0.5,
    "parcel.delivered": 0.9,
    "order.closed": 1,
}


@dataclass(frozen=True)
class Stage:
    """`recent` in 10,000 of the newest orders; `step` is how far the goods have come."""

    name: str
    recent: int
    state: str
    fulfillment: str
    step: int
    events: tuple[str, ...]
    hold: str = ""


STAGES = (
    Stage("closed", 1200, _O.CLOSED, _F.DELIVERED, DELIVERED, (*_THERE, "order.closed")),
    Stage("cancelled", 300, _O.CANCELLED, _F.CANCELLED, 0, (*_PLACED, "order.cancelled")),
    Stage("delivered", 800, _O.CONFIRMED, _F.DELIVERED, DELIVERED, _THERE),
    Stage("shipped", 2600, _O.CONFIRMED, _F.SHIPPED, SHIPPED, _GONE),
    Stage("labelled", 300, _O.CONFIRMED, _F.IN_PROGRESS, LABELLED, _ROUTED),
    Stage("sealed", 120, _O.CONFIRMED, _F.IN_PROGRESS, SEALED, _ROUTED),
    Stage("picked", 250, _O.CONFIRMED, _F.IN_PROGRESS, PICKED, _ROUTED),
    Stage("released", 200, _O.CONFIRMED, _F.ALLOCATED, RELEASED, _ROUTED),
    Stage("allocated", 2600, _O.CONFIRMED, _F.ALLOCATED, ALLOCATED, _ROUTED),
    Stage("waiting", 100, _O.CONFIRMED, _F.ALLOCATED, ALLOCATED, (*_ROUTED, "hold.placed"), HoldType.CUSTOMER),
    Stage("backordered", 800, _O.CONFIRMED, _F.BACKORDERED, 0, _ROUTED),
    Stage("suspect", 130, _O.CONFIRMED, _F.UNALLOCATED, 0, (*_TAKEN, "hold.placed"), HoldType.FRAUD),
    Stage("address", 300, _O.RECEIVED, _F.UNALLOCATED, 0, (*_PLACED, "hold.placed"), HoldType.ADDRESS),
    Stage("unpaid", 300, _O.RECEIVED, _F.UNALLOCATED, 0, (*_PLACED, "hold.placed"), HoldType.PAYMENT),
)


def table() -> str:
    """The stages as rows that SQL can join, with the upper end of each one's share."""
    upto, rows = 0, []
    for stage in STAGES:
        upto += stage.recent
        words = f"'{stage.name}', '{stage.state}', '{stage.fulfillment}', '{stage.hold}'"
        rows.append(f"({upto - stage.recent}, {upto}, {words}, {stage.step}, {len(stage.events)})")
    return f"(VALUES {', '.join(rows)}) AS stage(above, upto, stage, state, fulfillment, hold, step, events)"


def events() -> str:
    """Every event of every stage as rows: stage, place in the timeline, verb, moment."""
    rows = [
        f"('{stage.name}', {seq}, '{verb}', {MOMENTS[verb]}::float)"
        for stage in STAGES
        for seq, verb in enumerate(stage.events, start=1)
    ]
    return f"(VALUES {', '.join(rows)}) AS told(stage, seq, verb, moment)"
