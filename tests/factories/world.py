"""A world with something in every state, made by the verbs: for whoever wants to see every page with rows in it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from factory.django import mute_signals

from fulfillment import closing, deciding, dispatch, dropshipping, packing, picking, rehearsal
from fulfillment.rules import editing
from fulfillment.rules.terms import Condition, Effect, Rule, Where
from inventory import buffers, counting, kits, lots, purchasing, reservations, serials, stock, transfers
from inventory import importing as stock_files
from inventory.models import Location, Lot, ReorderRule, Sku, Supplier, SupplierItem
from inventory.signals import stock_increased
from oms.accounts.models import User
from oms.common import cases
from oms.common.actors import SYSTEM
from orders import documents, holds, importing, inbound, intake, notes
from orders.models import Channel, Order, PromoCode, RiskRule
from orders.statuses import HoldType
from returns import receiving, refunds
from tests.factories.fulfillment import (
    confirmed_order,
    labelled,
    news,
    own_van,
    packed,
    person,
    picked,
    released,
    routed,
)
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.factories.returns import asked, delivered, inspected, policy, received

HEADS = "external_id,placed_at,sku,quantity,unit_price"


@dataclass
class World:
    lead: User
    berlin: Location
    orders: dict[str, Order]


def filled() -> World:
    """Call where commits are real, for labels are bought by workers."""
    lead = person("lead")
    berlin = LocationFactory(code="BER", name="Berlin", collects=True, priority=9)
    hamburg = LocationFactory(code="HAM", name="Hamburg", collects=True)
    mug, lamp = SkuFactory(code="MUG", name="Mug"), SkuFactory(code="LAMP", name="Lamp")
    put(mug, berlin, 60)
    put(lamp, berlin, 60)
    put(lamp, hamburg, 60)
    orders = _work(lead, berlin, mug, lamp) | _waiting(lead, berlin, mug)
    _goods_to_come(berlin, hamburg, lamp)
    _counts(lead, berlin, hamburg, lamp)
    _goods(lead, berlin, mug, lamp)
    _files(lead)
    _dropships(potter=Supplier.objects.get(name="Potter"))
    _returns(lead, berlin, lamp)
    _desk(orders["released"])
    _closed(lead, berlin)
    _rules(lead, berlin)
    _decided(lead, berlin)
    orders["meeting"] = _meeting(lead, berlin, hamburg)
    return World(lead, berlin, orders)


def _work(lead: User, berlin: Location, mug: Sku, lamp: Sku) -> dict[str, Order]:
    """Fulfilment orders at every station."""
    van = own_van()
    made = {}
    for name in ("open", "released", "claimed", "picked", "packing", "sealed", "labelled"):
        made[name], [work] = routed({mug: 2, lamp: 1})
        if name == "released":
            released(work, by=lead)
        elif name == "claimed":
            picking.claim(lead, berlin, pick_list=released(work, by=lead))
        elif name == "picked":
            picked(work, by=lead)
        elif name == "packing":
            picked(work, by=lead)
            packing.scan(packing.start(work.number, by=lead), "MUG", by=lead)
        elif name == "sealed":
            packed(work, by=lead)
        elif name == "labelled":
            labelled(work, van, by=lead)
    ready, [work] = routed({mug: 1}, method="pickup", store=berlin)
    packed(work, by=lead)
    return made | {"ready": ready}


def _waiting(lead: User, berlin: Location, mug: Sku) -> dict[str, Order]:
    """What needs a person, or stock that is not there."""
    held, [_] = routed({mug: 1})
    problems = [{"field": "address", "message": "Deichstraße has no house number."}]
    holds.place(held, type=HoldType.REVIEW, reason="Please look", problems=problems, by=SYSTEM)
    short, _ = routed({SkuFactory(code="RARE", name="Vase"): 3})
    new = confirmed_order({mug: 1}, confirmed=False, paid=False)
    notes.add(held, "She calls back", pinned=True, by=lead)
    return {"held": held, "short": short, "new": new}


def _goods_to_come(berlin: Location, hamburg: Location, lamp: Sku) -> None:
    potter = Supplier.objects.create(name="Potter", email="potter@example.org")
    soon, rare = timezone.now() + timedelta(days=3), Sku.objects.get(code="RARE")
    purchasing.place(purchasing.create(potter, berlin, {rare: 2}, expected_at=soon, by=SYSTEM), by=SYSTEM)
    purchasing.create(potter, berlin, {lamp: 4}, expected_at=soon, by=SYSTEM)
    ReorderRule.objects.create(sku=rare, location=berlin, supplier=potter, point=5, target=20)
    SupplierItem.objects.create(supplier=potter, sku=rare, code="V-1", cost=8, pack=6)
    transfers.ship(transfers.create(hamburg, berlin, {lamp: 2}, expected_at=soon, by=SYSTEM), by=SYSTEM)
    transfers.create(hamburg, berlin, {lamp: 1}, expected_at=soon, by=SYSTEM)


def _counts(lead: User, berlin: Location, hamburg: Location, lamp: Sku) -> None:
    """One to count, one in hand, one with a difference, one that agreed."""
    counting.plan(hamburg, bins=[hamburg.bins.get(code="A-02")], by=lead)
    for shelf, units in (("A-03", 2), ("A-04", 1), ("A-02", 0)):
        count = counting.plan(berlin, bins=[berlin.bins.get(code=shelf)], note="Before the sale", by=lead)
        row = counting.begin(count, shelf, by=lead)
        if units:
            counting.say(row, "LAMP", units, by=lead)
        if units < 2:
            counting.finish(row, by=lead)


def _dropships(potter: Supplier) -> None:
    """One that its supplier has not answered yet."""
    bowl = SkuFactory(code="BOWL", name="Bowl")
    potter.location = LocationFactory(code="POT", name="Potter's", kind="supplier")
    potter.save()
    put(bowl, potter.location, 9)
    routed({bowl: 1})
    dropshipping.order_waiting()


def _goods(lead: User, berlin: Location, mug: Sku, lamp: Sku) -> None:
    """A lot that expires, numbered units at the pack station, a kit that was sold, a channel that is offered less."""
    milk = SkuFactory(
        code="MILK", name="Milk", tracks="lot", expiry_margin_days=3, hazmat_class="3", un_number="UN1263"
    )
    batch = lots.take_in(milk, "A7", timezone.localdate() + timedelta(days=30))
    key = (milk.pk, berlin.pk)
    stock.receive({key: 8}, bin=berlin.bins.get(code="A-02"), lot=batch.pk, reference="PO-1", by=SYSTEM)
    camera = SkuFactory(code="CAM", name="Camera", tracks="serial", fragile=True)
    serials.take_in(camera, ["SN-1", "SN-2"], reference="PO-1", by=SYSTEM)
    put(camera, berlin, 2, shelf="A-03")
    _, [work] = routed({camera: 2, milk: 1})
    picked(work, by=lead)
    packing.scan(packing.start(work.number, by=lead), "SN-1", by=lead)
    released(routed({milk: 2})[1][0], by=lead)
    gift = SkuFactory(code="GIFT", name="Gift set")
    kits.make(gift, {mug: 2, lamp: 1}, by=SYSTEM)
    intake.take(external(line("GIFT", 2, "25")), channel=channel("kits"), by=SYSTEM)
    buffers.keep("kits", mug, units=3, percent=10, by=SYSTEM)
    reservations.hold("Mrs Doe", {(mug.pk, berlin.pk): 1}, until=timezone.now() + timedelta(days=1), by=SYSTEM)


def _files(lead: User) -> None:
    """One to look at with an error in it, one taken in."""
    stock_files.upload("stock", "to-mend.csv", b"location,bin,sku,units\nBER,A-04,MUG,3\nBER,Z,MUG,1\n", by=lead)
    run = stock_files.upload("stock", "done.csv", b"location,bin,sku,units\nHAM,A-03,LAMP,3\n", by=lead)
    stock_files.take_in(stock_files.start(run, by=lead).pk)


def _returns(lead: User, berlin: Location, lamp: Sku) -> None:
    policy()
    _lots_back(lead, berlin)
    for how in (received, inspected, None):
        rma = asked(delivered({lamp: 2}, at=berlin, by=lead), by=lead)
        if how:
            how(rma, by=lead)
        if how is inspected:
            refunds.submit_return(rma, key=refunds.key_of(rma), by=lead)


def _lots_back(lead: User, berlin: Location) -> None:
    """Two lots of one order at the returns desk; what is left of a third is over, and its promise waits to be moved."""
    milk = Sku.objects.get(code="MILK")
    for code, units, days in (("B1", 2, 20), ("C1", 1, 10)):
        lot = lots.take_in(milk, code, timezone.localdate() + timedelta(days=days))
        shelf = berlin.bins.get(code="A-02")
        stock.receive({(milk.pk, berlin.pk): units}, bin=shelf, lot=lot.pk, reference="PO-2", by=SYSTEM)
    order, [work] = routed({milk: 3})
    shipment = labelled(work, own_van(), by=lead)
    dispatch.hand_over(shipment, by=lead)
    shipment.refresh_from_db()
    news(shipment, "delivered")
    order.refresh_from_db()
    rma = asked(order, by=lead)
    receiving.scan(rma, "MILK", which="C1", by=lead)
    receiving.scan(rma, "MILK", quantity=2, by=lead)
    Lot.objects.filter(code="A7").update(expires_on=timezone.localdate())
    berlin.bins.filter(code="A-03").update(capacity=1, litres=9)


def _desk(order: Order) -> None:
    """Everything that is set up, sent in or asked for around the orders."""
    shop = Channel.objects.create(code="shop", name="Shop", kind="generic", token="token-of-shop")
    Channel.objects.create(code="phone", name="Phone", kind="phone", token="token-of-phone")
    inbound.store(shop, {}, b'{"a": 1}')
    PromoCode.objects.create(code="TEN", kind="percent", value=10)
    RiskRule.objects.create(name="Large", fact="total", operator="gt", value="500")
    importing.upload(shop, "orders.csv", f"{HEADS}\nA-1,soon,MUG,1,x\n".encode(), by=SYSTEM)
    importing.upload(shop, "good.csv", f"{HEADS}\nA-2,2026-11-24T09:30:00Z,MUG,1,9.00\n".encode(), by=SYSTEM)
    documents.invoice(order, key="k", units={order.lines.first().pk: 1}, by=SYSTEM)
    cases.open_case("late_parcel", f"order:{order.number}", title="A parcel is late", key="late:1", by=SYSTEM)


def _rules(lead: User, berlin: Location) -> None:
    """Two rules in use, a draft with another, and what its rehearsal found."""
    stores = Effect("avoid", Where(kinds=("store",)), amount=Decimal("1.50"))
    swiss = Rule(0, "Swiss parcels", (Condition("country", ("CH",)),), (stores,))
    meet = Effect("meets", Where(places=(berlin.pk,)), number=1, amount=Decimal("0.50"), currency="EUR")
    editing.create(Rule(0, "Sets meet in Berlin", (Condition("sku_tag", ("set",)),), (meet,)), by=lead)
    editing.use(editing.create(swiss, by=lead).number, by=lead)
    draft = editing.create(Rule(0, "Not Berlin", effects=(Effect("leave_out", Where(countries=("DE",))),)), by=lead)
    rehearsal.run(rehearsal.start(draft, orders=100, by=lead).pk)


def _decided(lead: User, berlin: Location) -> None:
    """Two that waited for the same jugs: looked at, decided, and one goes on waiting."""
    jug = SkuFactory(code="JUG", name="Jug")
    for _ in range(2):
        routed({jug: 2})
    with mute_signals(stock_increased):  # so that nobody serves them before the button
        put(jug, berlin, 3)
    deciding.run(deciding.start(deciding.LOOK, by=lead).pk)
    deciding.run(deciding.start(deciding.DECIDE, by=lead).pk)


def _meeting(lead: User, berlin: Location, hamburg: Location) -> Order:
    """An order whose saucer comes from Hamburg to meet its pot in Berlin."""
    pot, saucer = SkuFactory(code="TEAPOT", name="Pot", tags=["set"]), SkuFactory(code="SAUCER", name="Saucer")
    put(pot, berlin, 3)
    put(saucer, hamburg, 3)
    return routed({pot: 1, saucer: 1})[0]


def _closed(lead: User, berlin: Location) -> None:
    """A place that gave one piece of work away, and kept one that nobody else can do."""
    munich = LocationFactory(code="MUC", name="Munich")
    cup, plate = SkuFactory(code="CUP", name="Cup"), SkuFactory(code="PLATE", name="Plate")
    for sku in (cup, plate):
        put(sku, munich, 1)
        routed({sku: 1})
    put(cup, berlin, 1)
    munich.active = False
    munich.save()
    closing.run(closing.move_work_away(munich, by=lead).pk)
