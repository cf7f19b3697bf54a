"""How goods have to be handled, where bins stand, what channels are not offered, and what scans of goods mean."""

import pytest
from django.db import IntegrityError, transaction

from inventory import availability, buffers, gs1, skus
from inventory.models import Barcode, Bin, ChannelBuffer, Location, Sku
from inventory.skus import Scan
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.inventory import LocationFactory, SkuFactory, put

FACTS = {"name": "Paint", "price": "4.50", "currency": "eur", "weight_g": 200, "length_mm": 90, "width_mm": 90}
FACTS |= {"height_mm": 100, "active": "on", "barcodes": ""}


@pytest.fixture
def admin(client, db):
    user = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    return client


def test_a_sku_keeps_how_it_has_to_be_handled(admin):
    said = {"un_number": "un1263", "hazmat_class": "3", "ships_alone": "on", "fragile": "on", "tracks": "lot"}
    said |= {"hs_code": "320890", "origin_country": "de", "shelf_life_days": 365, "expiry_margin_days": 30}

    assert admin.post("/inventory/skus/new/", FACTS | said | {"code": "paint", "tags": "Bulky, summer,bulky"}).url
    sku = Sku.objects.get()
    assert (sku.un_number, sku.origin_country, sku.tags) == ("UN1263", "DE", ["bulky", "summer"])
    assert (sku.tracks, sku.shelf_life_days, sku.expiry_margin_days) == ("lot", 365, 30)
    page = admin.get("/inventory/skus/PAINT/").content.decode()
    for words in ("Dangerous goods 3 UN1263", "Ships alone", "Fragile", "HS 320890", "from DE", "by lot and expiry"):
        assert words in page, words


@pytest.mark.parametrize(
    ("field", "value"),
    [("un_number", "1263"), ("hazmat_class", "fire"), ("hs_code", "12"), ("origin_country", "D1"), ("tags", "x" * 41)],
)
def test_a_sku_form_refuses_what_no_paper_could_say(admin, field, value):
    response = admin.post("/inventory/skus/new/", FACTS | {"code": "paint", field: value})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_what_is_written_down_of_units_changes_only_while_there_are_none(admin, mug, berlin):
    put(mug, berlin, 1)

    response = admin.post("/inventory/skus/MUG/edit/", FACTS | {"tracks": "serial"})

    assert response.status_code == 422
    assert "Change this while there are none" in response.content.decode()


def test_digital_goods_have_no_lots(admin):
    response = admin.post("/inventory/skus/new/", FACTS | {"code": "song", "digital": "on", "tracks": "lot"})

    assert set(response.context["form"].errors) == {"tracks"}


def test_nothing_in_transit_is_for_sale(mug, berlin):
    ship = LocationFactory(code="SEA", kind="transit", ships=False)
    put(mug, berlin, 2)
    put(mug, ship, 50)

    assert availability.ats([mug.pk]) == {mug.pk: 2}
    assert availability.atp([mug.pk]) == {(mug.pk, berlin.pk): 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Location.objects.filter(pk=ship.pk).update(ships=True)


def test_a_bin_has_a_zone_and_room(admin, berlin):
    admin.post("/inventory/locations/BER/shelves/", {"codes": "C-01..C-02", "zone": "cold", "capacity": "40"})
    shelf = Bin.objects.get(code="C-02")
    assert (shelf.zone, shelf.capacity) == ("cold", 40)

    url = f"/inventory/locations/BER/bins/{shelf.pk}/"
    assert admin.get(url).status_code == 200
    assert admin.post(url, {"zone": "deep cold", "pick_sequence": "5", "capacity": ""}).status_code == 302
    shelf.refresh_from_db()
    assert (shelf.zone, shelf.pick_sequence, shelf.capacity) == ("deep cold", 5, None)


def test_a_channel_is_not_offered_its_buffer(mug, lamp, berlin):
    put(mug, berlin, 10)
    put(lamp, berlin, 3)
    buffers.keep("shop", units=2, by=SYSTEM)
    buffers.keep("shop", mug, percent=25, by=SYSTEM)
    buffers.keep("other", units=9, by=SYSTEM)

    assert availability.ats([mug.pk, lamp.pk], channel="SHOP") == {mug.pk: 7, lamp.pk: 1}
    assert availability.ats([mug.pk, lamp.pk]) == {mug.pk: 10, lamp.pk: 3}
    assert availability.ats([mug.pk], channel="third") == {mug.pk: 10}


def test_a_buffer_never_promises_less_than_nothing(mug, berlin):
    put(mug, berlin, 1)
    buffers.keep("shop", units=5, by=SYSTEM)

    assert availability.ats([mug.pk], channel="shop") == {mug.pk: 0}


def test_buffers_are_set_and_ended_on_their_page(admin, mug):
    url = "/inventory/buffers/"
    assert "all there is" in admin.get(url).content.decode()
    for units in (2, 3):
        assert admin.post(f"{url}keep/", {"channel": "shop", "sku": "mug", "units": units}).status_code == 302
    assert [(row.channel, row.sku, row.units) for row in ChannelBuffer.objects.all()] == [("shop", mug, 3)]
    assert admin.post(f"{url}keep/", {"channel": "shop", "sku": "nope"}).status_code == 422
    assert admin.post(f"{url}keep/", {"channel": "shop"}).status_code == 422

    assert admin.post(f"{url}{ChannelBuffer.objects.get().pk}/end/").status_code == 302
    assert not ChannelBuffer.objects.exists()


def test_a_picker_reads_buffers_and_sets_none(client, berlin):
    client.force_login(User.objects.create_user("p@example.com", "x", name="Piet", role="picker"))

    assert client.get("/inventory/buffers/").status_code == 200
    assert client.post("/inventory/buffers/keep/", {"channel": "shop", "units": 2}).status_code == 403


def test_a_gs1_barcode_means_a_sku_with_its_lot(db):
    sku = SkuFactory(tracks="lot")
    Barcode.objects.create(sku=sku, code="4012345000009")
    Barcode.objects.create(sku=sku, code="14012345000006", quantity=6)

    found = skus.read("]C1010401234500000917270331" + "10A7")
    assert (found.sku, found.quantity, found.lot, str(found.expires_on)) == (sku, 1, "A7", "2027-03-31")
    assert skus.read("]C10114012345000006" + "372") == Scan(sku, 12)
    assert skus.read("]C10100012345678905") is None
    with pytest.raises(gs1.Malformed):
        skus.read("]C10104012345000008")
    assert skus.scanned("]C10104012345000008") is None
