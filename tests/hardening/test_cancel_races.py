"""T16: a cancellation meets a hand on the floor in the same moment, at every step from the wave to the van."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import connection

from carriers.models import CarrierAccount
from fulfillment import cancellation, dispatch, interception, packing, picking, shipping, waves
from fulfillment.models import FulfillmentOrder, Intercept, PickList, Shipment
from inventory.models import BinStock, Sku, StockLevel
from oms.accounts.models import User
from oms.common.errors import Refused
from orders import intake
from orders.models import Order
from tests.factories.fulfillment import own_van, person
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.fulfillment.books import breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CASES, STOCK, LAST_STEP, MOST_STEPS = 50, 300, 11, 60
Step = tuple[str, Callable[[], Any]]


@dataclass
class Floor:
    """One piece of work and the hand that brings it to the van; what comes next is read from the books."""

    mine: FulfillmentOrder
    hand: User
    van: CarrierAccount
    late: random.Random
    refused: int = field(default=0)

    def next(self) -> Step | None:
        self.mine.refresh_from_db()
        state = self.mine.state
        if state == "open":
            return "release", lambda: waves.release(self.mine.location, ids=[self.mine.pk], by=self.hand)
        if state in ("released", "in_progress"):
            return self._pick()
        return {"picked": self._pack, "packed": self._send}.get(state, lambda: None)()

    def _pick(self) -> Step:
        pick_list = PickList.objects.filter(tasks__fulfillment_line__fulfillment_order=self.mine).latest("pk")
        if pick_list.state == "open":
            return "claim", lambda: picking.claim(self.hand, self.mine.location, pick_list=pick_list)
        task = picking.next_task(pick_list)
        act = {
            "bin": lambda: picking.scan_bin(task, task.bin.code, by=self.hand),
            "item": lambda: picking.scan_item(task, task.sku.code, quantity=self._some(task.remaining), by=self.hand),
            "tote": lambda: picking.scan_tote(task, f"T-{self.mine.pk}", by=self.hand),
        }
        what = picking.step(task)
        if what == "tote" and self.late.random() < 0.2:
            return "undo", lambda: picking.undo(task, by=self.hand)
        return what, act[what]

    def _some(self, units: int) -> int:
        return self.late.choice((1, units, units))

    def _pack(self) -> Step:
        shipment = Shipment.objects.filter(fulfillment_order=self.mine, state="draft").first()
        if shipment is None:
            return "start", lambda: packing.start(self.mine.number, by=self.hand)
        left = [row for row in packing.rows(shipment) if row.remaining]
        if left:
            sku, units = left[0].line.sku, left[0].remaining
            return "pack", lambda: packing.scan(shipment, sku.code, quantity=units, by=self.hand)
        return "seal", lambda: packing.seal(shipment, by=self.hand)

    def _send(self) -> Step:
        shipment = Shipment.objects.get(fulfillment_order=self.mine, state__in=("sealed", "labelled"))
        if shipment.state == "labelled":
            return "hand over", lambda: dispatch.hand_over(shipment, by=self.hand)
        if self.mine.pk % 3:
            return "hand over", lambda: dispatch.hand_over(shipment, without_label="our own van", by=self.hand)
        return "label", lambda: shipping.choose(shipment, self.van, "standard", by=self.hand)

    def go(self, act: Callable[[], Any]) -> None:
        """What should stay is put back, or it is too late for it."""
        try:
            act()
        except Refused:
            self.refused += 1
            for asked in Intercept.objects.filter(fulfillment_line__fulfillment_order=self.mine, state="asked"):
                answer = interception.honour if self.late.random() < 0.7 else interception.too_late
                answer(asked, by=self.hand)


def a_moment_later(act: Callable[[], Any], beats: int) -> Callable[[], Any]:
    def later() -> Any:
        with connection.cursor() as cursor:
            for _ in range(beats):
                cursor.execute("SELECT 1")
        return act()

    return later


def race(order: Order, floor: Floor, dice: random.Random) -> tuple[str, Any, int]:
    """(the step that was met, the answer to who cancelled, the units asked for). The work is over after it."""
    wanted = dice.choice([None, {line.pk: 1 for line in order.lines.all()}])
    asked_for = sum(line.ordered for line in order.lines.all()) if wanted is None else len(wanted)
    cancel = partial(cancellation.cancel, order, quantities=wanted, reason="no more", by=floor.hand)
    when = dice.randrange(LAST_STEP - (floor.mine.state == "released"))
    met, answer = "afterwards", None
    for turn in count():
        step = floor.next()
        if step is None:
            break
        assert turn < MOST_STEPS, f"{floor.mine} does not come further than {step[0]}"
        if turn != when:
            floor.go(step[1])
            continue
        met = step[0]
        acts = a_moment_later(step[1], dice.randrange(6)), a_moment_later(cancel, dice.randrange(6))
        floors, answer = at_once(*acts)
        assert not isinstance(floors, Exception) or isinstance(floors, Refused), floors
    if met == "afterwards":
        (answer,) = at_once(cancel)
    return met, answer, asked_for


def released_orders(skus: list[Sku], dice: random.Random, *, by: User) -> list[Order]:
    """Accepted together, and nine of ten go to the floor together."""
    baskets = [dice.sample(skus, dice.choice((1, 1, 1, 2))) for _ in range(CASES)]
    externals = [
        external(*[line(sku.code, dice.randint(1, 2)) for sku in basket], email=f"buyer{n}@example.org")
        for n, basket in enumerate(baskets)
    ]
    taken = intake.take_many(externals, channel=channel(), by=by)
    works = FulfillmentOrder.objects.filter(order__in=[one.order_id for one in taken], state="open").order_by("pk")
    waves.release(works[0].location, ids=[one.pk for one in works if one.pk % 10], by=by)
    return [one.order for one in taken]


@pytest.mark.parametrize("block", range(4))
def test_who_cancels_while_the_floor_works_stops_units_asks_for_them_or_comes_too_late(block):
    """T16: 200 seeded interleavings in four blocks; each unit has one outcome, and stock says the same."""
    dice, berlin, lead, van = random.Random(block), LocationFactory(code="BER"), person("lead"), own_van()
    skus = [SkuFactory(code=code) for code in ("MUG", "LAMP")]
    for n, sku in enumerate(skus):
        put(sku, berlin, STOCK, shelf=f"A-0{n + 1}")
    outcomes, met_steps, gone = Counter(), Counter(), Counter()
    for order in released_orders(skus, dice, by=lead):
        mine = order.fulfillment_orders.get()
        met, answer, asked_for = race(order, Floor(mine, lead, van, dice), dice)
        if isinstance(answer, cancellation.CannotCancel):
            told = {"too late": asked_for}
        else:
            assert isinstance(answer, cancellation.Cancelled), answer
            told = {
                "stopped": sum(answer.units.values()),
                "asked back": sum(one.quantity for one in answer.intercepts),
            }
        assert sum(told.values()) == asked_for
        asked = Intercept.objects.filter(fulfillment_line__fulfillment_order=mine)
        assert set(asked.values_list("state", flat=True)) <= {"honoured", "too_late"}
        back = sum(asked.filter(state="honoured").values_list("quantity", flat=True))
        lines = list(order.lines.all())
        for one in lines:
            assert (one.shipped, one.allocated, one.picked) == (one.ordered - one.cancelled, 0, 0)
            gone[one.sku_code] += one.shipped
        assert sum(one.cancelled for one in lines) == told.get("stopped", 0) + back
        outcomes.update(told)
        met_steps[met] += 1

    for sku in skus:
        level = StockLevel.objects.get(sku=sku)
        assert (level.on_hand, level.allocated) == (STOCK - gone[sku.code], 0)
    assert sum(BinStock.objects.filter(bin__kind="staging").values_list("quantity", flat=True)) == 0
    assert min(outcomes[name] for name in ("stopped", "asked back", "too late")) > 0
    assert len(met_steps) > 7
    assert breaches() == {}
    print(f"T16: {dict(outcomes)}, met at {dict(met_steps)}")
