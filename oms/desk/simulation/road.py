"""From the ramp to the door: manifests and drivers, the carriers' news, parcels that go wrong, and the counter."""

import re
from collections.abc import Iterable
from typing import Any

from oms.desk.simulation.pages import Unexpected
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World

OURS = "Fake"  # how the carrier with an API is called in the demo world
STATIONS = ("COL", "HUB", "OUT", "DEL")
PATIENCE_WITH_NEWS = 15.0  # seconds
TROUBLE = {"second_try": "NOT", "lost": "LST"}


def hand_over(world: World, plans: Iterable[Plan]) -> None:
    """The driver takes every manifest; what has a label leaves."""
    plans = list(plans)
    world.wait("all labels are bought", lambda: None if _in(world, plans, "sealed") else True)
    lead = world.person("lead")
    while _in(world, plans, "labelled"):
        page = lead.see("/hand-over/manifests/")
        if not page.forms:
            raise Unexpected(f"Labelled, but on no manifest: {_in(world, plans, 'labelled')}")
        for form in page.forms:
            if "/hand-over/manifests/" in form.action:
                lead.send(form, ok=(200, 404, 409, 422))  # an empty one has nothing to hand over
        world.wait("the carriers have agreed", lambda: None if _in(world, plans, "labelled") else True)


def deliver(world: World, plans: Iterable[Plan]) -> None:
    """Every parcel that left comes to its door, some at the second try, some never."""
    out = [(plan, shipment) for plan in plans for shipment in world.order(plan.n)["shipments"]]
    out = [(plan, shipment) for plan, shipment in out if shipment["state"] == "handed_over"]
    out = [(plan, shipment) for plan, shipment in out if not shipment["delivered_at"]]
    by_carrier = [(plan, parcel) for plan, s in out if OURS in (s["carrier"] or "") for parcel in s["parcels"]]
    by_van = [(plan, parcel) for plan, s in out if OURS not in (s["carrier"] or "") for parcel in s["parcels"]]
    _by_carrier(world, by_carrier)
    for plan, parcel in by_van:
        _by_van(world, plan, parcel["tracking_number"])
    _until_arrived(world, {plan.n for plan, _ in out if plan.turn != "lost"})


def collect(world: World, plan: Plan) -> None:
    """The customer shows the code from the page behind the link."""
    order = world.order(plan.n)
    if order["fulfillment_orders"][0]["state"] != "ready_for_pickup":
        return
    customer = world.person("packer").see(f"/t/{order['tracking_token']}/")
    code = re.search(r'<b class="mono">(\d{6})</b>', customer.text)[1]
    packer = world.person("packer")
    page = packer.see(f"/collect/?q={code}")
    packer.send(next(form for form in page.forms if re.search(r"/collect/\d+/$", form.action)), code=code)


def download(world: World, plan: Plan) -> None:
    """From the page behind the link to the bytes."""
    customer = world.person("packer")
    page = customer.see(f"/t/{world.order(plan.n)['tracking_token']}/").link(r"/d/[^/]+/")
    if not page or not (file := customer.see(page).link(rf"{page}file/")):
        raise Unexpected(f"Order {world.numbers[plan.n]} has nothing to download.")
    customer.see(file)


def _in(world: World, plans: list[Plan], state: str) -> list[str]:
    shipments = [one for plan in plans if plan.method == "ship" for one in world.order(plan.n)["shipments"]]
    return [one["number"] for one in shipments if one["state"] == state]


def _by_carrier(world: World, parcels: list[tuple[Plan, dict[str, Any]]]) -> None:
    """Station by station; the carrier tells us by webhook."""
    for station in STATIONS:
        for turn, trouble in TROUBLE.items():
            if station == "DEL":
                _tell(world, [p for plan, p in parcels if plan.turn == turn], trouble)
        if station == "DEL":
            parcels = [(plan, parcel) for plan, parcel in parcels if plan.turn != "lost"]
            _tell(world, [p for plan, p in parcels if plan.turn == "second_try"], "OUT")
        _tell(world, [parcel for _, parcel in parcels], station)


def _tell(world: World, parcels: list[dict[str, Any]], code: str) -> None:
    if numbers := [parcel["tracking_number"] for parcel in parcels]:
        world.carrier("/_admin/advance", {"numbers": numbers, "status": code, "wait": True})


def _by_van(world: World, plan: Plan, number: str) -> None:
    """Our own drivers call the desk."""
    lead = world.person("lead")
    path = lead.see(f"/tracking/?q={number}").link(r"/tracking/\d+/")
    news = {"second_try": ["delivery_failed", "delivered"], "lost": ["delivery_failed"]}
    for status in news.get(plan.turn, ["delivered"]):
        form = lead.see(path).form(f"{path}news/")
        lost = plan.turn == "lost"
        lead.send(form, status=status, incident_reason="lost" if lost else "", signed_by="" if lost else plan.name)


def _until_arrived(world: World, orders: set[int]) -> None:
    """News that the carrier could not bring, because it did not know our address yet, is asked for by hand."""

    def all_there() -> bool | None:
        return all(_arrived(world, n) for n in orders) or None

    try:
        world.wait("all parcels have arrived", all_there, PATIENCE_WITH_NEWS)
    except Unexpected:
        for n in orders:
            if not _arrived(world, n):
                _ask(world, n)
        world.wait("all parcels have arrived", all_there)


def _ask(world: World, n: int) -> None:
    lead = world.person("lead")
    for parcel in [parcel for shipment in world.order(n)["shipments"] for parcel in shipment["parcels"]]:
        path = lead.see(f"/tracking/?q={parcel['tracking_number']}").link(r"/tracking/\d+/")
        if ask := lead.see(path).form_if_any(f"{path}ask/"):
            lead.send(ask)


def _arrived(world: World, n: int) -> bool | None:
    order = world.order(n)
    return all(s["delivered_at"] for s in order["shipments"] if s["state"] == "handed_over") or None
