"""What every order of the day will live through, drawn from the seed before anything is sent. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from oms.desk.demo import GOODS, NAMES, STREETS

WAYS = {"api": 50, "webhook": 25, "csv": 15, "phone": 10}
METHODS = {"ship": 75, "pickup": 16, "digital": 9}
TURNS = {  # per cent of all orders, at least one each; the others go straight
    "bad_address": 3,
    "unpaid": 3,
    "unknown_sku": 2,
    "risky": 2,
    "duplicate": 2,
    "fewer": 3,
    "more": 3,
    "moved": 3,
    "cancel_early": 3,
    "cancel_part": 3,
    "cancel_floor": 3,
    "short": 4,
    "scarce": 5,
    "second_try": 2,
    "lost": 1,
    "return_all": 3,
    "return_part": 3,
    "return_scrap": 2,
}
ONLY_BY_API = frozenset({"scarce", "unknown_sku", "bad_address", "unpaid"})  # an agent would not type these
PROMO, PROMO_RATE, PROMO_LEAST = "WELCOME10", Decimal("0.10"), Decimal(20)
NOT_SOLD = ("TRAY", "TEAPOT")  # the demo world waits for these
EBOOK = ("EBOOK", Decimal("9.90"))
SCARCE = "SCARCE"  # stands for the SKU that is made for the day
SCARCE_PRICE = Decimal("24.00")
STORE = "HAM"


@dataclass(frozen=True)
class Line:
    sku: str
    units: int
    price: Decimal


@dataclass(frozen=True)
class Plan:
    n: int
    round: int
    way: str
    method: str
    turn: str
    lines: tuple[Line, ...]
    name: str
    street: tuple[str, str, str]
    express: bool = False
    promo: bool = False
    like: int | None = None  # the order that this one repeats

    @property
    def goods(self) -> Decimal:
        return _goods(self.lines)

    @property
    def shipping(self) -> Decimal:
        return Decimal("4.90") if self.method == "ship" else Decimal("0.00")

    def discount(self, line: Line) -> Decimal:
        return (line.price * line.units * PROMO_RATE).quantize(Decimal("0.01")) if self.promo else Decimal("0.00")

    @property
    def total(self) -> Decimal:
        return self.goods - sum((self.discount(line) for line in self.lines), Decimal(0)) + self.shipping


def draw(orders: int, seed: int, *, rounds: int) -> list[Plan]:
    """The plans, in the order of their arrival. The same arguments give the same plans."""
    plans: list[Plan] = []
    for n, turn in enumerate(_turns(orders, Random(seed))):
        plans.append(_plan(n, n * rounds // orders, turn, Random(f"{seed}:{n}"), plans))
    return plans


def _turns(orders: int, chance: Random) -> list[str]:
    turns = [turn for turn, share in TURNS.items() for _ in range(max(1, share * orders // 100))][:orders]
    turns += [""] * (orders - len(turns))
    chance.shuffle(turns)
    return turns


def _plan(n: int, round: int, turn: str, chance: Random, before: list[Plan]) -> Plan:
    if turn == "duplicate":
        if original := _repeatable(before, round):
            return Plan(**vars(original) | {"n": n, "round": round, "turn": turn, "like": original.n})
        turn = ""
    method = "ship" if turn else _one_of(METHODS, chance)
    way = "api" if method != "ship" or turn in ONLY_BY_API else _one_of(WAYS, chance)
    lines = tuple(_lines(turn, method, chance))
    return Plan(
        n=n,
        round=round,
        way=way,
        method=method,
        turn=turn,
        lines=lines,
        name=chance.choice(NAMES),
        street=chance.choice(STREETS),
        express=chance.random() < 0.15,
        promo=method == "ship" and not turn and chance.random() < 0.2 and _goods(lines) >= PROMO_LEAST,
    )


def _repeatable(before: list[Plan], round: int) -> Plan | None:
    """A plain order of an earlier round, so that it is there when its repetition comes."""
    plain = [plan for plan in before if plan.round < round and plan.method == "ship" and plan.turn == ""]
    plain = [plan for plan in plain if plan.way == "api"]
    return plain[-1] if plain else None


def _lines(turn: str, method: str, chance: Random) -> Iterator[Line]:
    if method == "digital":
        yield Line(EBOOK[0], 1, EBOOK[1])
        return
    if turn == "scarce":
        yield Line(SCARCE, chance.choice((1, 2)), SCARCE_PRICE)
        return
    if turn == "risky":
        yield Line("KNIFE", 24, Decimal(GOODS["KNIFE"][1]))
        return
    many = {"cancel_part": 2, "return_part": 2, "short": 1}.get(turn) or chance.choice((1, 1, 1, 2, 2, 3))
    for code in chance.sample([code for code in GOODS if code not in NOT_SOLD], many):
        units = 2 if turn in ("fewer", "short") else chance.choice((1, 1, 1, 2, 3))
        yield Line(code, units, Decimal(GOODS[code][1]))


def _goods(lines: tuple[Line, ...]) -> Decimal:
    return sum((line.price * line.units for line in lines), Decimal(0))


def _one_of(shares: dict[str, int], chance: Random) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]
