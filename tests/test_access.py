"""Who may open what: every address of the product, found by itself, against every role, nobody's role and strangers."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import path
from django.urls.resolvers import URLPattern

from oms.accounts.models import User
from oms.accounts.roles import PERMISSIONS, Role
from oms.common.checks import every_url, every_view_is_declared
from oms.common.permissions import Access, access_of

NO_ROLE = "without"
PEOPLE = [*Role.values, NO_ROLE]
FILLED = {"int": "4711", "slug": "nothing", "str": "nothing", "uuid": "00000000-0000-0000-0000-000000000000"}
# What a program without a token may still read: what the API is like.
OPEN_API = {"/api/v1/openapi.json", "/api/v1/"}
# Messages from outside prove themselves by signature; everything else that changes something needs our own form.
SIGNED = {"channel-webhook", "webhook"}
# The few things somebody who may only look may still send: about themselves.
OWN = {"saved-views", "saved-view-delete", "theme"}
OPEN_TO_ANYBODY = {"carrier-webhooks", "d", "login", "logout", "s", "t", "webhooks", "welcome"}


def everything() -> Iterator[tuple[str, URLPattern, Access]]:
    for route, pattern in every_url():
        yield filled(route), pattern, access_of(pattern.callback)


def filled(route: str) -> str:
    """The address with something in place of each <…>; no such thing exists, so 404 means that the door was open."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: FILLED[found[1] or "str"], route)


def may(role: str, access: Access) -> bool:
    """From the table of roles alone, so that it does not agree with the middleware by construction."""
    has = PERMISSIONS.get(role, frozenset())
    if access.kind != "user":
        return True
    return set(access.all_of) <= has and (not access.any_of or bool(set(access.any_of) & has))


def verdict(response) -> str:
    if response.status_code == 403:
        return "forbidden"
    if response.status_code == 302 and response.headers["Location"].startswith("/login/"):
        return "sign in"
    return "broken" if response.status_code >= 500 else "open"


@pytest.fixture
def signed_in(db):
    def as_(role: str) -> Client:
        user = User.objects.create_user(
            f"{role}@example.com", None, name=role, role="" if role == NO_ROLE else role, all_locations=True
        )
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return as_


def test_every_address_says_who_may_use_it():
    assert every_view_is_declared(None) == []
    assert sum(1 for _ in everything()) > 150


def test_a_new_address_that_says_nothing_is_found_and_stays_closed(settings, signed_in):
    settings.ROOT_URLCONF = __name__
    errors = every_view_is_declared(None)
    answer = signed_in("admin").get("/forgotten/")

    assert [error.id for error in errors] == ["oms.E001"]
    assert answer.status_code == 403


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_passes_exactly_where_it_may(signed_in, role):
    client = signed_in(role)
    wrong = {}
    for address, _, access in everything():
        if access.kind != "user":
            continue
        said = verdict(client.get(address))
        if said != ("open" if may(role, access) else "forbidden"):
            wrong[address] = said, str(access)

    assert wrong == {}


@pytest.mark.parametrize("role", PEOPLE)
def test_nobody_sends_a_form_past_a_closed_door(signed_in, role):
    client = signed_in(role)
    wrong = {}
    for address, _, access in everything():
        if access.kind == "user" and not may(role, access) and verdict(client.post(address)) != "forbidden":
            wrong[address] = str(access)

    assert wrong == {}


def test_a_stranger_is_asked_to_sign_in(client, db):
    wrong = {}
    for address, _, access in everything():
        said = verdict(client.get(address))
        wanted = "sign in" if access.kind == "user" else "open"
        if said != wanted:
            wrong[address] = said, str(access)
    wrong.pop("/logout/", None)

    assert wrong == {}


def test_a_fragment_asked_for_after_the_session_ended_leads_back_to_the_page(client, db):
    answer = client.get("/orders/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/?q=x"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/?next=/orders/%3Fq%3Dx")


def test_what_is_open_to_anybody_is_short_and_known():
    assert {address.split("/")[1] for address, _, access in everything() if access.kind == "public"} == OPEN_TO_ANYBODY


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_api_opens_to_tokens_only(client, signed_in, method):
    """A session is no token: what a browser carries along by itself must not reach what asks for no form."""
    addresses = {address for address, _, access in everything() if access.kind == "api"} - OPEN_API
    admin = signed_in("admin")
    told = {
        address: who.generic(method, address, content_type="application/json").status_code
        for who in (client, admin)
        for address in addresses
    }

    assert {address: status for address, status in told.items() if status not in (401, 405)} == {}
    assert len(told) > 5


def test_only_signed_messages_and_tokens_come_without_our_form():
    exempt = {
        pattern.name
        for _, pattern, access in everything()
        if access.kind != "api" and getattr(pattern.callback, "csrf_exempt", False)
    }

    assert exempt == SIGNED


def test_who_may_only_look_finds_nothing_that_only_sends(signed_in):
    auditor = signed_in(Role.AUDITOR)
    sends = {
        pattern.name
        for address, pattern, access in everything()
        if access.kind == "user" and may(Role.AUDITOR, access) and auditor.get(address).status_code == 405
    }

    assert sends == OWN


# Written down by hand, from the roles' descriptions: the declarations could all be wrong in the same way.
DOORS = {
    "/": PEOPLE,
    "/preferences/": Role.values,
    "/orders/": ["packer", "returns", "agent", "lead", "admin", "auditor"],
    "/orders/new/": ["agent", "lead", "admin"],
    "/imports/": ["agent", "lead", "admin"],
    "/channels/": ["admin"],
    "/risk-rules/": ["admin"],
    "/inventory/": Role.values,
    "/inventory/locations/new/": ["admin"],
    "/carriers/": ["packer", "agent", "lead", "admin", "auditor"],
    "/carriers/new/": ["admin"],
    "/pick/": ["picker", "lead", "admin"],
    "/pack/": ["packer", "lead", "admin"],
    "/ship/": ["packer", "lead", "admin"],
    "/returns/": ["returns", "agent", "lead", "admin", "auditor"],
    "/returns/receive/": ["returns", "lead", "admin"],
    "/return-policies/": ["admin"],
    "/cases/": ["agent", "lead", "admin"],
    "/settings/": ["admin", "auditor"],
    "/settings/users/": ["admin"],
    "/settings/tokens/": ["admin"],
    "/settings/outbox/": ["admin"],
    "/settings/audit/": ["admin", "auditor"],
}


@pytest.mark.parametrize("role", PEOPLE)
def test_the_doors_that_everybody_knows(signed_in, role):
    client = signed_in(role)
    opened = {address for address in DOORS if verdict(client.get(address)) == "open"}

    assert opened == {address for address, people in DOORS.items() if role in people}


def test_a_closed_door_says_who_has_the_key(signed_in):
    said = signed_in("picker").get("/manifests/").content.decode()

    assert "It is open to: Packer, Agent, Lead, Admin, Auditor." in said


def _forgotten(request):
    raise AssertionError("a view that says nothing must not run")


urlpatterns = [path("forgotten/", _forgotten)]
