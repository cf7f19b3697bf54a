"""What people at a desk do to orders. Each act takes a hand and gives a fact that has to stay true, or nothing."""

from collections.abc import Sequence

from django.db.models import QuerySet

from fulfillment import amendments, cancellation, sourcing
from fulfillment.amendments import Action
from fulfillment.models import FulfillmentOrder
from orders import holds, intake
from orders.models import Hold, Order
from orders.statuses import HoldType
from tests.factories.orders import external, line
from tests.storm.hand import Hand

NEWEST = 30  # of a kind, so that hands meet


def take(hand: Hand) -> str:
    """An order of one to five lines comes in, and everything that follows from it."""
    skus = hand.dice.sample(hand.world.skus, hand.dice.randint(1, 5))
    channel = hand.dice.choice(hand.world.channels)
    lines = [line(sku.code, hand.dice.randint(1, 3)) for sku in skus]
    paid = None if channel.config else ""
    order = external(*lines, paid=paid, external_id=hand.number())
    intake.take(order, channel=channel, by=hand.me)
    return f"taken:{order.external_id}"


def cancel(hand: Hand) -> str:
    order = _one(hand, Order.objects.all())
    told = cancellation.cancel(order, reason="changed my mind", by=hand.me)
    return "" if told.intercepts else f"cancelled:{order.pk}"


def cut(hand: Hand) -> str:
    """One unit less of a line; the fact names it once more each time."""
    order = _one(hand, Order.objects.filter(state="confirmed"))
    one = hand.dice.choice(order.lines.order_by("pk"))
    done = cancellation.cancel(order, quantities={one.pk: 1}, reason="one less", by=hand.me)
    return f"cut:{one.pk}" if done.units else ""


def amend(hand: Hand) -> str:
    """More or fewer of a line, or a line more."""
    order = _one(hand, Order.objects.exclude(state="cancelled"))
    one = hand.dice.choice(order.lines.order_by("pk"))
    if hand.dice.random() < 0.6:
        wish = Action("set_quantity", {"quantity": hand.dice.randint(0, 4)}, one.pk)
    else:
        wish = Action("add_line", {"sku": hand.dice.choice(hand.world.skus).code, "quantity": 1})
    amendments.amend(order, [wish], by=hand.me)
    return f"amended:{order.pk}"


def hold(hand: Hand) -> str:
    order = _one(hand, Order.objects.exclude(state="cancelled"))
    holds.place(order, type=HoldType.REVIEW, reason="Please look", by=hand.me)
    return ""


def let_go(hand: Hand) -> str:
    holds.resolve(_one(hand, Hold.objects.filter(state="active")), note="Fine", by=hand.me)
    return ""


def move(hand: Hand) -> str:
    """Work goes to another place, by hand or because its place says no."""
    mine = _one(hand, FulfillmentOrder.objects.filter(state__in=("open", "released")))
    if hand.dice.random() < 0.5:
        sourcing.reroute(mine, by=hand.me)
    else:
        sourcing.reject(mine, reason="no hands", by=hand.me)
    return ""


def _one(hand: Hand, rows: QuerySet) -> object:
    return hand.choose(rows.order_by("-pk")[:NEWEST])


ACTS: Sequence = (take, take, take, cancel, cut, cut, amend, amend, hold, let_go, let_go, move)
