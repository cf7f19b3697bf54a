"""Every verb of stock beside a plain model: the same units move, and what one refuses the other refuses."""

from collections.abc import Callable, Iterable
from datetime import date
from itertools import count
from typing import Any

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from inventory import lots, stock
from inventory.models import Bin, BinStock, Location, Lot, Sku, StockLevel, StockMovement
from oms.common import invariants
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from tests.factories.inventory import LocationFactory, SkuFactory
from tests.machines.running import Undone
from tests.machines.stock_model import LOTS, PICKABLE, QUARANTINE, RECEIVING, SHELVES, STAGING, Books, No, Promise

PLACES, PLAIN, KEPT_BY_LOT = ("BER", "HAM"), ("MUG",), "MILK"
SKUS = st.sampled_from((*PLAIN, KEPT_BY_LOT))
UNITS, PLACE, LOT = st.integers(1, 4), st.sampled_from(("BER", "BER", "BER", "HAM")), st.sampled_from(("", *LOTS))
BIN, SHELF = st.sampled_from((*PICKABLE, STAGING, QUARANTINE)), st.sampled_from(PICKABLE)
ACT = st.sampled_from(("pick", "pick", "pick", "ship", "ship", "put back", "release"))
OF_STOCK = ("I1", "I3")
COUNTERS = ("on_hand", "allocated", "reserved", "damaged")


def world() -> None:
    for code in PLACES:
        LocationFactory(code=code, shelves=SHELVES)
    for code in PLAIN:
        SkuFactory(code=code)
    milk = SkuFactory(code=KEPT_BY_LOT, tracks="lot")
    for year, code in enumerate(LOTS, start=2030):
        lots.take_in(milk, code, date(year, 1, 1))


