"""The house keeps its shape: floors, rooms, one way out to the network, one way to move a state, no inline code."""

from pathlib import Path

import pytest
from django.apps import apps

from tests import architecture
from tests.architecture import ROOT, app_of

# Our own servers of pretended carriers and shops have no other way to call us than the product's client has.
MAY_CALL_OUT = {"oms.common.http"}


def test_imports_only_go_down_the_stairs() -> None:
    assert architecture.upward_imports(ROOT) == []


def test_rooms_of_an_app_only_look_at_the_rooms_below() -> None:
    assert architecture.rooms_out_of_order(ROOT) == []


def test_foreign_keys_only_point_down() -> None:
    upward = [
        f"{model.__module__}.{model.__name__}.{field.name} -> {field.related_model.__module__}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and _points_up(model.__module__, field.related_model.__module__)
    ]

    assert upward == []


def test_only_the_guarded_client_speaks_to_the_network() -> None:
    callers = set(architecture.importers_of("httpx", ROOT)) | set(architecture.importers_of("requests", ROOT))

    assert callers - MAY_CALL_OUT == set()


def test_states_move_by_advance_alone() -> None:
    assert [module for module in architecture.state_assignments(ROOT) if app_of(module) != "oms.common"] == []


@pytest.mark.parametrize(
    "template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_template_has_no_inline_code(template: Path) -> None:
    found = architecture.inline_code(template.read_text(encoding="utf-8"))
    if "email" in template.parts:  # mail programs read no style sheets
        found = [what for what in found if not what.endswith(" style>")]

    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "from fulfillment.models import Shipment\n",
        "from fulfillment import models\n",
        "import fulfillment.models\n",
        "def recompute(order):\n    from fulfillment.models import Shipment\n    return Shipment\n",
        "class Late:\n    async def load(self):\n        if self:\n            import fulfillment.models as m\n",
        "import importlib\nmodels = importlib.import_module('fulfillment.models')\n",
    ],
)
def test_the_walk_finds_an_upward_import_wherever_it_hides(tmp_path: Path, source: str) -> None:
    _write(tmp_path, "fulfillment/models.py", "class Shipment: ...\n")
    _write(tmp_path, "orders/progress.py", source)

    assert architecture.upward_imports(tmp_path) == ["orders.progress -> fulfillment.models"]


def test_the_walk_finds_a_relative_import_and_a_sibling(tmp_path: Path) -> None:
    _write(tmp_path, "oms/desk/search.py", "def find(): ...\n")
    _write(tmp_path, "oms/common/lists.py", "from ..desk import search\n")
    _write(tmp_path, "inventory/stock.py", "def ship(): ...\n")
    _write(tmp_path, "carriers/labels.py", "from inventory import stock\n")

    assert architecture.upward_imports(tmp_path) == [
        "carriers.labels -> inventory.stock",
        "oms.common.lists -> oms.desk.search",
    ]


def test_the_walk_finds_a_model_fetched_by_name_from_above(tmp_path: Path) -> None:
    _write(tmp_path, "inventory/stock.py", "def ship(apps):\n    return apps.get_model('orders.Order')\n")
    _write(tmp_path, "orders/models.py", "class Order: ...\n")

    assert architecture.upward_imports(tmp_path) == ["inventory.stock -> orders.Order"]


def test_the_walk_lets_downward_imports_pass(tmp_path: Path) -> None:
    _write(tmp_path, "oms/common/money.py", "class Money: ...\n")
    _write(tmp_path, "inventory/stock.py", "from oms.common.money import Money\n")
    _write(tmp_path, "orders/progress.py", "from inventory import stock\n\ndef f():\n    import oms.common.money\n")

    assert architecture.upward_imports(tmp_path) == []


def test_the_walk_finds_a_model_that_looks_at_a_verb(tmp_path: Path) -> None:
    _write(tmp_path, "orders/models/order.py", "def total(self):\n    from orders import pricing\n    return pricing\n")
    _write(tmp_path, "orders/pricing.py", "from orders.models.order import total\n")

    assert architecture.rooms_out_of_order(tmp_path) == ["orders.models.order -> orders.pricing"]


def test_the_walk_finds_a_state_set_by_hand(tmp_path: Path) -> None:
    _write(tmp_path, "orders/lifecycle.py", "def close(order):\n    order.state = 'closed'\n")
    _write(tmp_path, "orders/sweeps.py", "def close_all(orders):\n    orders.filter(pk=1).update(state='closed')\n")
    _write(tmp_path, "orders/queries.py", "def closed(orders):\n    return orders.filter(state='closed')\n")

    assert architecture.state_assignments(tmp_path) == ["orders.lifecycle", "orders.sweeps"]


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<script>alert(1)</script>", ["<script>"]),
        ("<style>p { color: red }</style>", ["<style>"]),
        ('<p style="color: {{ c }}">', ["<p style>"]),
        ('<a onclick="go()" href="javascript:go()">', ["<a onclick>", "<a href>"]),
        ('<button hx-on:click="go()">', ["<button hx-on:click>"]),
        ('<script src="{% static "js/app.js" %}" defer></script><p class="{% if a %}on{% endif %}">', []),
    ],
)
def test_inline_code_is_found_in_a_template(template: str, found: list[str]) -> None:
    assert architecture.inline_code(template) == found


def _points_up(module: str, other: str) -> bool:
    mine, theirs = app_of(module), app_of(other)
    both = mine and theirs and mine != theirs
    # Django names the user by AUTH_USER_MODEL, a string that any floor may use.
    return bool(both and theirs != "oms.accounts" and architecture.RANK[theirs] >= architecture.RANK[mine])


def _write(root: Path, name: str, source: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
