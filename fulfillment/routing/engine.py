"""plan(facts) → Plan: filter, cover, rank, share out, explain. Pure: the same facts give the same plan."""

from decimal import Decimal

from fulfillment.routing import explaining, ranking, splitting
from fulfillment.routing.candidates import Eligible, sift
from fulfillment.routing.facts import Facts
from fulfillment.routing.plan import Allotment, Plan, Shortfall
from fulfillment.routing.ranking import Option


def plan(facts: Facts) -> Plan:
    """As many units as the eligible places hold, from as few of them as possible; what is left waits."""
    if facts.method == "digital":
        return _digital(facts)
    demand = facts.demand
    skus, need = list(demand), list(demand.values())
    eligible, rejected = sift(facts, skus, need)
    eligible, unlucky = _shortlist(ranking.in_order(eligible, facts.ship_by), need)
    target = tuple(min(units, sum(one.stock[i] for one in eligible)) for i, units in enumerate(need))
    best = _best(facts, eligible, skus, target)
    allotments, shortfalls = _by_line(facts, eligible, skus, best)
    verdict = explaining.Verdict(facts, eligible, skus, need, best, {**rejected, **unlucky}, shortfalls)
    return Plan(
        method=facts.method,
        allotments=tuple(allotments),
        shortfalls=tuple(shortfalls),
        candidates=explaining.candidates(verdict),
        cost=best.cost,
        summary=explaining.summary(verdict),
    )


def _digital(facts: Facts) -> Plan:
    allotments = tuple(Allotment(None, want.line_id, want.sku_id, want.quantity) for want in facts.wants)
    return Plan(facts.method, allotments, (), summary="Delivered by mail; no stock is touched.")


def _shortlist(eligible: list[Eligible], need: list[int]) -> tuple[list[Eligible], dict[int, str]]:
    """At most ten places for the exact search: a greedy cover first, then the richest. The others learn why."""
    if len(eligible) <= splitting.LIMIT:
        return eligible, {}
    stocks = [one.stock for one in eligible]
    target = tuple(min(units, sum(column)) for units, column in zip(need, zip(*stocks, strict=True), strict=True))
    keep = splitting.greedy_cover(stocks, target)
    richest = sorted(range(len(eligible)), key=lambda i: -eligible[i].fills)
    keep += [i for i in richest if i not in keep][: max(0, splitting.LIMIT - len(keep))]
    left_out = [one for i, one in enumerate(eligible) if i not in keep]
    reason = f"was not compared: {len(keep)} others hold more of this order or are better placed"
    return [eligible[i] for i in sorted(keep)], {one.place.location_id: reason for one in left_out}


def _best(facts: Facts, eligible: list[Eligible], skus: list[int], target: tuple[int, ...]) -> Option:
    """The best of all smallest covers. One whose bare parcels cost more than the best so far is not shared out."""
    stocks = [one.stock for one in eligible]
    grams = [facts.grams.get(sku, 0) for sku in skus]
    covers = (
        splitting.smallest_covers(stocks, target)
        if len(eligible) <= splitting.LIMIT
        else [tuple(sorted(splitting.greedy_cover(stocks, target)))]
    )
    best, best_key = None, None
    for cover in covers:
        places = [eligible[i].place for i in cover]
        late = sum(ranking.misses(place, facts.ship_by) for place in places)
        if best and (late, sum((place.parcel_cost for place in places), Decimal(0))) > (best.late, best.cost):
            continue
        shares = splitting.share_out(stocks, cover, target)
        cost = sum((ranking.parcel_cost(eligible[i].place, shares[i], grams) for i in cover), Decimal(0))
        option = Option(cover, shares, cost, late)
        key = option.key(eligible)
        if best_key is None or key < best_key:
            best, best_key = option, key
    assert best is not None, "a cover of what the places hold always exists"
    return best


def _by_line(
    facts: Facts, eligible: list[Eligible], skus: list[int], best: Option
) -> tuple[list[Allotment], list[Shortfall]]:
    """Units by SKU become units by line, the first line first."""
    column = {sku: i for i, sku in enumerate(skus)}
    left = {index: list(units) for index, units in best.shares.items()}
    allotments, shortfalls = [], []
    for want in facts.wants:
        open_units, sku = want.quantity, column[want.sku_id]
        for index in best.cover:
            taken = min(open_units, left[index][sku])
            if taken:
                left[index][sku] -= taken
                open_units -= taken
                allotments.append(Allotment(eligible[index].place.location_id, want.line_id, want.sku_id, taken))
        if open_units:
            shortfalls.append(Shortfall(want.line_id, want.sku_id, open_units))
    return allotments, shortfalls
