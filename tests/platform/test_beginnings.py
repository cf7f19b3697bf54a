"""What the launcher decides before and around the start, without starting it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from oms.accounts import tokens
from oms.accounts.models import User
from oms.stack import demo, environment
from oms.stack.ports import NoPort, check, number_of


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "８０００", "80.5"])
def test_a_port_that_is_none_is_named(text: str) -> None:
    with pytest.raises(NoPort, match=f"^PORT={text} is not a port"):
        number_of(text)


def test_a_port_is_a_port() -> None:
    assert number_of("8000") == 8000


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_named_with_another(taken: int) -> None:
    with pytest.raises(NoPort, match=rf"^Port {taken} is taken by another program. Choose another: PORT=\d+$"):
        check("127.0.0.1", taken)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(NoPort, match=r"^192\.0\.2\.1:8000 can't be opened \(.+\)"):
        check("192.0.2.1", 8000)


def test_on_all_interfaces_it_answers_to_the_names_of_this_machine() -> None:
    assert environment.names_of("127.0.0.2") == ["localhost", "127.0.0.1", "[::1]", "127.0.0.2"]
    assert socket.gethostname() in environment.names_of("0.0.0.0")


@pytest.mark.django_db
def test_a_demo_world_takes_on_the_token_and_the_password_of_a_later_start(settings, tmp_path: Path) -> None:
    settings.OMS_HOME, settings.OMS_DEMO_TOKEN, settings.OMS_DEMO_PASSWORD = tmp_path, "oms_first", "the first one"
    assert demo.news(tmp_path, {}) == "The demo world is laid out"
    call_command("setup_demo", verbosity=0)
    people = User.objects.count()
    wishes = {"OMS_DEMO_TOKEN": "oms_second", "OMS_DEMO_PASSWORD": "the second one"}
    settings.OMS_DEMO_TOKEN, settings.OMS_DEMO_PASSWORD = wishes.values()

    assert demo.news(tmp_path, {"OMS_DEMO_TOKEN": "oms_first"}) == ""
    assert demo.news(tmp_path, wishes) == "The demo world has the token and the password of the environment"
    call_command("setup_demo", verbosity=0)
    assert demo.news(tmp_path, wishes) == ""
    told = json.loads((tmp_path / "demo.json").read_text())
    assert (told["token"], told["password"]) == ("oms_second", "the second one")
    assert tokens.authenticate("oms_second").user == User.objects.get(email="admin@demo.test")
    assert User.objects.get(email="picker@demo.test").check_password("the second one")
    assert User.objects.count() == people
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_a_kill_after_the_demo_world_was_made_does_not_lose_its_password(settings, tmp_path: Path) -> None:
    settings.OMS_HOME = tmp_path
    call_command("setup_demo", verbosity=0)
    told = (tmp_path / "demo.json").read_text()
    (tmp_path / "demo.json").rename(tmp_path / "demo.draft")
    call_command("setup_demo", verbosity=0)

    assert (tmp_path / "demo.json").read_text() == told
