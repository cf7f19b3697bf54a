"""Orders come in: from a program, a shop's signed webhook, a file, and an agent on the phone."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from oms.desk.simulation.pages import Unexpected
from oms.desk.simulation.plans import PROMO, SCARCE, STORE, Line, Plan
from oms.desk.simulation.world import World

SENT_AGAIN = 5  # every so manieth program and shop is not sure that it was heard
CHANNELS = {"api": "web", "webhook": "shop", "csv": "csv"}


def from_program(world: World, plan: Plan) -> None:
    """`POST /api/v1/orders`; the same again is the same order."""
    body = order_of(world, plan)
    world.numbers[plan.n] = world.api("POST", "/orders", body, ok=(201,))["number"]
    if plan.n % SENT_AGAIN == 0:
        again = world.api("POST", "/orders", body, ok=(200,))
        if again["number"] != world.numbers[plan.n]:
            raise Unexpected(f"{body['external_id']} was taken twice: {again['number']}, {world.numbers[plan.n]}.")


def from_shop(world: World, plans: Iterable[Plan]) -> None:
    """The shop sells; its webhooks come late, twice and in any order."""
    sold = []
    for plan in plans:
        way = "twice" if plan.n % SENT_AGAIN == 0 else "shuffled"
        world.shop("/v1/orders", {"order": order_of(world, plan), "sending": way})
        sold.append(plan)
    for plan in sold:
        _find(world, plan)


def from_file(world: World, plans: Iterable[Plan], *, round: int) -> None:
    """Upload, look at the preview, import, watch it end."""
    plans = list(plans)
    if not plans:
        return
    agent = world.person("agent")
    page = agent.see("/imports/new/")
    name = f"{world.tag}-{round}.csv"
    file = {"file": (name, _table(world, plans), "text/csv")}
    page = agent.send(page.form("/imports/new/"), channel=page.choice("File"), files=file)
    here = page.url.partition("?")[0]
    path = here[here.index("/imports/") :]
    agent.send(world.wait(f"{name} is judged", lambda: agent.see(path).form_if_any(f"{path}start/")))
    for plan in plans:
        _find(world, plan)


def from_agent(world: World, plan: Plan) -> None:
    """A customer on the phone; the agent types."""
    agent = world.person("agent")
    page = agent.see("/orders/new/")
    street, postal_code, city = _street(plan)
    said: dict[str, Any] = {
        "channel": page.choice("Phone"),
        "customer_name": plan.name,
        "email": _email(world, plan),
        "method": plan.method,
        "shipping": plan.shipping,
        "promo_codes": PROMO if plan.promo else "",
        "address-name": plan.name,
        "address-line1": street,
        "address-postal_code": postal_code,
        "address-city": city,
        "address-country": "DE",
        "service_level": "express" if plan.express else "standard",
        "payment": "paid",
        "reference": _reference(world, plan),
    }
    for row, line in enumerate(plan.lines):
        said |= {f"sku-{row}": line.sku, f"units-{row}": line.units, f"price-{row}": line.price}
    page = agent.send(page.form("/orders/new/"), place="1", **said)
    found = re.search(r"/orders/([^/]+)/$", page.url)
    if not found:
        raise Unexpected(f"The order was not entered:\n{page.said()}")
    world.numbers[plan.n] = found[1]


def order_of(world: World, plan: Plan) -> dict[str, Any]:
    """As the order API takes it."""
    street, postal_code, city = _street(plan)
    paid = {"state": "paid", "amount": str(plan.total), "reference": _reference(world, plan), "tender": "card"}
    return {
        "channel": CHANNELS[plan.way],
        "external_id": world.external_id(plan.n),
        "placed_at": datetime.now(UTC).isoformat(),
        "currency": "EUR",
        "customer": {"name": plan.name, "email": _email(world, plan), "phone": ""},
        "shipping_address": {
            "name": plan.name,
            "line1": street,
            "city": city,
            "postal_code": postal_code,
            "country": "DE",
        },
        "method": plan.method,
        "pickup_location": STORE if plan.method == "pickup" else "",
        "service_level": "express" if plan.express else "standard",
        "lines": [_line(world, plan, line) for line in plan.lines],
        "shipping": str(plan.shipping),
        "promo_codes": [PROMO] if plan.promo else [],
        "payment": {"state": "unpaid", "amount": "0"} if plan.turn == "unpaid" else paid,
    }


def _line(world: World, plan: Plan, line: Line) -> dict[str, Any]:
    code = world.scarce if line.sku == SCARCE else line.sku
    return {
        "sku": f"OLD-{code}" if plan.turn == "unknown_sku" else code,
        "quantity": line.units,
        "unit_price": str(line.price),
        "discount": str(plan.discount(line)),
        "tax": "0",
    }


def _table(world: World, plans: list[Plan]) -> bytes:
    text = io.StringIO()
    rows = [row for plan in plans for row in _rows(world, plan)]
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _rows(world: World, plan: Plan) -> list[dict[str, Any]]:
    order = order_of(world, plan)
    street = {name: order["shipping_address"][name] for name in ("line1", "postal_code", "city", "country")}
    once = {name: order[name] for name in ("external_id", "placed_at", "currency", "method", "service_level")}
    once |= {"shipping": order["shipping"], "name": plan.name, "email": order["customer"]["email"], **street}
    paid = order["payment"]
    once |= {
        "payment_state": paid["state"],
        "payment_amount": paid["amount"],
        "payment_reference": paid.get("reference"),
    }
    once["promo_codes"] = " ".join(order["promo_codes"])
    return [
        once | {name: line[name] for name in ("sku", "quantity", "unit_price", "discount", "tax")}
        for line in order["lines"]
    ]


def _find(world: World, plan: Plan) -> None:
    external_id = world.external_id(plan.n)

    def looked() -> str | None:
        found = world.api("GET", f"/orders?search={external_id}")["items"]
        return next((row["number"] for row in found if row["external_id"] == external_id), None)

    world.numbers[plan.n] = world.wait(f"{external_id} has arrived", looked)


def _street(plan: Plan) -> tuple[str, str, str]:
    street, postal_code, city = plan.street
    return (street, "123" if plan.turn == "bad_address" else postal_code, city)


def _email(world: World, plan: Plan) -> str:
    who = plan.n if plan.like is None else plan.like
    return f"{plan.name.split()[0].lower()}.{world.tag.lower()}.{who}@example.com"


def _reference(world: World, plan: Plan) -> str:
    return f"pay-{world.external_id(plan.n)}"
