"""What a bin takes: by volume where every size is known, else by units; a full one names those with room."""

import pytest
from django.utils import timezone

from inventory import counting, purchasing, stock
from inventory.models import Sku, StockMovement
from inventory.stock import StockRefused, room
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.inventory import SkuFactory, SupplierFactory, put
from tests.inventory.books import bins, breaches, level


def someone(name, role):
    return User.objects.create_user(f"{name}@example.com", "x", name=name.title(), role=role, all_locations=True)


@pytest.fixture
def lead(db):
    return someone("lea", "lead")


@pytest.fixture
def picker(db):
    return someone("piet", "picker")


@pytest.fixture
def shelf(berlin):
    """A-01 takes five units, A-02 nine; A-03 and A-04 have no limit."""
    for code, capacity, place in (("A-01", 5, 10), ("A-02", 9, 20), ("A-03", 2, 30)):
        berlin.bins.filter(code=code).update(capacity=capacity, pick_sequence=place)
    return {bin.code: bin for bin in berlin.bins.all()}


def test_a_full_bin_refuses_and_names_those_with_room(berlin, shelf, mug, picker):
    put(mug, berlin, 7, shelf="A-02")
    put(mug, berlin, 4, shelf="A-01")

    with pytest.raises(StockRefused) as refused:
        stock.move(mug.pk, shelf["A-02"].pk, shelf["A-01"].pk, 2, by=picker)

    assert str(refused.value) == (
        "A-01 has room for 1 more MUG, not 2. There is room in A-02 (2), A-03 (2), A-04 (no limit)."
    )
    assert refused.value.code == "bin_full"
    stock.move(mug.pk, shelf["A-02"].pk, shelf["A-01"].pk, 1, by=picker)
    with pytest.raises(StockRefused, match="A-01 has no room for MUG"):
        stock.move(mug.pk, shelf["A-02"].pk, shelf["A-01"].pk, 1, by=picker)
    assert (bins(mug, berlin), breaches()) == ({"A-01": 5, "A-02": 6}, {})


def test_where_no_shelf_takes_it_the_sentence_says_so(berlin, shelf, mug, picker):
    berlin.bins.filter(code="A-04").update(capacity=1)

    with pytest.raises(StockRefused, match="no other shelf here takes 12"):
        stock.receive({(mug.pk, berlin.pk): 12}, bin=shelf["A-01"], reference="PO-1", by=picker)
    assert level(mug, berlin) == {}


def test_a_lead_may_overrule_it_and_the_ledger_keeps_the_reason(berlin, shelf, mug, lead, picker):
    put(mug, berlin, 9, shelf="A-02")
    move = (mug.pk, shelf["A-02"].pk, shelf["A-01"].pk, 6)

    with pytest.raises(StockRefused, match="A-01 has room for 5 more"):
        stock.move(*move, anyway="the pallet stands beside it", by=picker)
    stock.move(*move, anyway="the pallet stands beside it", by=lead)

    row = StockMovement.objects.get(kind="moved")
    assert (row.reason, row.actor_label) == ("the pallet stands beside it", "Lea")
    assert bins(mug, berlin) == {"A-01": 6, "A-02": 3}


def test_litres_count_where_every_size_is_known_and_units_where_one_is_not(berlin, shelf, mug, lamp, picker):
    """A mug of 1.5 litres; three litres of room, or five units."""
    berlin.bins.filter(code="A-01").update(litres=3)
    put(mug, berlin, 6, shelf="A-04")
    stock.move(mug.pk, shelf["A-04"].pk, shelf["A-01"].pk, 1, by=picker)
    with pytest.raises(StockRefused, match="A-01 has room for 1 more MUG, not 2"):
        stock.move(mug.pk, shelf["A-04"].pk, shelf["A-01"].pk, 2, by=picker)

    Sku.objects.filter(pk=lamp.pk).update(height_mm=0)
    put(lamp, berlin, 1, shelf="A-01")
    stock.move(mug.pk, shelf["A-04"].pk, shelf["A-01"].pk, 3, by=picker)
    with pytest.raises(StockRefused, match="A-01 has no room for MUG"):
        stock.move(mug.pk, shelf["A-04"].pk, shelf["A-01"].pk, 1, by=picker)


def test_what_comes_back_from_a_pick_or_is_found_goes_in_all_the_same(berlin, shelf, mug, picker):
    put(mug, berlin, 5, shelf="A-01")
    stock.allocate({(mug.pk, berlin.pk): 2}, reference="FO-1", by=SYSTEM)
    stock.pick(mug.pk, shelf["A-01"].pk, 2, reference="FO-1", by=SYSTEM)
    stock.receive({(mug.pk, berlin.pk): 2}, bin=shelf["A-01"], reference="PO-1", by=picker)

    stock.put_back(mug.pk, shelf["A-01"].pk, 2, reference="FO-1", by=picker)
    stock.adjust(mug.pk, shelf["A-01"].pk, 1, reason="found", by=picker)

    assert bins(mug, berlin) == {"A-01": 8}


def test_shelves_that_hold_the_sku_are_named_first(berlin, shelf, mug):
    put(mug, berlin, 1, shelf="A-03")

    assert [str(bin) for bin, _ in room.fitting(berlin.pk, mug, 1)] == ["A-03", "A-01", "A-02", "A-04"]


def test_a_purchase_is_put_away_where_there_is_room(berlin, shelf, mug, lead, picker, client):
    purchase = purchasing.create(SupplierFactory(), berlin, {mug: 7}, expected_at=timezone.now(), by=SYSTEM)
    line = purchasing.place(purchase, by=SYSTEM).lines.get()
    url = f"/inventory/purchases/{purchase.number}/lines/{line.pk}/receive/"
    said = {f"{line.pk}-quantity": 7, f"{line.pk}-bin": shelf["A-01"].pk}

    client.force_login(picker)
    full = client.post(url, said | {f"{line.pk}-anyway": "please"}, follow=True)
    assert "A-01 has room for 5 more MUG, not 7. There is room in" in full.content.decode()
    assert f'name="{line.pk}-anyway"' not in full.content.decode()
    client.force_login(lead)
    client.post(url, said | {f"{line.pk}-anyway": "high shelf"})

    assert bins(mug, berlin) == {"A-01": 7}
    assert StockMovement.objects.get(kind="received").reason == "high shelf"


def test_the_page_of_a_place_shows_room_and_what_is_being_counted(berlin, shelf, mug, lead, client):
    client.force_login(lead)
    put(SkuFactory(code="BIG", length_mm=1000), berlin, 1, shelf="A-02")
    berlin.bins.filter(code="A-02").update(litres=4)
    stock.adjust(mug.pk, shelf["A-01"].pk, 6, reason="found", by=lead)
    count = counting.plan(berlin, bins=[shelf["A-01"]], by=SYSTEM)

    page = client.get("/inventory/locations/BER/").content.decode()

    assert '1 <small class="text-warn">8 of 4 l</small>' in page
    assert '6 <small class="text-warn">of 5</small>' in page
    assert (page.count("Being counted"), f"/inventory/counts/{count}/" in page) == (1, True)
