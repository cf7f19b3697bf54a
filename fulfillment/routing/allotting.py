"""Units by SKU and place become units by line, the first line first; what is left of a line waits."""

from collections.abc import Mapping, Sequence

from fulfillment.routing.facts import Place, Want
from fulfillment.routing.plan import Allotment, Shortfall


def by_line(
    wants: Sequence[Want],
    skus: Sequence[int],
    places: Sequence[Place],
    cover: Sequence[int],
    shares: Mapping[int, Sequence[int]],
) -> tuple[list[Allotment], list[Shortfall]]:
    column = {sku: i for i, sku in enumerate(skus)}
    left = {index: list(units) for index, units in shares.items()}
    allotments, shortfalls = [], []
    for want in wants:
        open_units, sku = want.quantity, column[want.sku_id]
        for index in cover:
            taken = min(open_units, left[index][sku])
            if taken:
                left[index][sku] -= taken
                open_units -= taken
                allotments.append(Allotment(places[index].location_id, want.line_id, want.sku_id, taken))
        if open_units:
            shortfalls.append(Shortfall(want.line_id, want.sku_id, open_units))
    return allotments, shortfalls
