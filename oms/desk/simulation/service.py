"""What customer service does in the day: put held orders right, change and cancel what customers call about."""

from collections.abc import Callable
from typing import Any

from oms.desk.simulation.pages import Page, Unexpected
from oms.desk.simulation.plans import Plan
from oms.desk.simulation.world import World


def put_right(world: World, plan: Plan) -> None:
    """What a hold asks for; afterwards the order is confirmed, or was a repetition and is cancelled."""
    if deed := PUT_RIGHT.get(plan.turn):
        order = world.settled(plan.n)
        if not order["holds"]:
            raise Unexpected(f"{order['number']} ({plan.turn}) should have been held.")
        deed(world, plan, order)
        _must_become(world, plan, "cancelled" if plan.turn == "duplicate" else "confirmed")


def change(world: World, plan: Plan) -> None:
    """What the customer calls about before anybody has begun on the order."""
    if deed := CHANGES.get(plan.turn):
        deed(world, plan, world.settled(plan.n))
        world.settled(plan.n)


def cancel_all(world: World, plan: Plan) -> None:
    """Whole, wherever the work on it is."""
    _cancel(world, world.order(plan.n), {})


def _address(world: World, plan: Plan, order: dict[str, Any]) -> None:
    _dialog(world, f"/orders/{order['number']}/address/", postal_code=plan.street[1])


def _paid(world: World, plan: Plan, order: dict[str, Any]) -> None:
    _dialog(world, f"/orders/{order['number']}/payments/", reference=f"bank-{order['external_id']}", tender="transfer")


def _sku(world: World, plan: Plan, order: dict[str, Any]) -> None:
    for line in order["lines"]:
        _dialog(world, f"/orders/{order['number']}/lines/{line['id']}/sku/", sku=line["sku"].removeprefix("OLD-"))


def _looked(world: World, plan: Plan, order: dict[str, Any]) -> None:
    """A person has looked at the customer and lets the order go on."""
    page = world.person("agent").see(f"/orders/{order['number']}/")
    release = page.link(rf"/orders/{order['number']}/holds/\d+/release/")
    _dialog(world, release, note="Called back; it is a café.")


def _repetition(world: World, plan: Plan, order: dict[str, Any]) -> None:
    world.api("POST", f"/orders/{order['number']}/cancel", {"reason": "sent twice"})


def _fewer(world: World, plan: Plan, order: dict[str, Any]) -> None:
    first = order["lines"][0]
    _amend(world, order, **{f"quantity-{first['id']}": first["ordered"] - 1})


def _more(world: World, plan: Plan, order: dict[str, Any]) -> None:
    first = order["lines"][0]
    _amend(world, order, **{f"quantity-{first['id']}": first["ordered"] + 1})
    order = world.settled(plan.n)
    if any(hold["type"] == "payment" for hold in order["holds"]):
        _paid(world, plan, order)
        world.wait("the money is seen", lambda: None if world.order(plan.n)["holds"] else True)


def _moved(world: World, plan: Plan, order: dict[str, Any]) -> None:
    there = {"address-line1": "Marktplatz 3", "address-postal_code": "28195", "address-city": "Bremen"}
    _amend(world, order, **there)


def _cancel_early(world: World, plan: Plan, order: dict[str, Any]) -> None:
    _cancel(world, order, {})


def _cancel_part(world: World, plan: Plan, order: dict[str, Any]) -> None:
    kept, *others = order["lines"]
    _cancel(world, order, {kept["id"]: 0} | {line["id"]: line["ordered"] for line in others})


def _amend(world: World, order: dict[str, Any], **said: Any) -> None:
    """Look at what it would do, then confirm."""
    agent, path = world.person("agent"), f"/orders/{order['number']}/amend/"
    seen = agent.send(agent.see(path).form(path), **said)
    confirm = next((form for form in seen.forms if form.action.endswith("/confirm/")), None)
    if confirm is None:
        raise Unexpected(f"Nothing to confirm for {order['number']}:\n{seen.said()}")
    agent.send(confirm)


def _cancel(world: World, order: dict[str, Any], units: dict[int, int]) -> None:
    agent, path = world.person("agent"), f"/orders/{order['number']}/cancel/"
    said = {f"units-{line}": many for line, many in units.items()} | {"reason": "customer"}
    seen = agent.send(agent.see(path).form(path), **said)
    agent.send(seen.form(path), sure="1", **said)


def _dialog(world: World, path: str, **said: Any) -> Page:
    agent = world.person("agent")
    return agent.send(agent.see(path).form(path), **said)


def _must_become(world: World, plan: Plan, state: str) -> None:
    def looked() -> bool | None:
        return world.order(plan.n)["state"] == state or None

    world.wait(f"order {world.numbers[plan.n]} ({plan.turn}) is {state}", looked)
    world.settled(plan.n)


Deed = Callable[[World, Plan, dict[str, Any]], None]
PUT_RIGHT: dict[str, Deed] = {
    "bad_address": _address,
    "unpaid": _paid,
    "unknown_sku": _sku,
    "risky": _looked,
    "duplicate": _repetition,
}
CHANGES: dict[str, Deed] = {
    "fewer": _fewer,
    "more": _more,
    "moved": _moved,
    "cancel_early": _cancel_early,
    "cancel_part": _cancel_part,
}
