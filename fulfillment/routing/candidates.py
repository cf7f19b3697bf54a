"""Filter: which places may serve this demand at all, and in words why the others may not."""

from dataclasses import dataclass

from fulfillment.routing.facts import Facts, Place


@dataclass(frozen=True)
class Eligible:
    """A place with what it can give of the demand, capped at the demand."""

    place: Place
    stock: tuple[int, ...]  # in the order of the demanded SKUs

    @property
    def fills(self) -> int:
        return sum(self.stock)


def sift(facts: Facts, skus: list[int], need: list[int]) -> tuple[list[Eligible], dict[int, str]]:
    """(places that can give something, location → why not)."""
    eligible: list[Eligible] = []
    rejected: dict[int, str] = {}
    for place in facts.places:
        reason = _barred(facts, place)
        stock = () if reason else _usable(facts, place, skus, need)
        reason = reason or _cannot_give(facts, place, stock)
        if reason:
            rejected[place.location_id] = reason
        else:
            eligible.append(Eligible(place, stock))
    return eligible, rejected


def _barred(facts: Facts, place: Place) -> str:
    """The rules that hold whatever is on the shelf."""
    if not place.active:
        return "is not active"
    if facts.method == "pickup":
        if place.location_id != facts.pickup_location_id:
            return f"is not where the customer collects ({facts.pickup_name or 'another store'})"
        if not place.collects:
            return "does not hand out orders"
    elif not place.ships:
        return "does not ship orders"
    if not place.has_bins:
        return "has no bin to pick from"
    if facts.allowed is not None and place.location_id not in facts.allowed:
        return f"does not serve {facts.channel_name or 'this channel'}"
    return facts.excluded.get(place.location_id) or facts.policy.barred.get(place.location_id, "")


def _usable(facts: Facts, place: Place, skus: list[int], need: list[int]) -> tuple[int, ...]:
    """Never below none, never more than is wanted; nothing of what was found short there."""
    kept = facts.policy.buffers.get(place.location_id, 0)
    held = [place.stock.get(sku, 0) - kept for sku in skus]
    if facts.short:
        held = [0 if (place.location_id, sku) in facts.short else units for sku, units in zip(skus, held, strict=True)]
    return tuple([0 if units < 0 else min(units, most) for units, most in zip(held, need, strict=True)])


def _cannot_give(facts: Facts, place: Place, stock: tuple[int, ...]) -> str:
    if not any(stock):
        if any(location == place.location_id for location, _ in facts.short):
            return "was found short and has not been counted since"
        if facts.policy.buffers.get(place.location_id) and any(place.stock.get(sku, 0) > 0 for sku in facts.demand):
            return "keeps back what it has, by a rule"
        return "has none of it to promise"
    if place.capacity is not None and place.capacity < sum(stock):
        return f"can take only {place.capacity} more today" if place.capacity > 0 else "has no capacity left today"
    return ""
