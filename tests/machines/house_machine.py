"""The stock machine goes on: units kept back, sent on, come back from a customer, and are counted."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from inventory import counting, reservations, stock, transfers
from inventory.models import CycleCount, Transfer
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from tests.factories.fulfillment import person
from tests.machines import stock_machine
from tests.machines.stock_machine import PLACE, PLACES, PLAIN, SKUS, UNITS, StockMachine
from tests.machines.stock_model import LOTS, PICKABLE, QUARANTINE, RECEIVING, SHELVES, Journey, No

COUNTED = (*PICKABLE, QUARANTINE)


def world() -> None:
    stock_machine.world()
    person("lead")
    person("lead")


class HouseMachine(StockMachine):
    def __init__(self) -> None:
        super().__init__()
        self.journeys: dict[int, Journey] = {}
        self.people = list(User.objects.order_by("pk"))

    @rule(sku=SKUS, place=PLACE, units=UNITS)
    def keep_back(self, sku, place, units):
        holder = f"caller {next(self.numbers)}"

        def model() -> None:
            if self.books.available((sku, place)) < units:
                raise No
            self.books.kept[holder] = ((sku, place), units)

        self.same(lambda: reservations.hold(holder, {self.key(sku, place): units}, by=SYSTEM), model)

    @rule(data=st.data())
    @precondition(lambda self: any(holder.startswith("caller") for holder in self.books.kept))
    def let_go(self, data):
        holder = data.draw(st.sampled_from(sorted(one for one in self.books.kept if one.startswith("caller"))))
        assert reservations.drop(holder, by=SYSTEM) == 1
        del self.books.kept[holder]

    @rule(sku=SKUS, origin=PLACE, units=UNITS)
    def plan_a_transfer(self, sku, origin, units):
        target = PLACES[1 - PLACES.index(origin)]

        def model() -> None:
            if self.books.available((sku, origin)) < units:
                raise No

        here, there = self.places[origin], self.places[target]
        soon = timezone.now() + timedelta(days=1)
        lines = {self.skus[sku]: units}
        if made := self.same(lambda: transfers.create(here, there, lines, expected_at=soon, by=SYSTEM), model):
            self.journeys[made.pk] = Journey(sku, origin, target, units)
            self.books.kept[made.number] = ((sku, origin), units)

    @rule(data=st.data(), what=st.sampled_from(("go on", "go on", "cancel")), lost=st.integers(0, 2))
    @precondition(lambda self: self.journeys)
    def transfer(self, data, what, lost):
        """The next phase of one; a transfer that is under way can't be cancelled any more."""
        pk = data.draw(st.sampled_from(sorted(self.journeys)))
        made, one = Transfer.objects.get(pk=pk), self.journeys[pk]
        if what == "cancel":
            if one.gone:
                self.same(lambda: transfers.cancel(made, by=SYSTEM), self.never)
                return
            transfers.cancel(made, by=SYSTEM)
            del self.books.kept[made.number], self.journeys[pk]
        elif not one.gone:
            transfers.ship(made, by=SYSTEM)
            del self.books.kept[made.number]
            one.gone = self.leaving(one)
        else:
            came = max(one.units - lost, 0)
            transfers.receive(made, {made.lines.get().pk: came}, by=SYSTEM)
            self.books.put((one.sku, one.target), RECEIVING, self.arriving(one, came))
            del self.journeys[pk]

    def never(self) -> None:
        raise No

    def leaving(self, one: Journey) -> list[tuple[str, int]]:
        """What expires first before the others, else in walking order."""
        key, wanted, gone = (one.sku, one.origin), one.units, []
        for lot in (*LOTS, ""):
            for bin in self.walk(one.origin):
                if units := min(wanted, self.books.lying[*key, bin, lot]):
                    self.books.lying[*key, bin, lot] -= units
                    gone.append((lot, units))
                    wanted -= units
        assert wanted == 0
        return gone

    def walk(self, place: str) -> list[str]:
        bins = [self.bins[place, code] for code in PICKABLE]
        return [bin.code for bin in sorted(bins, key=lambda bin: (bin.pick_sequence, bin.pk))]

    def arriving(self, one: Journey, came: int) -> list[tuple[str, int]]:
        pieces = []
        for lot in dict.fromkeys(lot for lot, _ in one.gone):
            sent = sum(units for piece, units in one.gone if piece == lot)
            pieces.append((lot, min(sent, came)))
            came -= min(sent, came)
        return pieces

    @rule(sku=SKUS, place=PLACE, units=UNITS, broken=st.booleans(), lot=st.sampled_from(LOTS))
    def come_back(self, sku, place, units, broken, lot):
        bin, lot = QUARANTINE if broken else SHELVES[0], self.lot_of(sku, lot)
        said = {"damaged": broken, "lot": self.lots[lot], "reference": "RMA-1", "by": SYSTEM}
        stock.restock(*self.key(sku, place), self.bins[place, bin], units, **said)
        self.books.put((sku, place), bin, [(lot, units)])

    @rule(sku=st.sampled_from(PLAIN), place=PLACE, off=st.sampled_from((-1, 0, 1)))
    def count(self, sku, place, off):
        """All bins of the SKU; in each of them as many, one more or one less."""
        key = (sku, place)
        lying = {bin: self.books.lying[*key, bin, ""] for bin in COUNTED if self.books.lying[*key, bin, ""]}
        if not lying:
            self.same(lambda: self.plan(sku, place), self.never)
            return
        counted = self.said(self.plan(sku, place), sku, {bin: units + off for bin, units in lying.items()})
        assert counted.state == ("review" if off else "closed")
        if off:
            self.approve(counted, key, dict.fromkeys(lying, off))

    def plan(self, sku: str, place: str) -> CycleCount:
        return counting.plan(self.places[place], skus=[self.skus[sku]], by=SYSTEM)

    def said(self, planned: CycleCount, sku: str, found: Mapping[str, int]) -> CycleCount:
        for who in self.people:
            while row := counting.next_bin(planned, who):
                row = counting.begin(planned, row.bin.code, by=who)
                counting.say(row, sku, found[row.bin.code], by=who)
                counting.finish(row, by=who)
        planned.refresh_from_db()
        return planned

    def approve(self, counted: CycleCount, key: tuple[str, str], deltas: Mapping[str, int]) -> None:
        sellable = sum(delta for bin, delta in deltas.items() if bin != QUARANTINE)
        if sellable < 0 and self.books.free(key) < -sellable:
            try:
                counting.post(counted, by=SYSTEM)
            except Refused:
                counting.cancel(counted, by=SYSTEM)
                return
            raise AssertionError("promised units were counted away")
        counting.post(counted, by=SYSTEM)
        for bin, delta in deltas.items():
            self.books.put(key, bin, [("", delta)])
