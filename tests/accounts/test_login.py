"""The door: who gets in, what it says to those who don't, where it leads, and how long guessing takes."""

import pytest

from oms.accounts import signing_in
from oms.accounts.models import User
from tests.accounts.conftest import PASSWORD

WRONG = "E-mail and password don&#x27;t belong together."


def try_it(client, email="ada@example.com", password=PASSWORD, **more):
    return client.post("/login/", {"email": email, "password": password, **more})


def test_the_right_password_opens_whatever_the_case_of_the_e_mail(client, admin):
    answer = try_it(client, " ADA@Example.com ")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(admin.pk)


def test_it_never_says_whether_an_account_exists(client, admin):
    User.objects.create_user("off@example.com", PASSWORD, name="Off", role="agent", is_active=False)
    User.objects.create_user("new@example.com", None, name="New", role="agent")
    for email in ("ada@example.com", "nobody@example.com"):
        answer = try_it(client, email, "not it at all")
        assert (answer.status_code, WRONG in answer.content.decode()) == (422, True)
    for email in ("off@example.com", "new@example.com"):
        answer = try_it(client, email)
        assert (answer.status_code, WRONG in answer.content.decode()) == (422, True)


def test_the_sixth_wrong_try_waits_even_with_the_right_password(client, admin):
    for _ in range(signing_in.TRIES_PER_ACCOUNT):
        assert try_it(client, password="not it at all").status_code == 422
    answer = try_it(client)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= signing_in.WINDOW
    assert "_auth_user_id" not in client.session


def test_another_account_is_not_slowed_by_the_first(client, admin):
    for _ in range(signing_in.TRIES_PER_ACCOUNT):
        try_it(client, "bea@example.com", "not it at all")

    assert try_it(client).status_code == 302


def test_one_address_that_tries_many_accounts_waits(client, admin):
    for n in range(signing_in.TRIES_PER_ADDRESS):
        try_it(client, f"guess-{n}@example.com", "not it at all")

    assert try_it(client).status_code == 429


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/inventory/?q=mug", "/inventory/?q=mug"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_it_leads_to_pages_of_this_house_only(client, admin, wanted, target):
    assert try_it(client, next=wanted).headers["Location"] == target


def test_a_page_behind_the_door_remembers_where_one_was_going(client, db):
    assert client.get("/inventory/?q=mug").headers["Location"] == "/login/?next=/inventory/%3Fq%3Dmug"


def test_a_part_whose_session_is_over_leads_the_whole_page_to_the_door(client, db):
    answer = client.get("/inventory/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/inventory/"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/?next=/inventory/")


def test_signing_out_needs_a_press_of_the_button(client, admin):
    client.force_login(admin)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_a_session_gets_a_new_key_at_the_door(client, admin):
    client.get("/login/")
    client.session.save()
    before = client.session.session_key
    try_it(client)

    assert client.session.session_key != before


def test_demo_accounts_are_shown_in_the_demo_world_alone(client, settings, db):
    User.objects.create_user("picker@demo.test", PASSWORD, name="Pia", role="picker")
    settings.OMS_DEMO, settings.OMS_DEMO_PASSWORD = False, PASSWORD
    assert "demo.test" not in client.get("/login/").content.decode()
    settings.OMS_DEMO = True
    assert 'value="picker@demo.test"' in client.get("/login/").content.decode()
