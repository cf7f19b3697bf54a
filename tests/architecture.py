"""Reads the house as text: who imports whom, on which floor, from which room. DESIGN of the floors is in README.md."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    {"oms.stack"},
    {"oms.common"},
    {"oms.accounts"},
    {"inventory", "carriers"},
    {"orders"},
    {"fulfillment"},
    {"returns"},
    {"oms.desk"},
    {"oms"},
]
RANK = {app: floor for floor, apps in enumerate(FLOORS) for app in apps}
PACKAGES = ["oms", "inventory", "carriers", "orders", "fulfillment", "returns"]

# Inside an app: what a room may not look up at. A name that is not listed is a topic.
TOPIC = 2
ROOMS = {"statuses": 0, "signals": 0, "models": 1, "forms": 3, "views": 4, "tasks": 4, "receivers": 4, "apps": 5}
ROOMS |= {"roles": 0, "admin": 4, "api": 4, "management": 5, "urls": 5, "order_urls": 5}

LOADERS = {"import_module", "__import__", "get_model"}


def modules(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """(dotted name, tree) of every module of the product; migrations say nothing about the shape."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                parts = path.relative_to(root).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                yield name, ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(root: Path) -> Iterator[tuple[str, str]]:
    """(module, what it imports) for our own modules, wherever in the file the import stands."""
    trees = dict(modules(root))
    packages = {name.rpartition(".")[0] for name in trees} | {name for name in trees if (root / as_path(name)).is_dir()}
    for name, tree in trees.items():
        home = name if name in packages else name.rpartition(".")[0]
        for node in ast.walk(tree):
            for wanted in _wanted(node, home):
                yield name, wanted if wanted in trees or "." not in wanted else _known(wanted, trees)


def as_path(module: str) -> str:
    return module.replace(".", "/")


def app_of(module: str) -> str | None:
    """oms.common.money → oms.common; oms.urls → oms; django.db → None."""
    return next((app for app in sorted(RANK, key=len, reverse=True) if f"{module}.".startswith(f"{app}.")), None)


def upward_imports(root: Path) -> list[str]:
    """Calls go down the stairs: an app sees only what lies below it, and nothing beside it."""
    found = []
    for module, wanted in imports(root):
        mine, theirs = app_of(module), app_of(wanted)
        if mine and theirs and mine != theirs and RANK[theirs] >= RANK[mine] and wanted != "oms":
            found.append(f"{module} -> {wanted}")
    return sorted(set(found))


def rooms_out_of_order(root: Path) -> list[str]:
    """statuses, signals < models < topics < forms < views, tasks, receivers < urls, apps.

    The ground floor is a box of tools, not an app with rooms.
    """
    found = []
    for module, wanted in imports(root):
        app = app_of(module)
        if app not in (None, "oms", "oms.common") and app == app_of(wanted) and _room(wanted, app) > _room(module, app):
            found.append(f"{module} -> {wanted}")
    return sorted(set(found))


def importers_of(library: str, root: Path) -> list[str]:
    return sorted({module for module, wanted in imports(root) if wanted.split(".")[0] == library})


def state_assignments(root: Path) -> list[str]:
    """`something.state = …`, also as a keyword of a queryset's update()."""
    return sorted({name for name, tree in modules(root) for node in ast.walk(tree) if _sets_state(node)})


def inline_code(template: str) -> list[str]:
    """What the content security policy would refuse: scripts, styles and handlers written into the page."""
    finder = _InlineFinder()
    finder.feed(re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template, flags=re.DOTALL))
    return finder.found


def _wanted(node: ast.AST, home: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
        source = ".".join([*above, *filter(None, [node.module])])
        return [f"{source}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return [_labelled(str(node.args[0].value))] if called in LOADERS else []
    return []


def _labelled(name: str) -> str:
    """App labels are the last part of the app's name: accounts.User is in oms.accounts."""
    return f"oms.{name}" if name.split(".")[0] in {"accounts", "common", "desk"} else name


def _known(wanted: str, trees: dict[str, ast.Module]) -> str:
    """The module of `from module import name`, where name is not a module itself."""
    module = wanted.rpartition(".")[0]
    return module if module in trees else wanted


def _room(module: str, app: str) -> int:
    inside = module.removeprefix(app).strip(".").split(".")
    return next((ROOMS[part] for part in inside if part in ROOMS), TOPIC if inside != [""] else 0)


def _sets_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        return any(keyword.arg == "state" for keyword in node.keywords)
    return False


class _InlineFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names and names.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name, value in names.items():
            if name == "style" or name.startswith(("on", "hx-on")) or (value or "").strip().startswith("javascript:"):
                self.found.append(f"<{tag} {name}>")
