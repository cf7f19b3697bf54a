"""The best that a batch of waiting orders could be, by a mixed integer program: all units that can go, then cost."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import highspy

from fulfillment.routing.facts import Facts


@dataclass(frozen=True)
class Best:
    """`bound`: no plan that sends as many units costs less. `cost`: of the best plan found within the time."""

    bound: float
    cost: float
    units: int
    seconds: float


def solve(orders: list[Facts], *, seconds: float) -> Best:
    """Every order may use every place, and prices are so much a parcel and so much a kilo."""
    with _greeting_elsewhere():
        model, began = highspy.Highs(), time.perf_counter()
    model.silent()
    model.setOptionValue("time_limit", seconds)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 1e-4)
    stock = {place.location_id: dict(place.stock) for place in orders[0].places}
    sent, taken, cost = [], {}, []
    for facts in orders:
        _add(model, facts, stock, sent, taken, cost)
    for (place, sku), units in taken.items():
        model.addConstr(model.qsum(units) <= stock[place][sku])
    units = sendable(orders)
    model.addConstr(model.qsum(sent) >= units)
    model.minimize(model.qsum(cost))
    told = model.getInfo()
    return Best(told.mip_dual_bound, told.objective_function_value, units, time.perf_counter() - began)


@contextlib.contextmanager
def _greeting_elsewhere() -> Iterator[None]:
    """The solver greets on the standard output, which is for results."""
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def sendable(orders: list[Facts]) -> int:
    """Units that could go at all: of each SKU what is wanted or what there is."""
    wanted: dict[int, int] = {}
    for facts in orders:
        for sku, units in facts.demand.items():
            wanted[sku] = wanted.get(sku, 0) + units
    return sum(min(units, sum(place.stock.get(sku, 0) for place in orders[0].places)) for sku, units in wanted.items())


def _add(model, facts: Facts, stock: dict, sent: list, taken: dict, cost: list) -> None:
    lines: dict[int, list] = {sku: [] for sku in facts.demand}
    for place in facts.places:
        held = {sku: min(units, stock[place.location_id].get(sku, 0)) for sku, units in facts.demand.items()}
        if not any(held.values()):
            continue
        parcel = model.addBinary()
        cost.append(float(place.parcel_cost) * parcel)
        for sku, most in held.items():
            if most:
                units = model.addIntegral(lb=0, ub=most)
                model.addConstr(units <= most * parcel)
                cost.append(float(place.kilo_cost) * facts.grams[sku] / 1000 * units)
                taken.setdefault((place.location_id, sku), []).append(units)
                lines[sku].append(units)
                sent.append(units)
    for sku, units in lines.items():
        if units:
            model.addConstr(model.qsum(units) <= facts.demand[sku])
