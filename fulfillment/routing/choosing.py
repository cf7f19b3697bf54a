"""An order of a batch, and the cheapest way to serve it from what is left: exact, and remembered by what was left."""

from collections.abc import Sequence
from itertools import combinations
from operator import itemgetter, mul

from fulfillment.routing import candidates, covers, fees, ranking
from fulfillment.routing.facts import Facts, Place
from fulfillment.routing.fees import MICRO, Fee
from fulfillment.routing.policy import COST, PROMISE
from fulfillment.routing.pool import Choice, Pool

LATE = 1000 * MICRO  # what missing the promise weighs, where a rule does not put the cost before it
Caps = Sequence[Sequence[int]]  # for each place, for each SKU: units that it could give now


class Chooser:
    def __init__(self, facts: Facts, pool: Pool) -> None:
        demand = facts.demand
        self.facts, self.skus, self.need = facts, list(demand), tuple(demand.values())
        eligible, self.rejected = candidates.sift(facts, self.skus, list(self.need))
        extra = facts.policy.extra
        rows = [(one.place.fee.and_extra(extra.get(one.place.location_id, 0)), one.place) for one in eligible]
        self.rows = sorted(rows, key=lambda row: (row[0].of(0, 0) + self._penalty(row[1]), row[1].location_id))
        self.fees = [fee for fee, _ in self.rows]
        self.bare = [fee.of(0, 0) + self._penalty(place) for fee, place in self.rows]
        self.grams = [facts.grams.get(sku, 0) for sku in self.skus]
        self.volumes = [facts.volumes.get(sku, 0) for sku in self.skus]
        self.spots = [
            (index, column, pool.cell(place, sku))
            for index, (_, place) in enumerate(self.rows)
            for column, sku in enumerate(self.skus)
            if place.stock.get(sku, 0) > 0 and (place.location_id, sku) not in facts.short
        ]
        self.keeps_turn = not facts.policy.yields
        self.cells = {(index, column): cell for index, column, cell in self.spots}
        self.most = [self.need[column] for _, column, _ in self.spots]
        self.read = itemgetter(*[cell for _, _, cell in self.spots], 0, 0)
        self.kept = [facts.policy.buffers.get(self.rows[index][1].location_id, 0) for index, _, _ in self.spots]
        self.limited = any(self.kept) or any(place.capacity is not None for _, place in self.rows)
        self.order = self._cheapest_first()
        self.known: dict[tuple[int, ...], Choice] = {}

    def best(self, pool: Pool) -> Choice:
        """All units that can go now, at the least cost."""
        held = tuple(map(min, self.read(pool.left), self.most)) if not self.limited else self._within_limits(pool)
        found = self.known.get(held)
        if found is None:
            found = self.known[held] = self._search(self._caps(held))
        return found

    def cost(self, shares: dict[int, list[int]]) -> int:
        return sum([self._parcel(index, units) for index, units in shares.items()])

    def service(self, index: int, units: Sequence[int]) -> str:
        """What that parcel would be sent by, where price lists say so."""
        prices = self.rows[index][1].prices
        return fees.service(prices, sum(map(mul, units, self.grams)), sum(map(mul, units, self.volumes)))

    def held(self, index: int, column: int) -> int:
        """What the place could have given of a SKU before anything was decided."""
        return min(max(self.rows[index][1].stock.get(self.skus[column], 0), 0), self.need[column])

    def keeps_promise(self, index: int) -> bool | None:
        ship_by = self.facts.ship_by
        return None if ship_by is None else not ranking.misses(self.rows[index][1], ship_by)

    def _penalty(self, place: Place) -> int:
        ranks = self.facts.policy.ranks
        first = PROMISE in ranks and (COST not in ranks or ranks.index(PROMISE) < ranks.index(COST))
        return LATE if first and ranking.misses(place, self.facts.ship_by) else 0

    def _cheapest_first(self) -> list[list[tuple[int, int]]]:
        """For each SKU: (what a unit costs there, the place), exact where so much a gram is asked."""
        slopes = [self._slope(fee) for fee in self.fees]
        return [sorted([(slope * each, index) for index, slope in enumerate(slopes)]) for each in self.grams]

    def _slope(self, fee: Fee) -> float:
        grams = sum(map(mul, self.need, self.grams))
        return (fee.of(grams, 0) - fee.of(0, 0)) / grams if fee.lists and grams else fee.gram

    def _within_limits(self, pool: Pool) -> tuple[int, ...]:
        """What could be taken where rules keep something back, or a place has no room for all of it."""
        free = [max(0, pool.left[cell] - kept) for (_, _, cell), kept in zip(self.spots, self.kept, strict=True)]
        held = list(map(min, free, self.most))
        asked = [0] * len(self.rows)
        for (index, _, _), units in zip(self.spots, held, strict=True):
            asked[index] += units
        full = [asked[index] > pool.room.get(place.location_id, 1 << 60) for index, (_, place) in enumerate(self.rows)]
        return tuple([0 if full[index] else units for (index, _, _), units in zip(self.spots, held, strict=True)])

    def _caps(self, held: tuple[int, ...]) -> Caps:
        caps = [[0] * len(self.need) for _ in self.rows]
        for (index, column, _), units in zip(self.spots, held, strict=True):
            caps[index][column] = units
        return caps

    def _search(self, caps: Caps) -> Choice:
        target = tuple(map(min, self.need, map(sum, zip(*caps, strict=True)))) if caps else ()
        policy = self.facts.policy
        if not any(target) or (policy.complete_only and sum(target) < sum(self.need)):
            return self._nothing()
        caps = self._shortlist(caps, target)
        found = self._cover(caps, target, policy.most_parcels or len(caps))
        return found or self._fullest(caps, policy.most_parcels)

    def _shortlist(self, caps: Caps, target: Sequence[int]) -> Caps:
        """Of many places those of a greedy cover and the cheapest, as in the engine; the others give nothing."""
        useful = [index for index, units in enumerate(caps) if any(units)]
        if len(useful) <= covers.LIMIT:
            return caps
        keep = covers.greedy(caps, target)
        keep += [index for index in useful if index not in keep][: max(0, covers.LIMIT - len(keep))]
        return [units if index in keep else [0] * len(target) for index, units in enumerate(caps)]

    def _cover(self, caps: Caps, target: Sequence[int], most: int) -> Choice | None:
        """Sets of places by size, the cheapest first; a set whose bare parcels cost more than the best is left.

        The units of all SKUs lie side by side in one integer, as in `covers`.
        """
        width = ((len(caps) + 1) * max(target)).bit_length() + 1
        top, shifts = 1 << (width - 1), [width * sku for sku in range(len(target))]
        packed = [sum([units << shift for units, shift in zip(row, shifts, strict=True)]) for row in caps]
        guards = sum([top << shift for shift in shifts])
        start = sum([(top - units) << shift for units, shift in zip(target, shifts, strict=True)])
        useful, bare = [index for index, units in enumerate(packed) if units], self.bare
        floor = round(sum([order[0][0] * units for order, units in zip(self.order, target, strict=True)]))
        best, least, level = None, None, [((), start, 0, 0)]
        for _ in range(most):
            grown = []
            for cover, total, asked, after in level:
                for at in range(after, len(useful)):
                    index = useful[at]
                    price = asked + bare[index]
                    if least is not None and price + floor >= least:
                        break
                    held = total + packed[index]
                    one = (*cover, index)
                    grown.append((one, held, price, at + 1))
                    if held & guards == guards:
                        choice = self._choice(one, caps, target)
                        if choice and (least is None or choice.cost < least):
                            best, least = choice, choice.cost
            level = grown
        return best

    def _fullest(self, caps: Caps, most: int) -> Choice:
        """No allowed number of parcels sends all that could go: as much as can be."""
        sets = [cover for size in range(1, most + 1) for cover in combinations(range(len(caps)), size)]
        found = [self._choice(cover, caps, self._held(caps, cover)) for cover in sets]
        return min([choice for choice in found if choice], key=lambda choice: (choice.unfilled, choice.cost))

    def _held(self, caps: Caps, cover: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(map(min, self.need, map(sum, zip(*[caps[index] for index in cover], strict=True))))

    def _choice(self, cover: tuple[int, ...], caps: Caps, target: Sequence[int]) -> Choice | None:
        """Each SKU from where a unit is cheapest; None when a place of the set would send nothing."""
        shares = {index: [0] * len(target) for index in cover}
        for sku, units in enumerate(target):
            for _, index in self.order[sku]:
                if units and index in shares:
                    shares[index][sku] = taken = min(units, caps[index][sku])
                    units -= taken
        if not all(map(any, shares.values())):
            return None
        takes = [
            (self.cells[index, sku], units) for index, row in shares.items() for sku, units in enumerate(row) if units
        ]
        late = sum([self.bare[index] - self.fees[index].of(0, 0) for index in cover])
        return Choice(self.cost(shares) + late, sum(self.need) - sum(target), tuple(takes), cover, shares)

    def _parcel(self, index: int, units: Sequence[int]) -> int:
        fee = self.fees[index]
        grams = sum(map(mul, units, self.grams))
        return fee.of(grams, sum(map(mul, units, self.volumes))) if fee.lists else fee.bare + fee.gram * grams

    def _nothing(self) -> Choice:
        return Choice(0, sum(self.need), (), (), {})
