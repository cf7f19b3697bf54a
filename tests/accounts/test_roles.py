"""Roles are data: who may do what, and that no permission is left without a role or a misspelt one."""

import pytest

from oms.accounts.models import User
from oms.accounts.roles import ALL, PERMISSIONS, Role, permissions_of, roles_with


def test_an_admin_may_do_everything_and_a_stranger_nothing():
    assert permissions_of(Role.ADMIN) == ALL
    assert permissions_of("") == permissions_of("chief") == frozenset()


@pytest.mark.parametrize("role", Role)
def test_no_role_names_what_does_not_exist(role):
    assert PERMISSIONS[role] - ALL == frozenset()


def test_an_auditor_looks_and_never_touches():
    touching = {name for name in PERMISSIONS[Role.AUDITOR] if not name.endswith(".view")}

    assert touching == {"desk.insights", "accounts.audit", "accounts.preferences"}


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("fulfillment.pick", {Role.PICKER, Role.LEAD, Role.ADMIN}),
        ("fulfillment.ship", {Role.PACKER, Role.LEAD, Role.ADMIN}),
        ("returns.inspect", {Role.RETURNS, Role.LEAD, Role.ADMIN}),
        ("returns.refund_over_limit", {Role.LEAD, Role.ADMIN}),
        ("orders.cancel", {Role.AGENT, Role.LEAD, Role.ADMIN}),
        ("inventory.adjust", {Role.LEAD, Role.ADMIN}),
        ("accounts.manage", {Role.ADMIN}),
        ("accounts.audit", {Role.AUDITOR, Role.ADMIN}),
    ],
)
def test_who_may_do_it(permission, roles):
    assert set(roles_with(permission)) == roles


def test_whoever_is_switched_off_may_do_nothing():
    assert not User(role=Role.ADMIN, is_active=False).can("orders.view")


def test_the_403_page_says_whom_to_ask(client, db):
    client.force_login(User.objects.create_user("pia@example.com", None, name="Pia", role="picker"))
    page = client.get("/settings/users/")

    assert page.status_code == 403
    assert "It is open to: Admin." in page.content.decode()
