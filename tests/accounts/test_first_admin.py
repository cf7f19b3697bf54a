"""A new installation has nobody in it: a command makes the first admin and tells the link to a password."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from oms.accounts.models import User
from oms.common import heartbeat

pytestmark = pytest.mark.django_db


def first_admin(email: str) -> str:
    out = StringIO()
    call_command("first_admin", email, stdout=out)
    return out.getvalue().strip()


def test_the_first_admin_sets_a_password_behind_the_link(client, settings):
    settings.BASE_URL = "https://orders.example.com"
    link = first_admin("Boss@example.com")
    user = User.objects.get()
    assert (user.email, user.role, user.all_locations, user.has_usable_password()) == (
        "boss@example.com", "admin", True, False,
    )  # fmt: skip
    path = link.removeprefix("https://orders.example.com")
    secret = "a long enough password 7"
    assert client.get(path, follow=True).status_code == 200
    assert client.post(path, {"new_password1": secret, "new_password2": secret}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(secret)


def test_again_is_a_new_link_for_the_same_admin_and_nobody_else_gets_one():
    assert first_admin("boss@example.com").count("/welcome/") == 1
    assert first_admin("boss@example.com").count("/welcome/") == 1
    assert User.objects.count() == 1
    User.objects.create_user("ann@example.com", None, name="Ann", role="agent")
    for email, words in (("ann@example.com", "no active admin"), ("ann", "no e-mail address")):
        with pytest.raises(CommandError, match=words):
            first_admin(email)


@pytest.mark.django_db(transaction=True)
def test_alive_tells_whether_beat_was_seen():
    with pytest.raises(SystemExit):
        call_command("alive", "beat")
    heartbeat.hold("beat", "here")
    call_command("alive", "beat")
