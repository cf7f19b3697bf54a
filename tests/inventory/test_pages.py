"""The pages of stock: what each shows, what each button does, and who may press it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from inventory import purchasing, reservations, stock, transfers
from inventory.models import Barcode, Location, PurchaseOrder, Reservation, Sku, StockLevel, StockMovement, Transfer
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.inventory import SkuFactory, SupplierFactory, put
from tests.inventory.books import bins, level

SOON = timezone.now() + timedelta(days=3)


@pytest.fixture
def admin(client, db):
    user = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    return client


@pytest.fixture
def picker(client, berlin):
    user = User.objects.create_user("picker@example.com", "x", name="Piet", role="picker", all_locations=False)
    berlin.staff.add(user)
    client.force_login(user)
    return client


def text_of(response) -> str:
    return response.content.decode()


def test_every_page_opens_empty(admin):
    for name in ("index", "locations", "purchases", "transfers", "movements", "sku-new", "location-new"):
        assert admin.get(reverse(f"inventory:{name}")).status_code == 200, name


def test_the_sku_page_explains_its_numbers(admin, mug, berlin):
    shelf = put(mug, berlin, 9, reference="PO-1")
    stock.allocate({(mug.pk, berlin.pk): 2}, reference="FO-77", by=SYSTEM)
    stock.damage(mug.pk, shelf.pk, 1, by=SYSTEM)
    reservations.hold("Mrs Doe", {(mug.pk, berlin.pk): 3}, until=SOON, by=SYSTEM)

    page = text_of(admin.get(reverse("inventory:sku", args=["mug"])))

    assert "3 for Mrs Doe" in page
    assert '<td class="num strong" data-label="Available">3</td>' in page
    assert "/search/?q=FO-77" in page


def test_a_barcode_in_the_search_box_leads_to_its_sku(admin, mug):
    Barcode.objects.create(sku=mug, code="4012345000009")

    assert admin.get("/inventory/?q=4012345000009").url == "/inventory/skus/MUG/"


@pytest.mark.parametrize(
    ("word", "found"), [("is:out", ["LAMP"]), ("location:ber", ["MUG"]), ("available:>1", ["MUG"]), ("lam", ["LAMP"])]
)
def test_the_list_is_narrowed_by_words(admin, mug, lamp, berlin, word, found):
    put(mug, berlin, 2)

    listing = admin.get("/inventory/", {"q": word}).context["listing"]

    assert [row.object.code for row in listing.rows] == found


def test_a_new_sku_is_saved_with_its_barcodes(admin):
    facts = {"code": "cup-1", "name": "Cup", "price": "4.50", "currency": "eur", "weight_g": 200, "length_mm": 90}
    facts |= {"width_mm": 90, "height_mm": 100, "returnable": "on", "active": "on", "barcodes": "401 \n402 12"}

    assert admin.post("/inventory/skus/new/", facts).url == "/inventory/skus/CUP-1/"
    assert sorted(Sku.objects.get().barcodes.values_list("code", "quantity")) == [("401", 1), ("402", 12)]


def test_a_sku_form_says_what_is_wrong(admin, mug):
    response = admin.post("/inventory/skus/new/", {"code": "a b", "name": "", "barcodes": "401 x"})

    assert response.status_code == 422
    assert set(response.context["form"].errors) >= {"code", "name", "barcodes"}


def test_adjust_is_done_once_however_often_it_is_sent(admin, mug, berlin):
    shelf = put(mug, berlin, 5)
    said = {"bin": shelf.pk, "delta": -2, "reason": "lost", "idempotency_key": "k1"}

    for _ in range(2):
        assert admin.post("/inventory/skus/MUG/adjust/", said).status_code == 302

    assert level(mug, berlin) == {"on_hand": 3, "available": 3}


def test_a_refused_adjustment_keeps_the_form_and_says_why(admin, mug, berlin):
    shelf = put(mug, berlin, 1)

    response = admin.post("/inventory/skus/MUG/adjust/", {"bin": shelf.pk, "delta": -2, "reason": "lost"})

    assert response.status_code == 422
    assert "A-01 holds 1, not 2." in text_of(response)
    assert level(mug, berlin) == {"on_hand": 1, "available": 1}


def test_an_adjustment_is_undone_from_the_ledger(admin, mug, berlin):
    shelf = put(mug, berlin, 5)
    row = stock.adjust(mug.pk, shelf.pk, -2, reason="lost", by=SYSTEM)

    admin.post(reverse("inventory:movement-undo", args=[row]))

    assert level(mug, berlin) == {"on_hand": 5, "available": 5}
    assert not StockMovement.objects.get(pk=row).is_undoable


def test_units_are_kept_back_and_given_free(admin, mug, berlin):
    put(mug, berlin, 5)
    said = {"holder": "Mrs Doe", "location": berlin.pk, "quantity": 2, "hours": 4}
    admin.post("/inventory/skus/MUG/keep-back/", said)
    assert level(mug, berlin) == {"on_hand": 5, "reserved": 2, "available": 3}

    admin.post(reverse("inventory:unreserve", args=[Reservation.objects.get().pk]))
    assert level(mug, berlin) == {"on_hand": 5, "available": 5}


def test_a_location_is_opened_and_laid_out(admin):
    facts = {"code": "lyo", "name": "Lyon", "kind": "store", "time_zone": "Europe/Paris", "cut_off": "15:30"}
    facts |= {"priority": 1, "ships": "on", "collects": "on", "active": "on", "line1": "1 rue de la République"}
    facts |= {"postal_code": "69001", "city": "Lyon", "country": "fr"}
    assert admin.post("/inventory/locations/new/", facts).url == "/inventory/locations/LYO/"

    admin.post("/inventory/locations/LYO/shelves/", {"codes": "A-01..A-03 B-9"})

    codes = Location.objects.get().bins.order_by("kind", "pick_sequence").values_list("code", flat=True)
    assert list(codes) == ["QUAR", "RECV", "A-01", "A-02", "A-03", "B-9", "STAGE"]


def test_a_location_needs_a_real_address_and_time_zone(admin):
    facts = {"code": "X", "name": "X", "kind": "store", "time_zone": "Mars/Base", "cut_off": "15:30", "priority": 0}
    facts |= {"line1": "1 road", "postal_code": "99", "city": "Lyon", "country": "FR"}

    response = admin.post("/inventory/locations/new/", facts)

    assert response.status_code == 422
    assert "time_zone" in response.context["form"].errors


def test_a_purchase_goes_from_draft_to_the_last_unit(admin, mug, berlin):
    said = {"new_supplier": "Potter", "location": berlin.pk, "expected_on": "2027-01-05", "lines": "mug 5\nMUG;1"}
    page = admin.post("/inventory/purchases/new/", said).url
    purchase = PurchaseOrder.objects.get()
    assert (page, purchase.lines.get().ordered) == (f"/inventory/purchases/{purchase.number}/", 6)

    admin.post(f"{page}place/")
    line = purchase.lines.get()
    into = berlin.bins.get(code="A-03").pk
    admin.post(
        f"{page}lines/{line.pk}/receive/",
        {f"{line.pk}-quantity": 6, f"{line.pk}-damaged": 1, f"{line.pk}-bin": into},
    )

    purchase.refresh_from_db()
    assert (purchase.state, bins(mug, berlin)) == ("received", {"A-03": 5, "QUAR": 1})


def test_purchase_lines_that_mean_nothing_are_named(admin, mug, berlin):
    said = {"new_supplier": "Potter", "location": berlin.pk, "expected_on": "2027-01-05", "lines": "mug 5\nCUP 1"}

    response = admin.post("/inventory/purchases/new/", said)

    assert response.status_code == 422
    assert response.context["form"].errors["lines"] == ["Not a SKU with stock: CUP."]


def test_a_transfer_is_planned_sent_and_received_short(admin, mug, berlin, hamburg):
    put(mug, berlin, 5)
    said = {"origin": berlin.pk, "destination": hamburg.pk, "expected_on": "2027-01-05", "lines": "MUG 4"}
    page = admin.post("/inventory/transfers/new/", said).url
    admin.post(f"{page}ship/")
    assert admin.post(f"{page}receive/", {}).status_code == 302
    assert Transfer.objects.get().state == "shipped"

    admin.post(f"{page}receive/", {f"came-{Transfer.objects.get().lines.get().pk}": 3})

    assert (Transfer.objects.get().state, level(mug, hamburg)) == ("received", {"on_hand": 3, "available": 3})


def test_a_transfer_of_what_is_not_there_keeps_what_was_typed(admin, mug, berlin, hamburg):
    said = {"origin": berlin.pk, "destination": hamburg.pk, "expected_on": "2027-01-05", "lines": "MUG 4"}

    response = admin.post("/inventory/transfers/new/", said)

    assert response.status_code == 422
    assert "MUG at Berlin: 4 wanted, 0 available" in text_of(response)
    assert Transfer.objects.count() == 0


def test_a_picker_sees_and_moves_stock_but_does_not_adjust_it(picker, mug, berlin):
    shelf = put(mug, berlin, 5)

    assert reverse("inventory:adjust", args=["MUG"]) not in text_of(picker.get("/inventory/skus/MUG/"))
    assert picker.post("/inventory/skus/MUG/adjust/", {"bin": shelf.pk, "delta": 1}).status_code == 403
    to = berlin.bins.get(code="A-02").pk
    picker.post("/inventory/skus/MUG/move/", {"source": shelf.pk, "target": to, "quantity": 2})
    assert bins(mug, berlin) == {"A-01": 3, "A-02": 2}


def test_a_picker_does_not_find_the_work_of_other_locations(picker, mug, berlin, hamburg):
    put(mug, hamburg, 5)
    purchase = purchasing.create(SupplierFactory(), hamburg, {mug: 1}, expected_at=SOON, by=SYSTEM)
    other = transfers.create(hamburg, berlin, {mug: 1}, expected_at=SOON, by=SYSTEM)

    assert picker.get(purchase.get_absolute_url()).status_code == 404
    assert picker.get("/inventory/locations/HAM/").status_code == 404
    assert picker.get(other.get_absolute_url()).status_code == 200
    assert [row.object.code for row in picker.get("/inventory/locations/").context["listing"].rows] == ["BER"]
    assert StockLevel.objects.filter(location=berlin).count() == 0


def test_the_file_of_a_digital_sku_is_uploaded_and_replaced(admin):
    book = SkuFactory(code="BOOK", digital=True)
    page = f"/inventory/skus/{book.code}/"
    assert "no file to fetch yet" in admin.get(page).content.decode()
    said = {"code": "BOOK", "name": "Book", "price": "9.90", "currency": "EUR", "digital": "on", "active": "on"}
    said |= dict.fromkeys(("weight_g", "length_mm", "width_mm", "height_mm"), 0)
    for name in ("one.pdf", "two.pdf"):
        file = SimpleUploadedFile(name, name.encode())
        assert admin.post(f"{page}edit/", said | {"download": file}).status_code == 302
        assert (book.download.name, bytes(book.download.content)) == (name, name.encode())
        book = type(book).objects.get(pk=book.pk)
    assert "two.pdf" in admin.get(page).content.decode()
    assert admin.post(f"{page}edit/", said).status_code == 302
    assert "two.pdf" in admin.get(page).content.decode()


def test_the_list_shows_what_is_due(admin, mug, lamp, berlin):
    purchase = purchasing.create(SupplierFactory(), berlin, {mug: 2}, expected_at=SOON, by=SYSTEM)
    purchasing.place(purchase, by=SYSTEM)

    page = text_of(admin.get("/inventory/?q=is:due"))

    assert ("/inventory/skus/MUG/" in page, "/inventory/skus/LAMP/" in page) == (True, False)