class StockMachine(Undone):
    def __init__(self) -> None:
        super().__init__()
        self.books, self.numbers = Books(), count(1)
        self.skus = {sku.code: sku for sku in Sku.objects.all()}
        self.places = {place.code: place for place in Location.objects.all()}
        self.bins = {(bin.location.code, bin.code): bin for bin in Bin.objects.select_related("location")}
        self.lots = {lot.code: lot.pk for lot in Lot.objects.all()} | {"": None}
        self.undone: set[int] = set()

    @initialize(units=UNITS)
    def begin(self, units):
        for lot in LOTS:
            for sku, bin in ((PLAIN[0], SHELVES[0]), (KEPT_BY_LOT, SHELVES[0]), (KEPT_BY_LOT, RECEIVING)):
                self.take_in(sku, "BER", bin, units, self.lot_of(sku, lot))

    def same(self, verb: Callable[[], Any], model: Callable[[], Any]) -> Any:
        """Both do it, or both refuse; what the verb gave, None when it was refused."""
        try:
            model()
        except No:
            try:
                verb()
            except Refused:
                return None
            raise AssertionError("the books should have refused this") from None
        return verb()

    def key(self, sku: str, place: str) -> tuple[int, int]:
        return self.skus[sku].pk, self.places[place].pk

    def lot_of(self, sku: str, lot: str) -> str:
        return lot if sku == KEPT_BY_LOT else ""

    @rule(sku=SKUS, place=PLACE, bin=SHELF, units=UNITS, lot=st.sampled_from(LOTS))
    def receive(self, sku, place, bin, units, lot):
        self.take_in(sku, place, bin, units, self.lot_of(sku, lot))

    def take_in(self, sku: str, place: str, bin: str, units: int, lot: str) -> None:
        said = {"bin": self.bins[place, bin], "lot": self.lots[lot], "reference": "PO-1", "by": SYSTEM}
        stock.receive({self.key(sku, place): units}, **said)
        self.books.put((sku, place), bin, [(lot, units)])

    @rule(sku=SKUS, place=PLACE, source=SHELF, to=SHELF, units=UNITS, lot=LOT)
    def move(self, sku, place, source, to, units, lot):
        lot = self.lot_of(sku, lot)
        ids = self.skus[sku].pk, self.bins[place, source].pk, self.bins[place, to].pk
        self.same(
            lambda: stock.move(*ids, units, lot=self.lots[lot], by=SYSTEM),
            lambda: self.books.put((sku, place), to, self.books.take((sku, place), source, units, lot)),
        )

    @rule(sku=SKUS, place=PLACE, bin=BIN, units=UNITS, lot=LOT)
    def lose(self, sku, place, bin, units, lot):
        lot = self.lot_of(sku, lot)

        def model() -> None:
            if bin == STAGING:
                raise No
            self.books.gone((sku, place), bin, units, lot)

        self.same(lambda: self.adjust(sku, place, bin, -units, lot), model)

    @rule(sku=SKUS, place=PLACE, bin=BIN, units=UNITS, lot=LOT)
    def find(self, sku, place, bin, units, lot):
        lot = self.lot_of(sku, lot)

        def model() -> None:
            if bin == STAGING:
                raise No
            self.books.put((sku, place), bin, [(lot or self.books.sole_lot((sku, place), bin), units)])

        self.same(lambda: self.adjust(sku, place, bin, units, lot), model)

    def adjust(self, sku: str, place: str, bin: str, delta: int, lot: str) -> int:
        ids = self.skus[sku].pk, self.bins[place, bin].pk
        return stock.adjust(*ids, delta, lot=self.lots[lot], reason="found", by=SYSTEM)

    @rule(sku=SKUS, place=PLACE, bin=SHELF, units=UNITS, lot=LOT)
    def set_aside(self, sku, place, bin, units, lot):
        lot, key = self.lot_of(sku, lot), (sku, place)
        self.same(
            lambda: stock.damage(
                self.skus[sku].pk, self.bins[place, bin].pk, units, lot=self.lots[lot], reason="broken", by=SYSTEM
            ),
            lambda: self.books.put(key, QUARANTINE, self.books.gone(key, bin, units, lot)),
        )

    @rule(sku=SKUS, place=PLACE, bin=SHELF, units=UNITS, lot=LOT)
    def make_good(self, sku, place, bin, units, lot):
        lot, key = self.lot_of(sku, lot), (sku, place)
        self.same(
            lambda: stock.undamage(self.skus[sku].pk, self.bins[place, bin].pk, units, lot=self.lots[lot], by=SYSTEM),
            lambda: self.books.put(key, bin, self.books.take(key, QUARANTINE, units, lot)),
        )

    @rule(back=st.integers(0, 8))
    def undo(self, back):
        """One of the last corrections or moves, which may be undone already."""
        rows = StockMovement.objects.filter(kind__in=("adjusted", "moved", "damaged", "undamaged"))
        row = (
            rows.select_related("sku", "location", "from_bin", "to_bin", "lot").order_by("-pk")[back : back + 1].first()
        )
        if row:
            self.same(lambda: stock.undo(row.pk, by=SYSTEM), lambda: self.model_undo(row))

    def model_undo(self, row: StockMovement) -> None:
        key, lot = (row.sku.code, row.location.code), row.lot.code if row.lot else ""
        if row.undoes_id or row.pk in self.undone:
            raise No
        here = row.to_bin.code if row.to_bin else ""
        if here and self.books.lying[*key, here, lot] < row.quantity:
            raise No
        sellable = row.on_hand - row.damaged
        if sellable > 0 and self.books.free(key) < sellable:
            raise No
        self.undone.add(row.pk)
        if here:
            self.books.lying[*key, here, lot] -= row.quantity
        if row.from_bin:
            self.books.put(key, row.from_bin.code, [(lot, row.quantity)])

    @rule(sku=SKUS, place=PLACE, units=UNITS)
    def keep_safe(self, sku, place, units):
        stock.set_safety(*self.key(sku, place), units - 1, by=SYSTEM)
        self.books.safety[sku, place] = units - 1

    @rule(sku=SKUS, place=PLACE, units=UNITS, partial=st.booleans())
    def promise(self, sku, place, units, partial):
        number = f"FO-{next(self.numbers)}"
        granted = min(units, self.books.available((sku, place)))

        def model() -> None:
            if granted < units and not partial:
                raise No
            if granted:
                self.books.promises[number] = Promise(sku, place, granted)

        wants = {self.key(sku, place): units}
        told = self.same(lambda: stock.allocate(wants, reference=number, by=SYSTEM, partial=partial), model)
        assert told in (None, {self.key(sku, place): granted} if granted else {})

    @rule(data=st.data(), act=ACT, bin=SHELF, units=UNITS, lot=LOT)
    @precondition(lambda self: self.books.promises)
    def work(self, data, act, bin, units, lot):
        """Of one promise; picking is asked for most, for the others need it."""
        number = data.draw(st.sampled_from(sorted(self.books.promises)))
        one = self.books.promises[number]
        acts = {
            "release": lambda: self.release(number, one, units),
            "pick": lambda: self.pick(number, one, bin, units, self.lot_of(one.sku, lot)),
            "put back": lambda: self.put_back(number, one, bin, units),
            "ship": lambda: self.ship(number, one, units),
        }
        acts[act]()

    def release(self, number: str, one: Promise, units: int) -> None:
        if units := min(units, one.unpicked):
            stock.release({self.key(one.sku, one.place): units}, reference=number, by=SYSTEM)
            self.less(number, units)

    def pick(self, number: str, one: Promise, bin: str, units: int, lot: str) -> None:
        units, key = min(units, one.unpicked), (one.sku, one.place)

        def model() -> None:
            pieces = self.books.take(key, bin, units, lot)
            self.books.put(key, STAGING, pieces)
            one.picked.update(dict(pieces))

        if units:
            ids = self.skus[one.sku].pk, self.bins[one.place, bin].pk
            self.same(lambda: stock.pick(*ids, units, lot=self.lots[lot], reference=number, by=SYSTEM), model)

    def put_back(self, number: str, one: Promise, bin: str, units: int) -> None:
        if units := min(units, sum(one.picked.values())):
            ids = self.skus[one.sku].pk, self.bins[one.place, bin].pk
            stock.put_back(*ids, units, reference=number, by=SYSTEM)
            self.books.put((one.sku, one.place), bin, self.from_staging(one, units))

    def ship(self, number: str, one: Promise, units: int) -> None:
        if units := min(units, sum(one.picked.values())):
            stock.ship({self.key(one.sku, one.place): units}, reference=number, by=SYSTEM)
            self.from_staging(one, units)
            self.less(number, units)

    def from_staging(self, one: Promise, units: int) -> list[tuple[str, int]]:
        pieces = self.books.take((one.sku, one.place), STAGING, units, first=one.picked)
        for lot, taken in pieces:
            one.picked[lot] -= taken
        return pieces

    def less(self, number: str, units: int) -> None:
        self.books.promises[number].units -= units
        if not self.books.promises[number].units:
            del self.books.promises[number]

    @invariant()
    def counters_are_the_model(self):
        rows = StockLevel.objects.values_list("sku__code", "location__code", *COUNTERS)
        assert self.levels(rows) == self.model_levels()

    @invariant()
    def bins_are_the_model(self):
        rows = BinStock.objects.exclude(quantity=0).values_list(
            "sku__code", "bin__location__code", "bin__code", "lot__code", "quantity"
        )
        assert {(*at, lot or ""): units for *at, lot, units in rows} == {
            at: units for at, units in self.books.lying.items() if units
        }

    @invariant()
    def the_ledger_says_the_same(self):
        moved = StockMovement.objects.order_by().values_list("sku__code", "location__code")
        assert self.levels(moved.annotate(*map(Sum, COUNTERS))) == self.model_levels()

    def teardown(self) -> None:
        broken = {v.rule.text: v.samples for v in invariants.check() if v.count and v.rule.code in OF_STOCK}
        super().teardown()
        assert broken == {}

    def levels(self, rows: Iterable[tuple]) -> dict[tuple[str, str], tuple[int, ...]]:
        return {row[:2]: row[2:] for row in rows if any(row[2:])}

    def model_levels(self) -> dict[tuple[str, str], tuple[int, ...]]:
        return {key: told for key in self.keys() if any(told := self.books.levels(key))}

    def keys(self) -> list[tuple[str, str]]:
        return [(sku, place) for sku in self.skus for place in self.places]
