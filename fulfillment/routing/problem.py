"""The question in numbers: what is wanted, what each place that may serve holds, and what it asks for a parcel."""

from collections.abc import Sequence
from dataclasses import dataclass

from fulfillment.routing import ranking
from fulfillment.routing.candidates import Eligible
from fulfillment.routing.facts import Facts
from fulfillment.routing.pricing import Fee


@dataclass(slots=True)
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

    @classmethod
    def of(cls, facts: Facts, skus: list[int], need: list[int], eligible: list[Eligible]) -> "Problem":
        extra, ship_by = facts.policy.extra, facts.ship_by
        rows = [(one, Fee(one.place, extra.get(one.place.location_id, 0))) for one in eligible]
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
        )

    @property
    def target(self) -> tuple[int, ...]:
        """The most of each SKU that all places together can send."""
        held = map(sum, zip(*self.stocks, strict=True)) if self.stocks else [0] * len(self.need)
        return tuple(map(min, self.need, held))

    def only(self, keep: Sequence[int]) -> "Problem":
        """The same question to some of the places."""
        rows = {"eligible": self.eligible, "stocks": self.stocks, "fees": self.fees, "late": self.late}
        rows["measures"] = self.measures
        kept = {name: [column[index] for index in keep] for name, column in rows.items()}
        return Problem(self.facts, self.skus, self.need, grams=self.grams, volumes=self.volumes, **kept)

    def cost(self, index: int, units: Sequence[int]) -> int:
        """What one parcel of these units from there costs, in millionths."""
        grams = sum([count * each for count, each in zip(units, self.grams, strict=True)])
        volume = sum([count * each for count, each in zip(units, self.volumes, strict=True)])
        return self.fees[index].of(grams, volume)
