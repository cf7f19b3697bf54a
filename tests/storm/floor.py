"""What people on the floor do: waves, picking with shorts, packing, hand-over, putting back."""

from collections.abc import Sequence

from fulfillment import dispatch, interception, packing, picking, waves
from fulfillment.models import FulfillmentOrder, Intercept, PickList, PickTask, Shipment
from tests.storm.hand import Hand, Nothing

STOPS = 6


def release(hand: Hand) -> str:
    waves.release(hand.dice.choice(hand.world.places), by=hand.me)
    return ""


def recall(hand: Hand) -> str:
    waves.recall(hand.choose(FulfillmentOrder.objects.filter(state="released")[:30]), by=hand.me)
    return ""


def pick(hand: Hand) -> str:
    """My list or the next: some stops of it, now and then with less in the bin than it says."""
    pick_list = _list(hand)
    for _ in range(STOPS):
        task = picking.next_task(pick_list)
        if task is None:
            break
        _stop(hand, task)
    return ""


def give_back(hand: Hand) -> str:
    mine = PickList.objects.filter(state="claimed", picker=hand.me)
    picking.unclaim(hand.choose(mine), by=hand.me)
    return ""


def pack(hand: Hand) -> str:
    mine = hand.choose(FulfillmentOrder.objects.filter(state="picked").order_by("-pk")[:10])
    shipment = packing.start(mine.number, by=hand.me)
    for row in packing.rows(shipment):
        if row.remaining:
            packing.scan(shipment, row.line.sku.code, quantity=row.remaining, by=hand.me)
    packing.seal(shipment, by=hand.me)
    return ""


def unpack(hand: Hand) -> str:
    packing.reopen(hand.choose(Shipment.objects.filter(state="sealed").order_by("-pk")[:10]), by=hand.me)
    return ""


def hand_over(hand: Hand) -> str:
    shipment = hand.choose(Shipment.objects.filter(state="sealed").order_by("pk")[:10])
    dispatch.hand_over(shipment, without_label="our own van", by=hand.me)
    return f"gone:{shipment.pk}"


def put_back(hand: Hand) -> str:
    intercept = hand.choose(Intercept.objects.filter(state="asked").order_by("pk")[:10])
    if hand.dice.random() < 0.8:
        interception.honour(intercept, by=hand.me)
    else:
        interception.too_late(intercept, by=hand.me)
    return ""


def _list(hand: Hand) -> PickList:
    for place in hand.dice.sample(hand.world.places, len(hand.world.places)):
        if pick_list := picking.claim(hand.me, place):
            return pick_list
    raise Nothing


def _stop(hand: Hand, task: PickTask) -> None:
    if not task.bin_confirmed:
        picking.scan_bin(task, task.bin.code, by=hand.me)
    if task.remaining and hand.dice.random() < 0.1:
        found = hand.dice.randint(task.picked, task.quantity - 1)
        picking.short(task, found, hand.dice.choice(("not_found", "damaged", "unreachable")), by=hand.me)
        return
    if task.remaining:
        picking.scan_item(task, task.sku.code, quantity=task.remaining, by=hand.me)
        task.refresh_from_db()
    if task.picked and hand.dice.random() < 0.05:
        picking.undo(task, by=hand.me)
    elif task.state == "pending" and not task.remaining:
        picking.scan_tote(task, f"T-{task.fulfillment_line.fulfillment_order_id}", by=hand.me)


ACTS: Sequence = (release, recall, pick, pick, pick, pick, give_back, pack, pack, pack, unpack, hand_over, put_back)
