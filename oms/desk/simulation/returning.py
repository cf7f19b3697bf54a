"""What comes back: an agent opens the return, the desk receives and inspects it, and the money goes back."""

import re

from oms.desk.simulation.pages import Page, Unexpected
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World

REASONS = {"return_all": "not_wanted", "return_part": "wrong_size", "return_scrap": "damaged"}
DISPOSITION = {"return_scrap": "scrap"}


def send_back(world: World, plan: Plan) -> None:
    """From the customer's call to the money. Only orders that have arrived."""
    if plan.turn not in REASONS:
        return
    order = world.order(plan.n)
    lines = order["lines"][:1] if plan.turn == "return_part" else order["lines"]
    units = {line["id"]: line["delivered"] for line in lines if line["delivered"]}
    rma = _open(world, order["number"], units, REASONS[plan.turn])
    _receive(world, rma, {line["sku"]: line["delivered"] for line in lines if line["delivered"]})
    _inspect(world, rma, DISPOSITION.get(plan.turn, "restock"))
    _refund(world, rma)


def pay_out(world: World) -> int:
    """The money leaves the bank: every refund that a person has to pay is settled. How many."""
    agent, paid = world.person("agent"), 0
    while path := agent.see("/refunds/?q=state:submitted").link(r"/refunds/\d+/"):
        paid += 1
        agent.send(agent.see(f"{path}settle/").form(f"{path}settle/"), reference=f"SEPA-{world.tag}-{paid}")
    return paid


def _open(world: World, number: str, units: dict[int, int], reason: str) -> str:
    agent, path = world.person("agent"), f"/orders/{number}/returns/new/"
    said = {f"units-{line}": many for line, many in units.items()} | {f"reason-{line}": reason for line in units}
    seen = agent.send(agent.see(path).form(path), **said)
    page = agent.send(seen.form(path), sure="1", **said)
    found = re.search(r"/returns/(R[^/]+)/", page.url)
    if not found:
        raise Unexpected(f"No return was opened for {number}:\n{page.said()}")
    return found[1]


def _receive(world: World, rma: str, units: dict[str, int]) -> None:
    desk = world.person("returns")
    page = desk.send(desk.see("/returns/receive/").form("/returns/receive/"), code=rma)
    path = f"/returns/receive/{rma}/"
    for sku, many in units.items():
        for _ in range(many):
            page = desk.send(page.form(path), code=sku)
    if finish := page.form_if_any(f"{path}finish/"):
        desk.send(finish)


def _inspect(world: World, rma: str, disposition: str) -> None:
    """One unit, one button, until none waits."""
    desk = world.person("returns")

    def waiting() -> Page:
        return desk.see(f"/returns/{rma}/")

    while path := waiting().link(rf"/returns/{rma}/lines/\d+/inspect/"):
        form = desk.see(path).form(path)
        desk.send(form, disposition=disposition, accepted="on")


def _refund(world: World, rma: str) -> None:
    agent, path = world.person("agent"), f"/returns/{rma}/refund/"
    if world.person("agent").see(f"/returns/{rma}/").link(path):
        agent.send(agent.see(path).form(path))
