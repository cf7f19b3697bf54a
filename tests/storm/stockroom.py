"""What people in the stockroom do: goods come, move, break, are counted, kept back, and go to other places."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from fulfillment import displacing
from inventory import counting, purchasing, reservations, stock, transfers
from inventory.models import BinStock, CountedBin, CycleCount, Location, PurchaseLine, StockMovement, Supplier, Transfer
from inventory.statuses import Tracks
from tests.storm.hand import Hand
from tests.storm.world import LOTS, SHELVES, receive

FEW = 40


def goods_in(hand: Hand) -> str:
    """From nowhere, or on a purchase, some of them broken."""
    sku, place, units = hand.dice.choice(hand.world.skus), _place(hand), hand.dice.randint(1, 9)
    if hand.dice.random() < 0.5:
        receive(hand.world, sku, place, units, hand.dice)
        return f"came:{sku.pk}:{units}"
    supplier, _ = Supplier.objects.get_or_create(name="Potter")
    purchasing.place(purchasing.create(supplier, place, {sku: units}, expected_at=_soon(), by=hand.me), by=hand.me)
    line = hand.choose(PurchaseLine.objects.filter(purchase__state="ordered").select_related("sku").order_by("-pk")[:9])
    lot, expires_on = hand.dice.choice(LOTS) if line.sku.has_lots else ("", None)
    broken = hand.dice.randint(0, line.ordered) if hand.dice.random() < 0.2 else 0
    purchasing.receive(line, line.ordered, damaged=broken, lot=lot, expires_on=expires_on, by=hand.me)
    return f"came:{line.sku_id}:{line.ordered}"


def put_away(hand: Hand) -> str:
    row = _lying(hand, ("shelf", "receiving"))
    to = row.bin.location.bins.get(code=hand.dice.choice(SHELVES))
    stock.move(row.sku_id, row.bin_id, to.pk, hand.dice.randint(1, row.quantity), lot=row.lot_id, by=hand.me)
    return ""


def correct(hand: Hand) -> str:
    """A unit more or less; and now and then the last correction was a mistake."""
    if hand.dice.random() < 0.3:
        rows = StockMovement.objects.filter(kind__in=("adjusted", "moved"), undoes=None, undone_by=None)
        stock.undo(hand.choose(rows.order_by("-pk")[:FEW]).pk, by=hand.me)
        return ""
    row, delta = _lying(hand, ("shelf", "receiving", "quarantine")), hand.dice.choice((-1, 1))
    stock.adjust(row.sku_id, row.bin_id, delta, lot=row.lot_id, reason="found", by=hand.me)
    return ""


def set_aside(hand: Hand) -> str:
    row = _lying(hand, ("shelf", "receiving", "quarantine"))
    said = {"lot": row.lot_id, "reason": "broken", "by": hand.me}
    if row.bin.kind == "quarantine":
        stock.undamage(row.sku_id, row.bin.location.bins.get(code=hand.dice.choice(SHELVES)).pk, 1, **said)
    else:
        stock.damage(row.sku_id, row.bin_id, 1, **said)
    return ""


def keep_back(hand: Hand) -> str:
    if hand.dice.random() < 0.5:
        reservations.drop(f"{hand.me.pk}", by=hand.me)
    else:
        wants = {(sku.pk, _place(hand).pk): 1 for sku in hand.dice.sample(hand.world.skus, 3)}
        reservations.hold(f"{hand.me.pk}", wants, by=hand.me)
    return ""


def send_on(hand: Hand) -> str:
    """A transfer in two phases, now and then with less at its end."""
    known = Transfer.objects.filter(state__in=("draft", "shipped")).order_by("pk")[:FEW]
    if not known or hand.dice.random() < 0.4:
        origin, destination = hand.dice.sample(hand.world.places, 2)
        lines = {sku: hand.dice.randint(1, 3) for sku in hand.dice.sample(hand.world.skus, 3)}
        transfers.create(origin, destination, lines, expected_at=_soon(), by=hand.me)
        return ""
    transfer = hand.dice.choice(known)
    if transfer.state == "shipped":
        lost = {line.pk: max(line.shipped - 1, 0) for line in transfer.lines.all()} if hand.dice.random() < 0.2 else {}
        transfers.receive(transfer, lost, by=hand.me)
    elif hand.dice.random() < 0.3:
        transfers.cancel(transfer, by=hand.me)
    else:
        transfers.ship(transfer, by=hand.me)
    return ""


def count(hand: Hand) -> str:
    """A bin, as it is or with a unit gone; then somebody looks at the differences."""
    place = _place(hand)
    known = CountedBin.objects.filter(state__in=("waiting", "recount")).select_related("bin", "count")[:FEW]
    if not known or hand.dice.random() < 0.3:
        counting.plan(place, bins=[place.bins.get(code=hand.dice.choice(SHELVES))], by=hand.me)
        return ""
    row = hand.dice.choice(known)
    row = counting.begin(row.count, row.bin.code, by=hand.me)
    there = BinStock.objects.filter(bin=row.bin, quantity__gt=0)
    there = there.values_list("sku__code", "sku__tracks", "lot__code", "quantity")
    for code, tracks, lot, units in there if row.sku_id is None else there.filter(sku=row.sku_id):
        lot = (lot or "?") if tracks == Tracks.LOT else ""
        counting.say(row, code, units - (hand.dice.random() < 0.3), lot=lot, by=hand.me)
    counting.finish(row, by=hand.me)
    return ""


def approve(hand: Hand) -> str:
    displacing.approve(hand.choose(CycleCount.objects.filter(state="review").order_by("pk")[:FEW]), by=hand.me)
    return ""


def _place(hand: Hand) -> Location:
    return hand.dice.choice(hand.world.places)


def _lying(hand: Hand, kinds: Sequence[str]) -> BinStock:
    rows = BinStock.objects.filter(bin__kind__in=kinds, quantity__gt=0).select_related("bin__location")
    return hand.choose(rows.order_by("?")[:1])


def _soon() -> object:
    return timezone.now() + timedelta(days=1)


ACTS: Sequence = (
    *(goods_in, goods_in, put_away, put_away, correct, set_aside, keep_back, send_on, send_on),
    *(count, count, count, approve, approve),
)
