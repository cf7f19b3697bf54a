"""A file of orders: every row has its verdict, running twice creates once, undoing cancels and frees the ids."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import StockLevel
from oms.common.actors import SYSTEM
from oms.common.errors import Invalid
from orders import importing, tasks
from orders.models import Channel, ImportRow, ImportRun, Order
from tests.factories.fulfillment import person, picked
from tests.factories.inventory import LocationFactory, SkuFactory, put

HEAD = "External id;placed_at;name;email;line1;postal_code;city;country;sku;quantity;unit_price;tax;shipping;"
HEAD += "payment_state;payment_amount\n"
WHERE = "Jürgen;j@example.org;Deichstraße 9;20459;Hamburg;DE"
GOOD = f"A-1;2026-11-24 09:30;{WHERE};MUG;2;10,00;3,80;4,90;paid;33,70\n"
SECOND = f"A-1;2026-11-24 09:30;{WHERE};LAMP;1;5;0;;;\n"
BAD = f"A-2;yesterday;{WHERE};MUG;none;x;0;;;\n"


@pytest.fixture
def shop(db):
    return Channel.objects.create(code="shop", name="Shop", kind="csv", token="t", currency="EUR")


@pytest.fixture
def mug(db):
    sku = SkuFactory(code="MUG")
    SkuFactory(code="LAMP")
    return sku


@pytest.fixture
def agent(db):
    client = Client()
    client.force_login(person("agent"))
    return client


def upload(shop: Channel, text: str, by=SYSTEM) -> ImportRun:
    return importing.upload(shop, "orders.csv", text.encode(), by=by)


def run_through(run: ImportRun, by=SYSTEM) -> ImportRun:
    importing.start(run, by=by)
    importing.take_in(run.pk)
    run.refresh_from_db()
    return run


def test_rows_of_one_order_belong_together_and_bad_ones_name_each_field(shop, mug):
    run = upload(shop, HEAD + GOOD + SECOND + BAD)

    good, bad = run.rows.order_by("first_line")
    assert (good.verdict, good.first_line, len(good.data["lines"])) == ("create", 2, 2)
    assert (bad.verdict, bad.first_line) == ("fail", 4)
    assert [problem["field"] for problem in bad.problems] == ["placed_at", "lines.0.quantity", "lines.0.unit_price"]
    assert (run.state, Order.objects.count()) == ("preview", 0)


def test_an_import_creates_each_order_once(shop, mug):
    run = run_through(upload(shop, HEAD + GOOD + BAD))
    importing.take_in(run.pk)

    order = Order.objects.get()
    assert (str(order.total), order.payment_state, order.customer_name) == ("28.700", "overpaid", "Jürgen")
    assert (run.state, run.message) == ("done", "1 created, 0 here already, 1 with errors")
    assert (run.job.state, run.job.done) == ("done", 1)


def test_the_same_file_again_finds_its_orders(shop, mug):
    run_through(upload(shop, HEAD + GOOD))

    same, other = upload(shop, HEAD + GOOD), upload(shop, HEAD + GOOD.replace(";2;", ";3;"))

    assert (same.rows.get().verdict, other.rows.get().verdict) == ("same", "fail")


def test_an_import_whose_worker_was_lost_goes_on(shop, mug):
    run = upload(shop, HEAD + GOOD + GOOD.replace("A-1", "A-3"))
    importing.start(run, by=SYSTEM)
    run.refresh_from_db()
    importing._take_one(run.rows.first().pk, shop, SYSTEM)
    old = timezone.now() - tasks.LOST_AFTER * 2
    type(run.job).objects.filter(pk=run.job_id).update(updated_at=old)

    assert importing.stalled(timezone.now() - tasks.LOST_AFTER) == [run.pk]
    importing.take_in(run.pk)

    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["A-1", "A-3"]


def many(*ids: str, units: int = 2) -> str:
    return "".join(GOOD.replace("A-1", one).replace(";2;", f";{units};") for one in ids)


def test_many_orders_are_taken_in_by_as_few_questions_as_two(shop, mug, monkeypatch):
    asked = []
    for ids in (["A-1", "A-2"], [f"B-{n}" for n in range(60)]):
        run = importing.start(upload(shop, HEAD + many(*ids)), by=SYSTEM)
        with CaptureQueriesContext(connection) as seen:
            importing.take_in(run.pk)
        asked.append(len(seen))

    assert (asked[0], Order.objects.count()) == (asked[1], 62)
    numbers = [row.order.number for row in run.rows.order_by("first_line")]
    assert numbers == sorted(numbers, key=int)


def test_what_came_meanwhile_with_other_content_fails_alone(shop, mug):
    run = upload(shop, HEAD + many("A-1", "A-2", "A-3"))
    run_through(upload(shop, HEAD + many("A-2", units=5)))
    run_through(upload(shop, HEAD + many("A-3")))

    run = run_through(run)

    found = list(run.rows.order_by("first_line").values_list("verdict", "order__external_id"))
    assert found == [("created", "A-1"), ("fail", None), ("same", "A-3")]
    assert "is order" in run.rows.get(verdict="fail").problems[0]["message"]
    assert run.message == "1 created, 1 here already, 1 with errors"


def test_an_order_that_cannot_be_stored_fails_alone_and_nothing_of_it_stays(shop, mug):
    run = upload(shop, HEAD + many("A-1", "A-2", "A-3"))
    broken = run.rows.get(external_id="A-2")
    broken.data["lines"][0] |= {"quantity": "99999", "unit_price": "99999999999.99"}
    broken.save()

    run = run_through(run)

    assert dict(run.rows.values_list("external_id", "verdict")) == {"A-1": "created", "A-2": "fail", "A-3": "created"}
    assert run.rows.get(verdict="fail").problems
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["A-1", "A-3"]


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_a_file_longer_than_a_chunk_is_taken_in_whole(shop, mug, monkeypatch, chunk):
    monkeypatch.setattr(importing, "CHUNK", chunk)

    run = run_through(upload(shop, HEAD + many("A-1", "A-2", "A-3")))

    assert (run.message, run.job.done) == ("3 created, 0 here already, 0 with errors", 3)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The file is empty."),
        (b"a,b\n1,2\n", "These columns are missing: external_id, placed_at, sku, quantity, unit_price."),
        (b"PK\x03\x04\x00\x00", "This is no CSV file."),
    ],
)
def test_what_is_no_table_of_orders_is_refused(shop, data, told):
    with pytest.raises(Invalid) as refused:
        importing.upload(shop, "x", data, by=SYSTEM)

    assert (str(refused.value), ImportRun.objects.count()) == (told, 0)


def test_windows_letters_and_our_own_apostrophes_are_read(shop, mug):
    data = (HEAD + GOOD.replace("Jürgen", "'=Jürgen")).encode("cp1252")

    run = importing.upload(shop, "x.csv", data, by=SYSTEM)

    assert run.rows.get().data["customer"]["name"] == "=Jürgen"


def test_an_agent_uploads_looks_runs_and_undoes(agent, shop, mug, django_capture_on_commit_callbacks):
    berlin = LocationFactory(code="BER")
    put(mug, berlin, 5)
    file = SimpleUploadedFile("orders.csv", (HEAD + GOOD + BAD).encode(), "text/csv")
    page = agent.post("/imports/new/", {"channel": shop.pk, "file": file}).url
    seen = agent.get(page).content.decode()
    assert "Import 1 order" in seen
    assert "A whole number from 1 to" in seen
    assert [row.first_line for row in agent.get(f"{page}?only=fail").context["page"].rows] == [3]

    with django_capture_on_commit_callbacks(execute=True):
        agent.post(f"{page}start/")
    order = Order.objects.get()
    assert (order.state, order.lines.get().allocated) == ("confirmed", 2)
    assert "Undo: cancel 1 order" in agent.get(page).content.decode()
    agent.post(f"{page}undo/")

    order.refresh_from_db()
    run = ImportRun.objects.get()
    assert (order.state, order.external_id) == ("cancelled", f"A-1 (undone {run.pk})")
    assert (run.state, StockLevel.objects.get(sku=mug, location=berlin).available) == ("undone", 5)
    assert upload(shop, HEAD + GOOD).rows.get().verdict == "create"


def test_an_order_on_the_floor_is_not_undone(agent, shop, mug, django_capture_on_commit_callbacks):
    put(mug, LocationFactory(code="BER"), 5)
    with django_capture_on_commit_callbacks(execute=True):
        run = importing.start(upload(shop, HEAD + GOOD), by=SYSTEM)
    order = Order.objects.get()
    picked(order.fulfillment_orders.get(), by=person())

    agent.post(f"/imports/{run.pk}/undo/")

    order.refresh_from_db()
    run.refresh_from_db()
    assert (order.state, run.state, run.rows.get().verdict) == ("confirmed", "done", ImportRow.Verdict.CREATED)


def test_a_bad_file_keeps_the_form(agent, shop):
    file = SimpleUploadedFile("orders.csv", b"a,b\n1,2\n")

    response = agent.post("/imports/new/", {"channel": shop.pk, "file": file})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert response.context["form"]["channel"].value() == str(shop.pk)


def test_a_packer_imports_nothing(shop):
    client = Client()
    client.force_login(person("packer"))

    for address in ("/imports/", "/imports/new/", "/imports/sample.csv"):
        assert client.get(address).status_code == 403, address


def test_the_sample_file_can_be_imported(agent, shop, mug):
    sample = b"".join(agent.get("/imports/sample.csv").streaming_content)

    run = importing.upload(shop, "sample.csv", sample, by=SYSTEM)

    assert (run.rows.get().verdict, run.rows.get().problems) == ("create", [])
