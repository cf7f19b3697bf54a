"""What should be bought again: rules, packs, what is due and waited for, and drafts made of ticked rows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from inventory import purchasing, replenishment, stock
from inventory.models import PurchaseOrder, ReorderRule, SupplierItem
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from oms.common.errors import Refused
from oms.common.models import ConfigChange
from tests.factories.fulfillment import routed
from tests.factories.inventory import SupplierFactory, put

SOON = timezone.now() + timedelta(days=3)


@pytest.fixture
def potter(db):
    return SupplierFactory(name="Potter", lead_days=5)


@pytest.fixture
def admin(client, db):
    client.force_login(User.objects.create_user("admin@example.com", "x", name="Ada", role="admin", all_locations=True))
    return client


def rule(sku, location, supplier, point=10, target=30, **facts):
    return ReorderRule.objects.create(
        sku=sku, location=location, supplier=supplier, point=point, target=target, **facts
    )


def suggested():
    found = replenishment.suggestions(ReorderRule.objects.all())
    return [(one.rule.sku.code, one.rule.location.code, one.units) for one in found]


def test_at_the_point_is_bought_up_to_the_target_and_above_it_nothing(mug, lamp, berlin, potter):
    put(mug, berlin, 10)
    put(lamp, berlin, 11)
    rule(mug, berlin, potter)
    rule(lamp, berlin, potter)

    assert suggested() == [("MUG", "BER", 20)]


@pytest.mark.parametrize(("pack", "minimum", "units"), [(1, 1, 20), (12, 1, 24), (1, 50, 50), (12, 50, 60)])
def test_it_is_rounded_to_whole_packs_and_the_least_the_supplier_sells(mug, berlin, potter, pack, minimum, units):
    put(mug, berlin, 10)
    rule(mug, berlin, potter)
    SupplierItem.objects.create(supplier=potter, sku=mug, pack=pack, minimum=minimum, cost=Decimal("2.50"))

    [one] = replenishment.suggestions(ReorderRule.objects.all())

    assert (one.units, one.cost) == (units, Decimal("2.50") * units)


def test_what_is_due_or_drafted_is_not_bought_twice(mug, berlin, potter):
    rule(mug, berlin, potter)
    purchasing.place(purchasing.create(potter, berlin, {mug: 8}, expected_at=SOON, by=SYSTEM), by=SYSTEM)
    assert suggested() == [("MUG", "BER", 22)]

    [made] = replenishment.draft({ReorderRule.objects.get(): 22}, by=SYSTEM)

    assert suggested() == []
    assert (made.state, made.lines.get().ordered) == ("draft", 22)
    assert made.expected_at.date() == (timezone.now() + timedelta(days=5)).date()


def test_who_waits_is_bought_for_once_at_the_foremost_place(mug, berlin, hamburg, potter):
    berlin.priority = 5
    berlin.save()
    routed({mug: 4})
    rule(mug, berlin, potter)
    rule(mug, hamburg, potter)

    assert suggested() == [("MUG", "BER", 34), ("MUG", "HAM", 30)]


def test_what_is_kept_out_of_sale_is_not_counted_on(mug, berlin, potter):
    shelf = put(mug, berlin, 20)
    stock.damage(mug.pk, shelf.pk, 5, by=SYSTEM)
    stock.set_safety(mug.pk, berlin.pk, 6, by=SYSTEM)
    rule(mug, berlin, potter)

    assert suggested() == [("MUG", "BER", 21)]


def test_days_of_cover_follow_what_was_shipped_in_four_weeks(mug, lamp, berlin, potter):
    put(mug, berlin, 12)
    key = (mug.pk, berlin.pk)
    stock.allocate({key: 4}, reference="FO-1", by=SYSTEM)
    stock.pick(mug.pk, berlin.bins.get(code="A-01").pk, 4, reference="FO-1", by=SYSTEM)
    stock.ship({key: 4}, reference="FO-1", by=SYSTEM)
    rule(mug, berlin, potter)
    rule(lamp, berlin, potter)

    found = replenishment.positions(ReorderRule.objects.order_by("sku__code"))

    assert [(one.rule.sku.code, one.shipped, one.days_of_cover) for one in found] == [("LAMP", 0, None), ("MUG", 4, 56)]


def test_a_rule_not_in_use_asks_for_nothing(mug, lamp, berlin, potter):
    rule(mug, berlin, potter, active=False)
    lamp.active = False
    lamp.save()
    rule(lamp, berlin, potter)

    assert suggested() == []


def test_eight_questions_are_enough_for_any_number_of_rules(
    mug, lamp, berlin, hamburg, potter, django_assert_num_queries
):
    for sku in (mug, lamp):
        for place in (berlin, hamburg):
            rule(sku, place, potter)

    with django_assert_num_queries(8):
        replenishment.suggestions(ReorderRule.objects.all())


def test_ticked_rows_become_one_draft_a_supplier_and_place(admin, mug, lamp, berlin, hamburg, potter):
    rules = [rule(mug, berlin, potter), rule(lamp, berlin, potter, lead_days=9), rule(mug, hamburg, potter)]
    page = admin.get("/inventory/replenishment/").content.decode()
    assert "Potter for Berlin" in page
    said = {"ids": [one.pk for one in rules]} | {f"units-{one.pk}": 30 + n for n, one in enumerate(rules)}

    admin.post("/inventory/replenishment/draft/", said)

    made = PurchaseOrder.objects.order_by("pk")
    lines = [sorted(one.lines.values_list("sku__code", "ordered")) for one in made]
    assert lines == [[("LAMP", 31), ("MUG", 30)], [("MUG", 32)]]
    assert made[0].expected_at.date() == (timezone.now() + timedelta(days=9)).date()


@pytest.mark.parametrize("units", ["", "0", "-3", "x", "9" * 5000])
def test_units_that_are_no_number_draft_nothing(admin, mug, berlin, potter, units):
    one = rule(mug, berlin, potter)

    answer = admin.post("/inventory/replenishment/draft/", {"ids": [one.pk], f"units-{one.pk}": units}, follow=True)

    assert "MUG: say how many to buy, 1 or more." in answer.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_nothing_ticked_drafts_nothing(db):
    with pytest.raises(Refused, match="Tick what to buy"):
        replenishment.draft({}, by=SYSTEM)


def test_a_rule_is_made_changed_and_removed_with_a_trace(admin, mug, berlin, potter):
    said = {"sku": "mug", "location": berlin.pk, "supplier": potter.pk, "point": 5, "target": 20, "active": "on"}
    assert admin.post("/inventory/replenishment/rules/new/", said).status_code == 302
    one = ReorderRule.objects.get()
    assert admin.post("/inventory/replenishment/rules/new/", said).status_code == 422
    admin.post(f"/inventory/replenishment/rules/{one.pk}/", said | {"target": 25})
    assert ReorderRule.objects.get().target == 25
    assert admin.post(f"/inventory/replenishment/rules/{one.pk}/", said | {"target": 5}).status_code == 422

    admin.post(f"/inventory/replenishment/rules/{one.pk}/remove/")

    assert not ReorderRule.objects.exists()
    verbs = ConfigChange.objects.filter(subject="reorder:MUG@BER").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["created", "changed", "removed"]


def test_what_a_supplier_sells_is_written_down_once_a_sku(admin, mug, potter):
    page = f"/inventory/suppliers/{potter.pk}/"
    said = {"sku": "MUG", "code": "P-7", "cost": "2.50", "currency": "eur", "pack": 12, "minimum": 24}
    admin.post(f"{page}sells/", said)
    admin.post(f"{page}sells/", said | {"cost": "2.60"})
    assert admin.post(f"{page}sells/", said | {"pack": 0}).status_code == 422

    assert SupplierItem.objects.values_list("code", "cost", "pack").get() == ("P-7", Decimal("2.600"), 12)
    assert "P-7" in admin.get(page).content.decode()


@pytest.mark.parametrize(
    ("multiple", "minimum", "pack", "least", "units"),
    [(1, 1, 1, 1, 14), (12, 1, 1, 1, 24), (12, 30, 1, 1, 36), (12, 1, 8, 1, 24), (9, 1, 4, 1, 36), (1, 1, 6, 20, 24)],
)
def test_what_is_bought_is_whole_multiples_and_packs(berlin, mug, multiple, minimum, pack, least, units):
    """Six are there, twenty are wanted."""
    put(mug, berlin, 6)
    supplier = SupplierFactory()
    SupplierItem.objects.create(supplier=supplier, sku=mug, pack=pack, minimum=least)
    facts = {"point": 10, "target": 20, "multiple": multiple, "minimum": minimum}
    ReorderRule.objects.create(sku=mug, location=berlin, supplier=supplier, **facts)

    [found] = replenishment.suggestions(ReorderRule.objects.all())

    assert found.units == units
