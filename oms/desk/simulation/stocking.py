"""The shelves before the doors open: enough of everything but one SKU, whose second half is bought and comes later."""

from collections import Counter

from oms.desk.simulation.plans import SCARCE, SCARCE_PRICE, Plan
from oms.desk.simulation.world import World

PLACES, SHELF = ("BER", "LEJ", "HAM"), "A-01-1"
MISSING = 1  # so many units never come


def fill(world: World, plans: list[Plan]) -> None:
    """What the day needs, twice, at every place: where an order goes is never a matter of the last unit."""
    needed: Counter[str] = Counter()
    for plan in plans:
        for line in plan.lines:
            needed[line.sku] += line.units
    for sku, units in needed.items():
        if sku not in (SCARCE, "EBOOK"):
            _top_up(world, sku, 2 * units + 10)


def lay_in_scarce(world: World, plans: list[Plan]) -> str:
    """A SKU of the day's own, with half of what will be wanted, and a purchase of the rest. Gives its number."""
    admin, wanted = world.person("admin"), _wanted(plans)
    world.scarce = f"{world.tag}-VASE"
    form = admin.see("/inventory/skus/new/").form("/inventory/skus/new/")
    admin.send(form, code=world.scarce, name="Vase, limited", price=SCARCE_PRICE, weight_g=900)
    _adjust(world, world.scarce, "LEJ", max(wanted // 2, 1))
    page = admin.see("/inventory/purchases/new/")
    place = page.choice("Leipzig warehouse")
    lines = f"{world.scarce} {max(wanted - wanted // 2 - MISSING, 1)}"
    page = admin.send(
        page.form("/inventory/purchases/new/"), new_supplier=f"Potter {world.tag}", location=place, lines=lines
    )
    path = page.url[page.url.index("/inventory/") :]
    admin.send(page.form(f"{path}place/"))
    return path


def receive(world: World, purchase: str) -> None:
    """The lorry is here."""
    lead = world.person("lead")
    page = lead.see(purchase)
    lead.send(next(form for form in page.forms if form.action.endswith("/receive/")))


def _wanted(plans: list[Plan]) -> int:
    return sum(line.units for plan in plans for line in plan.lines if line.sku == SCARCE)


def _top_up(world: World, sku: str, units: int) -> None:
    there = {row["location"]: row["available"] for row in world.api("GET", f"/stock/{sku}")["locations"]}
    for place in PLACES:
        if there.get(place, 0) < units:
            _adjust(world, sku, place, units - there.get(place, 0))


def _adjust(world: World, sku: str, place: str, units: int) -> None:
    body = {"sku": sku, "location": place, "bin": SHELF, "delta": units, "reason": "found"}
    world.api("POST", "/stock/adjustments", body)
