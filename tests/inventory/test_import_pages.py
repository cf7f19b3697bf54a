"""The pages of files: upload, look, run, mend, and the same lists out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inventory import importing
from inventory.models import StockImport
from oms.accounts.models import User
from tests.factories.inventory import put
from tests.inventory.books import bins


def signed_in(client, role):
    client.force_login(
        User.objects.create_user(f"{role}@example.com", "x", name=role.title(), role=role, all_locations=True)
    )
    return client


def file(text):
    return SimpleUploadedFile("stock.csv", text.encode(), content_type="text/csv")


@pytest.fixture
def lead(client, db):
    return signed_in(client, "lead")


def test_a_file_of_stock_is_looked_at_and_taken_in(lead, mug, berlin):
    put(mug, berlin, 5)
    said = {"kind": "stock", "file": file("location,bin,sku,units\nBER,A-01,MUG,3\nBER,A-01,NOPE,3\n")}
    page = lead.post("/inventory/imports/new/", said).url
    run = StockImport.objects.get()
    assert page == f"/inventory/imports/{run.pk}/"
    shown = lead.get(page).content.decode()
    assert "<code>units</code> 5 → 3" in shown
    assert "Take in 1 row" in shown

    lead.post(f"{page}start/")
    importing.take_in(run.pk)

    assert bins(mug, berlin) == {"A-01": 3}
    assert "1 taken in, 0 were so already, 1 with errors" in lead.get(page).content.decode()
    lines = b"".join(lead.get(f"{page}failed/").streaming_content).decode()
    assert lines.splitlines()[1] == '"BER","A-01","NOPE","3","sku: NOPE is not a SKU with stock"'


def test_what_is_wrong_with_a_file_is_said_in_its_form(lead):
    answer = lead.post("/inventory/imports/new/", {"kind": "stock", "file": file("a,b\n1,2\n")})

    assert answer.status_code == 422
    assert "These columns are missing: location, bin, sku, units." in answer.content.decode()


def test_a_lead_brings_in_stock_and_no_skus(lead):
    answer = lead.post("/inventory/imports/new/", {"kind": "skus", "file": file("code,name\nA,B\n")})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["kind"])


def test_files_of_skus_are_shown_to_who_may_keep_them(client, db, lead):
    run = importing.upload("skus", "skus.csv", b"code,name\nA,B\n", by=User.objects.get())

    assert lead.get(f"/inventory/imports/{run.pk}/").status_code == 404
    assert signed_in(client, "admin").get(f"/inventory/imports/{run.pk}/").status_code == 200


@pytest.mark.parametrize("kind", ["skus", "bins", "stock"])
def test_the_lists_leave_in_the_shape_they_come_in(lead, mug, berlin, kind):
    put(mug, berlin, 5)

    lines = b"".join(lead.get(f"/inventory/exports/{kind}/").streaming_content).decode().splitlines()

    assert lines[0].lstrip("\ufeff") == ",".join(f'"{name}"' for name in importing.columns_of(kind))
    assert len(lines) == {"skus": 2, "bins": 8, "stock": 2}[kind]


def test_there_is_no_list_of_anything_else(lead):
    assert lead.get("/inventory/exports/secrets/").status_code == 404


def test_who_works_at_some_places_only_sees_own_files(client, lead, berlin):
    run = importing.upload("stock", "s.csv", b"location,bin,sku,units\nBER,A-01,MUG,1\n", by=User.objects.get())
    other = User.objects.create_user("bea@example.com", "x", name="Bea", role="lead", all_locations=False)
    client.force_login(other)

    assert client.get(f"/inventory/imports/{run.pk}/").status_code == 404
