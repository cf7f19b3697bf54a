"""Seven fixed roles as data: what each may do. No groups, no rows; a role is a word on the user."""

from collections.abc import Iterable

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    PICKER = "picker", _("Picker")
    PACKER = "packer", _("Packer")
    RETURNS = "returns", _("Returns clerk")
    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    ADMIN = "admin", _("Admin")
    AUDITOR = "auditor", _("Auditor")


def _all(app: str, verbs: str) -> frozenset[str]:
    return frozenset(f"{app}.{verb}" for verb in verbs.split())


ORDERS = _all("orders", "view enter import amend cancel place_hold release_hold note manage_channels manage_rules")
INVENTORY = _all("inventory", "view adjust receive transfer count manage")
CARRIERS = _all("carriers", "view manage")
FULFILLMENT = _all("fulfillment", "view route release pick pack ship collect")
RETURNS = _all("returns", "view request receive inspect refund refund_over_limit manage_policy")
DESK = _all("desk", "insights cases")
ACCOUNTS = _all("accounts", "manage audit preferences")
ALL = ORDERS | INVENTORY | CARRIERS | FULFILLMENT | RETURNS | DESK | ACCOUNTS

EVERYBODY = {"accounts.preferences"}
PICKER = EVERYBODY | _all("fulfillment", "view pick") | _all("inventory", "view receive transfer count")
PACKER = EVERYBODY | _all("fulfillment", "view pack ship collect") | {"inventory.view", "carriers.view", "orders.view"}
RETURNS_CLERK = (
    EVERYBODY | _all("returns", "view receive inspect request") | {"inventory.view", "orders.view", "fulfillment.view"}
)
AGENT = (
    EVERYBODY
    | (ORDERS - {"orders.manage_channels", "orders.manage_rules"})
    | {"inventory.view", "fulfillment.view", "carriers.view"}
    | _all("returns", "view request refund")
    | DESK
)
LEAD = AGENT | PICKER | PACKER | RETURNS_CLERK | FULFILLMENT | {"inventory.adjust", "returns.refund_over_limit"}
AUDITOR = EVERYBODY | {name for name in ALL if name.endswith(".view")} | {"desk.insights", "accounts.audit"}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.PICKER: frozenset(PICKER),
    Role.PACKER: frozenset(PACKER),
    Role.RETURNS: frozenset(RETURNS_CLERK),
    Role.AGENT: frozenset(AGENT),
    Role.LEAD: frozenset(LEAD),
    Role.ADMIN: ALL,
    Role.AUDITOR: frozenset(AUDITOR),
}


def permissions_of(role: str) -> frozenset[str]:
    return PERMISSIONS.get(role, frozenset())


def roles_with(*permissions: str, any_of: Iterable[str] = ()) -> list[Role]:
    """Who may do all of it, and one of `any_of` where it is given: what the 403 page tells."""
    wanted, one_of = set(permissions), set(any_of)
    return [r for r in Role if wanted <= PERMISSIONS[r] and (not one_of or one_of & PERMISSIONS[r])]
