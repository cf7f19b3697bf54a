"""A process dies while a bin is finished or a file is taken in: nothing is half done, and doing it again does all."""

import pytest

from inventory import counting, importing
from inventory.models import CycleCount, StockMovement
from inventory.statuses import CountCause
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.dying import dies
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.inventory.books import bins, breaches
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada():
    return User.objects.create_user("ada@example.com", "x", name="Ada", role="admin", all_locations=True)


def test_a_bin_whose_last_step_died_is_still_in_hand(ada):
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    put(mug, berlin, 5)
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    row = counting.begin(count, "A-01", by=ada)
    counting.say(row, "MUG", 4, by=ada)

    assert dies("counting.bin_done", lambda: counting.finish(row, by=ada))
    row.refresh_from_db()
    assert (row.state, counting.in_hand(count, ada), row.lines.get().counted) == ("waiting", row, 4)

    assert counting.finish(row, by=ada).state == "differs"


def test_a_file_whose_worker_died_is_gone_on_with_and_no_row_counts_twice(ada, monkeypatch):
    monkeypatch.setattr("inventory.importing.running.CHUNK", 1)
    berlin, mug = LocationFactory(code="BER"), SkuFactory(code="MUG")
    rows = "".join(f"BER,A-0{n},MUG,{n}\n" for n in (1, 2, 3))
    run = importing.upload("stock", "s.csv", f"location,bin,sku,units\n{rows}".encode(), mode="add", by=ada)

    assert dies("import.chunk_taken:2", lambda: importing.start(run, by=ada))
    assert bins(mug, berlin) == {"A-01": 1}

    importing.take_in(run.pk)
    assert bins(mug, berlin) == {"A-01": 1, "A-02": 2, "A-03": 3}
    assert StockMovement.objects.filter(reference=run.reference).count() == 3
    assert breaches() == {}


def test_two_who_ask_for_the_same_bin_in_one_moment_share_a_count():
    berlin = LocationFactory(code="BER")
    bin = berlin.bins.get(code="A-01")

    counts = at_once(*[lambda: counting.ask(bin, cause=CountCause.SHORT_PICK, by=SYSTEM)] * 6)

    assert [one for one in counts if isinstance(one, Exception)] == []
    assert {one.pk for one in counts} == set(CycleCount.objects.values_list("pk", flat=True))
    assert CycleCount.objects.count() == 1
