"""Every address of the product as every role and as nobody: open to exactly those it is declared open to."""

import re
from functools import cache

import pytest
from django.test import Client

from oms.accounts.models import User
from oms.accounts.roles import PERMISSIONS, Role
from oms.common.checks import every_url
from oms.common.permissions import Access, access_of

# What stands for a piece of an address: nothing in the database is called so, an allowed person is told 404.
MADE_UP = {"int": "987654321", "slug": "made-up", "str": "made-up", "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12}


@cache
def addresses() -> dict[str, Access]:
    return {_path(route): access_of(pattern.callback) for route, pattern in every_url()}


def _path(route: str) -> str:
    route = re.sub(r"<(?:(\w+):)?\w+>", lambda piece: MADE_UP.get(piece[1] or "str", "made-up"), route)
    return "/" + route.replace("^", "").replace("$", "").replace("\\Z", "")


def visitor(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role != "nobody":
        user = User.objects.create_user(f"{role or 'none'}@example.com", None, name=role, role=role, all_locations=True)
        client.force_login(user)
    return client


def shut(client: Client, path: str) -> bool:
    """Was the visitor sent to the door, or told that the role is not enough?"""
    answer = client.get(path)
    at_the_door = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return at_the_door or (answer.status_code == 403 and "does not open this page" in answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("role", [*Role, "", "nobody"])
def test_a_role_gets_in_exactly_where_the_declaration_says(role):
    client = visitor(role)
    granted = PERMISSIONS.get(role, frozenset())
    wrong = {}
    for path, access in addresses().items():
        if access.kind == "user" and path != "/logout/":
            expected = role == "nobody" or not _allows(access, granted)
            if shut(client, path) != expected:
                wrong[path] = f"should be {'shut' if expected else 'open'} ({access})"

    assert wrong == {}


@pytest.mark.django_db
def test_no_page_breaks_for_an_admin_who_asks_for_what_is_not_there():
    client = visitor(Role.ADMIN)
    broken = {path: status for path in addresses() if (status := client.get(path).status_code) >= 500}

    assert broken == {}


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_api_is_shut_without_a_token(method):
    client = Client(raise_request_exception=False)
    paths = [path for path, access in addresses().items() if access.kind == "api" and not _is_paper(path)]
    told = {path: client.generic(method, path, content_type="application/json").status_code for path in paths}

    assert {path: status for path, status in told.items() if status not in (401, 405)} == {}
    assert len(told) > 5


def test_what_is_open_to_anybody_is_short_and_known():
    assert sorted({path.split("/")[1] for path, access in addresses().items() if access.kind == "public"}) == [
        "carrier-webhooks", "d", "login", "logout", "t", "webhooks", "welcome",
    ]  # fmt: skip


def _allows(access: Access, granted: frozenset[str]) -> bool:
    return set(access.all_of) <= granted and (not access.any_of or bool(set(access.any_of) & granted))


def _is_paper(path: str) -> bool:
    """The description of the API may be read by anybody, for it holds no data; its root is nothing at all."""
    return path.endswith(("/docs", "/openapi.json", "/api/v1/"))
