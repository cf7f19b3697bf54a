"""`manage.py up` with real processes: what it starts, what it says, and that nothing of it outlives it."""

import json
import os
import re
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import unprivileged
from tests.platform.copies import OPEN, Copy, survivors, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("launcher")]

TOKEN = "oms_launcher_test_token"
DAY = {"closed": 10, "cancelled": 2}
ACCOUNTS = ["picker", "packer", "returns", "agent", "lead", "admin", "auditor", "no rights"]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Open to Postgres' user, as pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="oms-launcher-"))
    folder.chmod(0o755)
    yield folder / "state"
    shutil.rmtree(folder)


class Series:
    """The copies that ran on one folder, one after the other."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.copies: list[Copy] = []

    def running(self) -> Copy:
        """The one that runs already, or the next."""
        if not (self.copies and self.copies[-1].is_open()):
            self.copies.append(Copy(self.home, token=TOKEN).until_said(OPEN))
            print(f"start {len(self.copies)} took", re.findall(r"([0-9.]+ s)\] Everything is up", self.copies[-1].said))
        return self.copies[-1]

    def end(self) -> None:
        if self.copies and self.copies[-1].is_open():
            self.copies[-1].popen.terminate()
            self.copies[-1].until_ended()


@pytest.fixture(scope="module")
def series(home: Path) -> Iterator[Series]:
    copies = Series(home)
    yield copies
    copies.end()


@pytest.fixture
def copy(series: Series) -> Copy:
    return series.running()


def test_everything_is_well_once_it_is_open(copy: Copy) -> None:
    parts = dict.fromkeys(["status", "database", "broker", "worker", "beat"], "ok")

    assert copy.ask("GET", "/healthz") == (200, parts)


def test_it_tells_the_address_the_accounts_and_a_token_that_works(copy: Copy) -> None:
    accounts = re.findall(r"^    (\S+)@demo\.test +(.+)$", copy.said, re.M)
    status, orders = copy.ask("GET", "/api/v1/orders", token=re.search(r"API token +(\S+)", copy.said)[1])

    assert f"http://127.0.0.1:{copy.port}\n" in copy.said
    assert [role for _, role in accounts] == ACCOUNTS
    assert f"API token  {TOKEN}\n" in copy.said
    assert (status, len(orders["items"]) > 0) == (200, True)
    assert copy.ask("GET", "/api/v1/orders", token="oms_another")[0] == 401


def test_a_second_copy_says_who_holds_the_folder(copy: Copy, home: Path) -> None:
    second = Copy(home)

    assert second.until_ended() == 1
    assert second.said == (
        f"CommandError: Process {copy.popen.pid} already runs on {home}. Stop it first (kill {copy.popen.pid}), "
        "or start a second copy with OMS_HOME=… and PORT=…\n"
    )
    assert copy.ask("GET", "/healthz")[0] == 200


def test_a_killed_child_is_started_again_and_works(copy: Copy) -> None:
    """The worker, and the broker that it hangs on, and the pages: an order placed after that is allocated."""
    killed = [*copy.named("worker"), *copy.named("valkey-server"), *copy.named("gunicorn")]
    for process in killed:
        process.kill()
    for _ in killed:
        copy.until_said("ended unexpectedly (code -9); starting it again")
    until(lambda: all(len(copy.named(name)) == 1 for name in ("worker", "valkey-server", "gunicorn")))
    until(lambda: _answers(copy))
    _, order = copy.ask("POST", "/api/v1/orders", _order())

    assert len(killed) == 3
    until(lambda: copy.ask("GET", f"/api/v1/orders/{order['number']}")[1]["fulfillment_orders"])


def test_a_simulated_day_ends_with_every_book_in_order(copy: Copy, home: Path) -> None:
    """Twelve orders, each with a turn of its own, through the doors of the running product."""
    told = copy.manage("simulate", "--orders", "12", "--seed", "7", "--out", str(home / "states.json"))

    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert told.stdout.endswith("The shop's and the carrier's books agree with ours.\nEvery invariant holds.\n")
    assert Counter(state.split()[0] for state in json.loads((home / "states.json").read_text()).values()) == DAY


def test_sigterm_ends_every_process(copy: Copy, home: Path) -> None:
    _ends_everything(copy, home, signal.SIGTERM)


def test_the_next_start_builds_nothing_again(series: Series, home: Path) -> None:
    first = series.running() if not series.copies else series.copies[0]
    made = _made(home)
    if series.copies == [first]:
        series.end()
    again = series.running()

    assert "The demo world is laid out" in first.said
    assert "demo world" not in again.said
    assert _made(home) == made


def test_a_killed_launcher_leaves_nobody_and_the_next_recovers(series: Series, home: Path) -> None:
    first = series.running()
    started = first.processes()
    first.popen.kill()
    first.until_ended()

    assert survivors(started, home) == []
    assert series.running().ask("GET", "/healthz")[0] == 200


def test_after_a_power_cut_the_next_start_recovers(series: Series, home: Path) -> None:
    first = series.running()
    status, order = first.ask("POST", "/api/v1/orders", _order())
    for process in [first.popen, *first.processes()]:
        process.kill()
    first.until_ended()
    again = series.running()

    assert status == 201
    assert again.ask("GET", f"/api/v1/orders/{order['number']}")[1]["external_id"] == order["external_id"]


def test_ctrl_c_ends_every_process(copy: Copy, home: Path) -> None:
    _ends_everything(copy, home, signal.SIGINT)


def test_a_normal_user_can_go_on_with_it(series: Series, home: Path) -> None:
    """As root all the others ran as root; here a user who may do nothing else runs what they built."""
    if not series.copies:
        series.running()
    series.end()
    with tempfile.TemporaryDirectory(prefix="oms-launcher-") as folder:
        os.chmod(folder, 0o755)
        user = unprivileged.user_or_skip(Path(folder))
        shutil.copytree(home, Path(folder) / "state", symlinks=True)
        for path in [Path(folder), *Path(folder, "state").rglob("*"), Path(folder, "state")]:
            os.chown(path, user["user"], user["group"], follow_symlinks=False)
        copy = Copy(Path(folder) / "state", token=TOKEN, **user).until_said(OPEN)
        started = copy.processes()

        assert {process.uids().real for process in started} == {user["user"]}
        assert copy.ask("GET", "/healthz")[0] == 200
        copy.popen.terminate()
        assert copy.until_ended() == 0
        assert survivors(started, copy.home) == []


def _ends_everything(copy: Copy, home: Path, number: signal.Signals) -> None:
    started = copy.processes()
    copy.popen.send_signal(number)

    assert copy.until_ended() == 0
    assert len(started) >= 10
    assert survivors(started, home) == []
    assert copy.said.endswith("Everything has ended\n")


def _answers(copy: Copy) -> bool:
    try:
        return copy.ask("GET", "/healthz")[0] == 200
    except OSError:
        return False


def _made(home: Path) -> tuple[int, str]:
    """What only the first start makes: the database's folder, the demo world with its passwords."""
    return (home / "pg" / "PG_VERSION").stat().st_ino, (home / "demo.json").read_text()


def _order() -> dict[str, object]:
    """Somebody else's each time, so that none looks like a duplicate of the last."""
    code = os.urandom(4).hex()
    place = {
        "line1": f"Jungfernstieg {int(code, 16) % 900}",
        "city": "Hamburg",
        "postal_code": "20354",
        "country": "DE",
    }
    return {
        "channel": "web",
        "external_id": f"L-{code}",
        "placed_at": "2026-11-24T09:30:00Z",
        "currency": "EUR",
        "customer": {"name": f"Ada {code}", "email": f"{code}@example.com"},
        "shipping_address": {"name": f"Ada {code}", **place},
        "lines": [{"sku": "MUG-BLUE", "quantity": 1, "unit_price": "12.50"}],
        "shipping": "4.90",
        "payment": {"state": "paid", "amount": "17.40", "reference": f"pay-{code}"},
    }
