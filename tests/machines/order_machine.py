"""An order from its confirmation to its returns, in currencies of 0, 2 and 3 decimals, beside a plain model."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from carriers.models import CarrierAccount
from fulfillment import amendments, cancellation, dispatch, interception, packing, picking, shipping, sourcing, waves
from fulfillment import tracking as following
from fulfillment.amendments import Action
from fulfillment.models import FulfillmentOrder, Intercept, PickList
from inventory.models import Sku
from oms.accounts.models import User
from oms.common import invariants, money, outbox
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from orders import holds, payments
from orders.models import Hold, Order
from returns import authorisation, refunds
from returns.eligibility import Want
from returns.models import Refund
from tests.factories.fulfillment import confirmed_order, news, own_van, person
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.returns import inspected, policy
from tests.machines.running import Undone

CURRENCIES, COINS = ("JPY", "EUR", "KWD"), st.integers(0, 999)
BY_THE_CLOCK = ("I10", "I11", "I12")  # which stands still for Postgres: a run is one transaction
LINE, UNITS = st.integers(0, 1), st.integers(1, 3)


def world() -> None:
    berlin, hamburg = LocationFactory(code="BER", priority=9), LocationFactory(code="HAM")
    mug, lamp = SkuFactory(code="MUG"), SkuFactory(code="LAMP")
    put(mug, berlin, 3)
    put(mug, hamburg, 3)
    put(lamp, hamburg, 9)
    policy(label_included=False)
    person("lead")
    own_van()


class OrderMachine(Undone):
    @initialize(currency=st.sampled_from(CURRENCIES), price=COINS, tax=COINS, shipping=COINS, mugs=UNITS, lamps=UNITS)
    def begin(self, currency, price, tax, shipping, mugs, lamps):
        self.coin = Decimal(1).scaleb(-money.exponent(currency))
        goods = {Sku.objects.get(code="MUG"): mugs, Sku.objects.get(code="LAMP"): lamps}
        sums = {"price": price + 1, "tax": tax, "shipping": shipping}
        sums = {name: str(coins * self.coin) for name, coins in sums.items()}
        self.pk = confirmed_order(goods, currency=currency, **sums).pk
        self.lead, self.van = User.objects.get(), CarrierAccount.objects.get()
        self.lines = [line.pk for line in self.order.lines.order_by("position")]
        self.kept = dict(zip(self.lines, (mugs, lamps), strict=True))
        self.asked: dict[int, int] = {}
        self.given_back, self.numbers = Decimal(0), count(1)
        self.only_cancelled = True

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.pk)

    def same(self, may: bool, verb: Callable[[], Any]) -> Any:
        """What the verb gave; it refuses exactly when the model does."""
        try:
            told = verb()
        except Refused:
            if may:
                raise
            return None
        assert may, "this should have been refused"
        return told

    @rule()
    def find_places(self):
        sourcing.route(self.pk, by=SYSTEM)

    @rule(n=LINE, units=UNITS)
    def cut(self, n, units):
        line = self.order.lines.get(pk=self.lines[n])
        left = self.kept[line.pk] - line.shipped - self.asked.get(line.pk, 0)
        wanted = {line.pk: units}
        told = self.same(
            units <= left and self.order.state == "confirmed",
            lambda: cancellation.cancel(self.order, quantities=wanted, reason="less", by=self.lead),
        )
        if told:
            asked = sum(one.quantity for one in told.intercepts)
            assert sum(told.units.values()) + asked == units
            self.kept[line.pk] -= units - asked
            self.asked[line.pk] = self.asked.get(line.pk, 0) + asked

    @rule(late=st.booleans())
    def answer(self, late):
        asked = Intercept.objects.filter(state="asked").select_related("fulfillment_line").first()
        if asked:
            (interception.too_late if late else interception.honour)(asked, by=self.lead)
            line = asked.fulfillment_line.order_line_id
            self.asked[line] -= asked.quantity
            self.kept[line] -= 0 if late else asked.quantity

    @rule(n=LINE)
    def more(self, n):
        wish = Action("set_quantity", {"quantity": self.kept[self.lines[n]] + 1}, self.lines[n])
        may = self.order.state == "confirmed"
        if self.same(may, lambda: amendments.amend(self.order, [wish], by=self.lead)):
            self.kept[self.lines[n]] += 1

    @rule()
    def pay_the_rest(self):
        order = self.order
        owed = order.total - order.paid_total
        if owed > 0:
            payments.record(order, "paid", owed, reference=f"more {next(self.numbers)}", by=SYSTEM)

    @rule()
    def hold_or_let_go(self):
        held = Hold.objects.filter(order=self.pk, state="active", type="review").first()
        if held:
            holds.resolve(held, note="Fine", by=self.lead)
        elif self.order.state == "confirmed":
            holds.place(self.order, type="review", reason="Look", by=self.lead)

    @rule()
    @precondition(lambda self: not self.order.is_held and not any(self.asked.values()))
    def a_step_on_the_floor(self):
        mine = FulfillmentOrder.objects.filter(order=self.pk, state__in=STEPS).order_by("pk").first()
        if mine:
            STEPS[mine.state](self, mine)

    def release(self, mine: FulfillmentOrder) -> None:
        waves.release(mine.location, ids=[mine.pk], by=self.lead)

    def pick(self, mine: FulfillmentOrder) -> None:
        """One stop of the walk."""
        pick_list = PickList.objects.filter(tasks__fulfillment_line__fulfillment_order=mine).latest("pk")
        if pick_list.state == "open":
            picking.claim(self.lead, mine.location, pick_list=pick_list)
        task = picking.next_task(pick_list)
        step = picking.step(task)
        if step == "bin":
            picking.scan_bin(task, task.bin.code, by=self.lead)
        elif step == "item":
            picking.scan_item(task, task.sku.code, by=self.lead)
        else:
            picking.scan_tote(task, f"T-{mine.pk}", by=self.lead)

    def pack(self, mine: FulfillmentOrder) -> None:
        shipment = packing.start(mine.number, by=self.lead)
        for row in packing.rows(shipment):
            if row.remaining:
                packing.scan(shipment, row.line.sku.code, quantity=row.remaining, by=self.lead)
        packing.seal(shipment, by=self.lead)

    def send(self, mine: FulfillmentOrder) -> None:
        """A label first, then to the door."""
        shipment = mine.shipments.get(state__in=("sealed", "labelled"))
        if shipment.state == "sealed":
            shipping.choose(shipment, self.van, "standard", by=self.lead)
            outbox.drain()
            shipping.settle(shipment.parcels.get().label_id)
            return
        dispatch.hand_over(shipment, by=self.lead)
        news(shipment, "delivered")
        following.apply(shipment.parcels.get().tracker_id)

    @rule()
    def give_back_cancelled(self):
        """What failed before is left to a person: then the answer is a refund that there was already."""
        newest = Refund.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        refund = refunds.give_back_cancelled(self.pk)
        if refund and refund.pk > newest:
            self.given_back += refund.amount

    @rule(coins=COINS)
    def give_back_by_hand(self, coins):
        order, amount = self.order, (coins + 1) * self.coin
        key = f"by hand {next(self.numbers)}"
        if self.same(
            amount <= order.paid_total - self.given_back,
            lambda: refunds.submit_amount(order, amount, key=key, reason="Kind", by=SYSTEM),
        ):
            self.given_back += amount
            self.only_cancelled = False

    @rule()
    def a_refund_fails(self):
        refund = Refund.objects.filter(state__in=("pending", "submitted")).order_by("pk").first()
        if refund:
            refunds.fail(refund.pk, why="No such account", by=SYSTEM)
            self.given_back -= refund.amount
            self.only_cancelled = False

    @rule()
    def it_is_paid_after_all(self):
        """Refused when its units or its money went another way meanwhile; the sums say so too."""
        refund = Refund.objects.filter(state="failed").order_by("pk").first()
        if refund:
            try:
                refunds.try_again(refund.pk, by=self.lead)
            except Refused:
                return
            self.given_back += refund.amount

    @rule(n=LINE, units=UNITS)
    def some_come_back(self, n, units):
        """Asked for, received, accepted and paid for in one go, as far as there is money left."""
        line = self.order.lines.get(pk=self.lines[n])
        wants = [Want(line.pk, units, "not_wanted")]
        may = units <= line.delivered - line.return_authorised
        rma = self.same(may, lambda: authorisation.request(self.order, wants, by=self.lead))
        if rma:
            rma = inspected(rma, by=self.lead)
            worth = refunds.propose(rma).total
            if self.same(
                0 < worth <= self.order.paid_total - self.given_back,
                lambda: refunds.submit_return(rma, key=refunds.key_of(rma), by=SYSTEM),
            ):
                self.given_back += worth
                self.only_cancelled = False

    @invariant()
    def units_and_money_are_the_model(self):
        order = self.order
        kept = {line.pk: line.ordered - line.cancelled for line in order.lines.all() if line.pk in self.kept}
        assert kept == self.kept
        assert order.refunded_total == self.given_back <= order.paid_total

    def teardown(self) -> None:
        broken = {v.rule.text: v.samples for v in invariants.check() if v.count and v.rule.code not in BY_THE_CLOCK}
        owed = None
        if self.only_cancelled and self.order.state == "cancelled":
            refunds.give_back_cancelled(self.pk)
            owed = self.order.paid_total - self.order.refunded_total
        super().teardown()
        assert (broken, owed or 0) == ({}, 0)


STEPS = {
    "open": OrderMachine.release,
    "released": OrderMachine.pick,
    "in_progress": OrderMachine.pick,
    "picked": OrderMachine.pack,
    "packed": OrderMachine.send,
}
