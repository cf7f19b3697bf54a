"""People are invited, changed and switched off in the browser; their password is set through a link that works once."""

import re

import pytest

from oms.accounts import people, tokens
from oms.accounts.models import ApiToken, User
from oms.common.actors import SYSTEM
from oms.common.models import ConfigChange
from tests.accounts.conftest import PASSWORD
from tests.factories.inventory import LocationFactory

PAGES = ["/settings/", "/settings/users/", "/settings/users/new/", "/settings/tokens/", "/settings/tokens/new/"]


@pytest.mark.parametrize("path", [*PAGES, "/settings/audit/", "/preferences/"])
def test_every_page_opens(desk, path):
    assert desk.get(path).status_code == 200


def test_a_new_colleague_chooses_a_password_through_a_link_that_works_once(desk, client, admin):
    berlin = LocationFactory(code="BER", name="Berlin")
    sent = {"email": "Pia@Example.com", "name": "Pia", "role": "picker", "places": [berlin.pk]}
    assert desk.post("/settings/users/new/", sent).status_code == 302
    pia = User.objects.get(email="pia@example.com")
    shown = desk.post(f"/settings/users/{pia.pk}/link/").content.decode()
    path = re.search(r"/welcome/[^<\"]+/", shown).group()
    client.logout()
    chosen = {"new_password1": "a long new password", "new_password2": "a long new password"}

    assert client.post(path, chosen).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(pia.pk)
    assert client.get(path).status_code == 410
    assert [place.code for place in pia.locations.all()] == ["BER"]


def test_a_link_that_was_made_up_opens_nothing(client, admin):
    assert client.get("/welcome/MQ/abc-def/").status_code == 410
    assert client.get("/welcome/____/abc-def/").status_code == 410


def test_an_e_mail_is_given_once(desk):
    answer = desk.post("/settings/users/new/", {"email": "ADA@example.com", "name": "Eve", "role": "picker"})

    assert (answer.status_code, User.objects.count()) == (422, 1)
    assert "Somebody has this e-mail already." in answer.content.decode()


def test_a_change_of_role_is_in_the_audit(desk, admin):
    pia = User.objects.create_user("pia@example.com", PASSWORD, name="Pia", role="picker")
    desk.post(f"/settings/users/{pia.pk}/", {"name": "Pia", "role": "lead"})

    line = ConfigChange.objects.get(subject="user:pia@example.com")
    assert (line.differences, line.user_id) == ([("role", "picker", "lead")], admin.pk)
    assert "user:pia@example.com" in desk.get("/settings/audit/").content.decode()


def test_switched_off_means_out_at_once_with_session_and_token(desk, client, admin):
    pia = User.objects.create_user("pia@example.com", PASSWORD, name="Pia", role="lead")
    _, secret = tokens.issue(pia, "robot", scopes=["orders.view"])
    theirs = type(client)()
    theirs.force_login(pia)
    assert theirs.get("/preferences/").status_code == 200
    desk.post(f"/settings/users/{pia.pk}/active/", {"active": "0"})

    assert theirs.get("/preferences/").status_code == 302
    assert tokens.authenticate(secret) is None


def test_nobody_takes_their_own_keys(desk, admin):
    User.objects.create_user("bea@example.com", PASSWORD, name="Bea", role="admin")
    desk.post(f"/settings/users/{admin.pk}/active/", {"active": "0"})
    answer = desk.post(f"/settings/users/{admin.pk}/", {"name": "Ada", "role": "lead"})
    admin.refresh_from_db()

    assert (answer.status_code, admin.role, admin.is_active) == (422, "admin", True)


def test_the_last_admin_stays(admin):
    with pytest.raises(people.LastAdmin):
        people.set_active(admin, False, by=SYSTEM)


def test_a_token_is_shown_once_and_dies_when_revoked(desk, admin):
    sent = {"name": "Robot", "user": admin.pk, "scopes": ["orders.view"], "days": "30"}
    shown = desk.post("/settings/tokens/new/", sent).content.decode()
    secret = re.search(r"oms_[\w-]{30,}", shown).group()
    token = ApiToken.objects.get()
    assert tokens.authenticate(secret) == token
    assert secret not in desk.get("/settings/tokens/").content.decode()
    desk.post(f"/settings/tokens/{token.pk}/revoke/")

    assert tokens.authenticate(secret) is None
    assert [line.verb for line in ConfigChange.objects.order_by("id")] == ["created", "revoked"]


def test_a_token_never_exceeds_its_person(desk):
    pia = User.objects.create_user("pia@example.com", PASSWORD, name="Pia", role="picker")
    answer = desk.post(
        "/settings/tokens/new/", {"name": "R", "user": pia.pk, "scopes": ["orders.cancel"], "days": "30"}
    )

    assert (answer.status_code, ApiToken.objects.count()) == (422, 0)


def test_preferences_are_kept(desk, admin):
    desk.post("/preferences/", {"name": "Ada L.", "theme": "dark", "compact": "on"})
    admin.refresh_from_db()

    assert (admin.name, admin.theme, admin.compact, admin.single_keys, admin.sound) == (
        "Ada L.",
        "dark",
        True,
        False,
        False,
    )
    assert (
        'data-theme="dark" data-density="compact" data-single-keys="off"' in desk.get("/preferences/").content.decode()
    )


def test_colours_are_chosen_in_the_menu_and_one_stays_where_one_is(desk, admin):
    sent = desk.post("/preferences/theme/", {"theme": "dark", "back": "/settings/users/?q=x"})
    away = desk.post("/preferences/theme/", {"theme": "pink", "back": "https://evil.example/"})
    admin.refresh_from_db()

    assert (sent.headers["Location"], away.headers["Location"], admin.theme) == ("/settings/users/?q=x", "/", "dark")
