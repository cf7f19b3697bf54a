"""Kits: what they are made of, version by version, and how many can be sold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import availability, buffers, kits, purchasing
from inventory.kits import NotAKit
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from tests.factories.inventory import SkuFactory, SupplierFactory, put


@pytest.fixture
def gift(mug, lamp):
    sku = SkuFactory(code="GIFT", name="Gift set")
    kits.make(sku, {mug: 2, lamp: 1}, by=SYSTEM)
    sku.refresh_from_db()
    return sku


@pytest.fixture
def admin(client, db):
    user = User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True)
    client.force_login(user)
    return client


def test_a_kit_can_be_sold_while_its_rarest_part_lasts(gift, mug, lamp, berlin, hamburg):
    put(mug, berlin, 5)
    put(mug, hamburg, 2)
    put(lamp, berlin, 9)

    assert availability.ats([gift.pk, mug.pk]) == {gift.pk: 3, mug.pk: 7}
    buffers.keep("shop", gift, units=1, by=SYSTEM)
    assert availability.ats([gift.pk], channel="shop") == {gift.pk: 2}


def test_a_kit_without_one_part_can_not_be_sold(gift, mug, berlin):
    put(mug, berlin, 5)

    assert availability.ats([gift.pk]) == {gift.pk: 0}


def test_a_digital_part_limits_nothing(mug, berlin):
    put(mug, berlin, 5)
    sku = SkuFactory()
    kits.make(sku, {mug: 2, SkuFactory(digital=True): 1}, by=SYSTEM)

    assert availability.ats([sku.pk]) == {sku.pk: 2}


def test_each_change_is_a_version_and_the_same_again_is_none(gift, mug, lamp):
    now = timezone.now()
    kits.make(gift, {mug: 2, lamp: 1}, by=SYSTEM)
    kits.make(gift, {mug: 3}, by=SYSTEM)
    kits.make(gift, {lamp: 1}, valid_from=now + timedelta(days=7), by=SYSTEM)

    assert [(v.number, v.components.count()) for v in gift.kit_versions.order_by("number")] == [(1, 2), (2, 1), (3, 1)]
    assert kits.recipes([gift.pk, mug.pk])[gift.pk].parts == ((mug, 3),)
    assert kits.recipes([gift.pk], at=now)[gift.pk].parts == ((lamp, 1), (mug, 2))
    assert str(kits.recipes([gift.pk], at=now + timedelta(days=8))[gift.pk]) == "1 × LAMP"


def test_what_can_not_be_a_kit_is_refused(gift, mug, lamp, berlin):
    put(lamp, berlin, 1)
    for kit, parts in (
        (SkuFactory(), {}),
        (SkuFactory(), {gift: 1}),
        (mug, {SkuFactory(): 1}),
        (lamp, {mug: 1}),
        (SkuFactory(digital=True), {mug: 1}),
        (SkuFactory(tracks="lot"), {mug: 1}),
    ):
        with pytest.raises(NotAKit):
            kits.make(kit, parts, by=SYSTEM)


def test_a_kit_is_not_bought(gift, berlin):
    with pytest.raises(Refused, match="Buy the parts"):
        purchasing.create(SupplierFactory(), berlin, {gift: 1}, expected_at=timezone.now(), by=SYSTEM)


def test_a_kit_is_made_and_changed_on_its_page(admin, mug, lamp, berlin):
    SkuFactory(code="SET")
    put(mug, berlin, 4)
    assert "Make it a kit" in admin.get("/inventory/skus/SET/").content.decode()

    assert admin.post("/inventory/skus/SET/kit/", {"parts": "mug 2"}).status_code == 302
    page = admin.get("/inventory/skus/SET/").content.decode()
    assert "Change its parts" in page
    assert '<td class="num strong" data-label="Makes kits">2</td>' in page
    assert admin.get("/inventory/skus/SET/adjust/").status_code == 404
    assert admin.post("/inventory/skus/SET/kit/", {"parts": "set 2"}).status_code == 422
    assert admin.post("/inventory/skus/MUG/kit/", {"parts": "lamp 2"}).status_code == 422
