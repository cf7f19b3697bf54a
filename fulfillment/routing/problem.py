"""The question in numbers: what is wanted, what each place that may serve holds, and what it asks for a parcel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import mul

from fulfillment.routing import fees, ranking
from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Facts
from fulfillment.routing.fees import Fee
from fulfillment.routing.policy import COST


@dataclass
class Problem:
    """Places are spoken of by their index, a lower one being better alone; SKUs by their column."""

    facts: Facts
    skus: list[int]
    need: list[int]
    eligible: list[Eligible]
    stocks: list[tuple[int, ...]]
    fees: list[Fee]
    late: list[bool]
    measures: list[tuple[int, ...]]
    grams: list[int]
    volumes: list[int]
    cost_at: int  # where in a key the cost stands; -1 when it is not compared

    @classmethod
    def of(cls, facts: Facts, skus: list[int], need: list[int], eligible: list[Eligible]) -> "Problem":
        extra, ship_by = facts.policy.extra, facts.ship_by
        rows = [(one, one.place.fee.and_extra(extra.get(one.place.location_id, 0))) for one in eligible]
        rows, ranks = ranking.in_order(rows, ship_by), facts.policy.ranks
        late = [ranking.misses(one.place, ship_by) for one, _ in rows]
        return cls(
            facts=facts,
            skus=skus,
            need=need,
            eligible=[one for one, _ in rows],
            stocks=[one.stock for one, _ in rows],
            fees=[fee for _, fee in rows],
            late=late,
            measures=[
                ranking.measures(one.place, fee, ranks, miss) for (one, fee), miss in zip(rows, late, strict=True)
            ],
            grams=[facts.grams.get(sku, 0) for sku in skus],
            volumes=[facts.volumes.get(sku, 0) for sku in skus],
            cost_at=ranks.index(COST) if COST in ranks else -1,
        )

    @cached_property
    def adds_up(self) -> list[bool]:
        """Where a parcel is so much and a gram so much, each SKU can be judged by itself."""
        return [not fee.lists and fee.bare >= 0 for fee in self.fees]

    @cached_property
    def floor(self) -> int:
        """The least that the weight of all that can be sent costs, whoever sends it."""
        if any(fee.lists for fee in self.fees):
            return 0
        return min([fee.gram for fee in self.fees], default=0) * sum(map(mul, self.target, self.grams))

    @cached_property
    def target(self) -> tuple[int, ...]:
        """The most of each SKU that all places can send together."""
        held = map(sum, zip(*self.stocks, strict=True)) if self.stocks else [0] * len(self.need)
        return tuple(map(min, self.need, held))

    def only(self, keep: Sequence[int]) -> "Problem":
        """The same question to some of the places."""
        rows = {"eligible": self.eligible, "stocks": self.stocks, "fees": self.fees, "late": self.late}
        rows["measures"] = self.measures
        kept = {name: [column[index] for index in keep] for name, column in rows.items()}
        return replace(self, **kept)

    def service(self, index: int, units: Sequence[int]) -> str:
        """What that parcel would be sent by, where price lists say so."""
        place = self.eligible[index].place
        if not place.prices:
            return ""
        return fees.service(place.prices, sum(map(mul, units, self.grams)), sum(map(mul, units, self.volumes)))

    def cost(self, index: int, units: Sequence[int]) -> int:
        """What one parcel of these units from there costs, in millionths."""
        fee = self.fees[index]
        grams = sum(map(mul, units, self.grams))
        return fee.of(grams, sum(map(mul, units, self.volumes))) if fee.lists else fee.bare + fee.gram * grams
