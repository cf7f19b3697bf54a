"""What the rules that fit an order ask of the planner. Plain data: the planner knows no rule and no table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

PROMISE, PARCELS, COST, PRIORITY, LOAD = "promise", "parcels", "cost", "priority", "load"
RANKS = (PARCELS, PROMISE, COST, PRIORITY, LOAD)  # what is compared first, when no rule says otherwise


@dataclass(frozen=True)
class Policy:
    """`extra` is added to the cost of a parcel from a place (negative: taken off), in the money of the estimates.

    Along `ways` parts may be brought to one place first, to leave it in one parcel.
    """

    rules: tuple[str, ...] = ()  # names of the rules that fitted, in order, for the explanation
    keys: tuple[int, ...] = ()  # and what they are known by, whatever they are called later
    barred: Mapping[int, str] = field(default_factory=dict)  # location → why it is out, read after its name
    buffers: Mapping[int, int] = field(default_factory=dict)  # location → units of each SKU not to be promised there
    extra: Mapping[int, Decimal] = field(default_factory=dict)
    most_parcels: int | None = None  # None: as many as it takes
    complete_only: bool = False  # send nothing until all of it can be sent
    ways: Mapping[tuple[int, int], tuple[Decimal, int]] = field(default_factory=dict)  # from, to → a trip costs, days
    yields: bool = False  # younger orders may get what it waits for, where all together cost less
    ranks: tuple[str, ...] = RANKS
    about: Mapping[str, object] = field(default_factory=dict)  # the order as the rules saw it, to ask others later


NO_RULES = Policy()
