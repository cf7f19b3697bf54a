"""Counters and bins beside the ledger: what differs is shown, and set right only when asked to."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inventory import rebuilding, stock
from inventory.models import BinStock, StockLevel
from inventory.stock import rebuilding as counters
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.models import ConfigChange, ExceptionCase, Job
from tests.factories.inventory import put
from tests.inventory.books import bins, breaches, level


@pytest.fixture
def drifted(mug, lamp, berlin):
    """The mug's counters and one bin say what the ledger does not."""
    put(mug, berlin, 5)
    put(lamp, berlin, 7)
    stock.allocate({(mug.pk, berlin.pk): 2}, reference="FO-1", by=SYSTEM)
    StockLevel.objects.filter(sku=mug).update(on_hand=9, allocated=3)
    BinStock.objects.filter(sku=mug).update(quantity=8)


def told(*arguments):
    out = StringIO()
    call_command("rebuild_stock", *arguments, stdout=out)
    return out.getvalue()


def test_a_sound_world_has_nothing_to_show(mug, berlin):
    put(mug, berlin, 5)

    assert told() == "Counters agree with the ledger.\n"
    assert rebuilding.last().result["found"] == 0


def test_differences_are_shown_and_left_as_they_are(drifted, mug, berlin):
    with pytest.raises(CommandError, match="3 counters differ from the ledger, 0 set right"):
        told()

    rows = [
        (row["sku"], row["location"], row["what"], row["counter"], row["ledger"])
        for row in rebuilding.last().result["rows"]
    ]
    assert rows == [
        ("MUG", "BER", "allocated", 3, 2),
        ("MUG", "BER", "bin A-01", 8, 5),
        ("MUG", "BER", "on_hand", 9, 5),
    ]
    assert level(mug, berlin)["on_hand"] == 9
    assert ExceptionCase.objects.get(key="stock_drift").state == "open"


def test_written_they_are_set_right_with_an_audit_row_each_level(drifted, mug, lamp, berlin):
    assert "3 counters differ from the ledger, 3 set right." in told("--write")

    assert (level(mug, berlin), bins(mug, berlin)) == ({"on_hand": 5, "allocated": 2, "available": 3}, {"A-01": 5})
    change = ConfigChange.objects.get(verb="rebuilt")
    assert (change.subject, change.after) == ("stock:MUG@BER", {"allocated": 2, "bin A-01": 5, "on_hand": 5})
    assert breaches() == {}
    assert told("--write") == "Counters agree with the ledger.\n"
    assert ExceptionCase.objects.get(key="stock_drift").state == "resolved"


def test_levels_and_bins_that_vanished_come_back(mug, berlin):
    put(mug, berlin, 5)
    BinStock.objects.all().delete()
    StockLevel.objects.all().delete()

    told("--write")

    assert (level(mug, berlin), bins(mug, berlin), breaches()) == ({"on_hand": 5, "available": 5}, {"A-01": 5}, {})


def test_one_level_is_compared_alone(drifted, lamp, mug, berlin):
    assert counters.drift((lamp.pk, berlin.pk)) == []
    assert len(counters.drift((mug.pk, berlin.pk))) == 3


def test_an_admin_checks_and_repairs_by_page(client, drifted, mug, berlin, django_capture_on_commit_callbacks):
    admin = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(admin)
    assert "Not checked yet" in client.get("/inventory/drift/").content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/inventory/drift/check/")
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/"
    rebuilding.run(job.pk)
    page = client.get("/inventory/drift/").content.decode()
    assert "3 counters differ from the ledger, 0 set right" in page

    client.post("/inventory/drift/repair/")
    rebuilding.run(Job.objects.latest("pk").pk)
    assert level(mug, berlin)["on_hand"] == 5
    assert ConfigChange.objects.get(verb="rebuilt").actor_label == "Ada"
    rebuilding.check()
    assert (
        "Every counter and every bin is the sum of its movements." in client.get("/inventory/drift/").content.decode()
    )
