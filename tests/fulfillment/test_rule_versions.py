"""Rules are changed as a draft, used as a whole, and every version and its author can be found again."""

from dataclasses import replace

import pytest

from fulfillment import accepting, backorders, reasons, sourcing
from fulfillment.models import SourcingDecision, SourcingRuleSet
from fulfillment.routing.facts import Want
from fulfillment.rules import editing, reading
from fulfillment.rules.terms import Condition, Effect, Rule, Where
from oms.common.actors import SYSTEM
from oms.common.errors import Invalid
from oms.common.models import ConfigChange
from tests.factories.fulfillment import confirmed_order, routed
from tests.factories.inventory import put
from tests.fulfillment import books
from tests.together import at_once

STORES = Where(kinds=("store",))


def rule(name: str = "No stores", **facts) -> Rule:
    return Rule(0, name, **{"effects": (Effect("leave_out", STORES),), **facts})


def names() -> list[str]:
    return [one.name for one in reading.rules_of(editing.shown())]


def history() -> list[tuple]:
    rows = SourcingRuleSet.objects.order_by("number")
    return [(row.number, row.state, row.change) for row in rows]


@pytest.mark.django_db
def test_a_change_is_a_draft_until_it_is_used(lead):
    made = editing.create(rule(), by=lead)

    assert (made.number, made.state, made.made_by) == (2, "draft", str(lead))
    assert reading.in_use([], []).rules == ()

    editing.use(2, by=lead)

    assert [one.name for one in reading.in_use([], []).rules] == ["No stores"]
    assert history() == [(1, "past", "No rules yet"), (2, "live", "“No stores” added")]
    assert ConfigChange.objects.filter(subject="sourcing_rules", verb="used").count() == 1


@pytest.mark.django_db
def test_each_change_makes_a_version_and_says_what_it_was(lead):
    editing.create(rule("A"), by=lead)
    editing.create(rule("B"), by=lead)
    editing.move(2, True, by=lead)
    editing.switch(1, False, by=lead)
    editing.change(replace(editing.found(2), name="C"), by=lead)
    editing.remove(1, by=lead)

    assert [change for _, _, change in history()[1:]] == [
        "“A” added",
        "“B” added",
        "“B” moved up",
        "“A” switched off",
        "“C” changed",
        "“A” removed",
    ]
    assert [state for _, state, _ in history()] == ["live", *["past"] * 5, "draft"]
    assert names() == ["C"]
    subjects = ConfigChange.objects.order_by("pk").values_list("subject", flat=True)
    assert list(subjects) == [f"sourcing_rule:{key}" for key in (1, 2, 2, 1, 2, 1)]


@pytest.mark.django_db
def test_what_changes_nothing_makes_no_version(lead):
    editing.create(rule("A"), by=lead)

    editing.move(1, True, by=lead)
    editing.move(1, False, by=lead)
    editing.switch(1, True, by=lead)
    editing.change(editing.found(1), by=lead)
    editing.back_to(2, by=lead)

    assert len(history()) == 2


@pytest.mark.django_db
def test_a_draft_can_be_thrown_away_and_an_old_version_comes_back_as_a_draft(lead):
    editing.create(rule("A"), by=lead)
    editing.use(2, by=lead)
    editing.remove(1, by=lead)
    editing.throw_away(by=lead)
    assert names() == ["A"]

    editing.remove(1, by=lead)
    editing.use(4, by=lead)
    assert names() == []

    editing.back_to(2, by=lead)

    assert names() == ["A"]
    assert history()[-1] == (5, "draft", "Back to version 2")
    assert reading.in_use([], []).rules == ()


@pytest.mark.django_db
def test_who_saw_another_version_is_told_to_look_again(lead):
    editing.create(rule("A"), by=lead)
    mine = editing.found(1)
    editing.create(rule("B"), by=lead)

    with pytest.raises(editing.RulesMoved):
        editing.change(replace(mine, name="C"), version=2, by=lead)
    with pytest.raises(editing.RulesMoved):
        editing.use(2, by=lead)
    with pytest.raises(editing.RulesMoved):
        editing.switch(9, False, by=lead)

    editing.use(3, by=lead)
    assert editing.use(3, by=lead).number == 3  # a second click
    with pytest.raises(editing.NoDraft):
        editing.use(2, by=lead)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (rule(" "), "name"),
        (rule("mine"), "name"),
        (rule(effects=()), ""),
        (rule(effects=(Effect("leave_out"),)), "leave_out-places"),
        (rule(effects=(Effect("keep_back", STORES),)), "keep_back-number"),
        (rule(effects=(Effect("most_parcels", number=0),)), "most_parcels-number"),
        (rule(effects=(Effect("ranks", ranks=("cost", "cost")),)), "ranks-1"),
        (rule(conditions=(Condition("country"),)), "country-values"),
        (rule(conditions=(Condition("weight"),)), "weight-low"),
    ],
)
@pytest.mark.django_db
def test_a_rule_that_means_nothing_is_refused(bad, field, lead):
    editing.create(rule("Mine"), by=lead)

    with pytest.raises(Invalid) as refusal:
        editing.create(bad, by=lead)

    assert refusal.value.field == field
    assert len(history()) == 2


def test_orders_follow_the_rules_in_use_on_both_ways(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    berlin.kind = "store"
    berlin.save()
    editing.use(editing.create(rule(conditions=(Condition("channel", ("web",)),)), by=lead).number, by=lead)

    slow, _ = routed({mug: 1})
    quick = confirmed_order({mug: 1}, confirmed=False)
    accepting.accept([quick.pk], by=SYSTEM)

    assert (books.work(slow), books.work(quick)) == ([("HAM", "open", 1)], [("HAM", "open", 1)])
    for decision in SourcingDecision.objects.all():
        assert decision.facts["rules"] == [1]
        why = {row["code"]: row["because"] for row in reasons.of(decision).candidates}
        assert why["BER"] == "is left out by the rule “No stores”"
    assert books.breaches() == {}


def test_tags_are_read_only_where_a_rule_asks(mug, lead, django_assert_num_queries):
    mug.tags = ["glass"]
    mug.save()
    order = confirmed_order({mug: 1}, tags=["vip"])
    with django_assert_num_queries(1):
        reading.in_use([order.pk], [mug.pk])

    vip = rule(effects=(Effect("complete"),), conditions=(Condition("tag", ("vip",)),))
    editing.use(editing.create(vip, by=lead).number, by=lead)

    fragile = rule("Glass", effects=(Effect("most_parcels", number=1),), conditions=(Condition("sku_tag", ("glass",)),))
    editing.use(editing.create(fragile, by=lead).number, by=lead)

    asking = reading.in_use([order.pk], [mug.pk])
    policy = asking.policy(order, (Want(1, mug.pk, 1),), {}, ())
    assert (policy.complete_only, policy.most_parcels, policy.rules) == (True, 1, ("No stores", "Glass"))


def test_a_person_may_send_it_where_no_rule_would(berlin, hamburg, mug, lead):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    editing.use(editing.create(rule(effects=(Effect("only", Where(places=(berlin.pk,))),)), by=lead).number, by=lead)
    order, [work] = routed({mug: 1})

    sourcing.reroute(work, hamburg, by=lead)

    assert books.work(order) == [("BER", "cancelled", 0), ("HAM", "open", 1)]


def test_an_order_that_is_sent_complete_only_waits_as_a_whole_until_all_of_it_is_there(berlin, mug, lamp, lead):
    put(mug, berlin, 5)
    editing.use(editing.create(rule(effects=(Effect("complete"),)), by=lead).number, by=lead)
    order, _ = routed({mug: 2, lamp: 1})
    assert (books.work(order), books.waiting(order)) == ([], [("MUG", 2, ""), ("LAMP", 1, "")])

    assert backorders.fill_all() == 0
    put(lamp, berlin, 1)
    assert backorders.fill_all() == 3

    assert (books.work(order), books.waiting(order)) == ([("BER", "open", 3)], [])
    assert books.breaches() == {}


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_a_rule_at_once_both_find_theirs_in_the_draft(lead):
    at_once(*[lambda name=name: editing.create(rule(name), by=lead) for name in ("A", "B", "C", "D")])

    assert sorted(names()) == ["A", "B", "C", "D"]
    assert sorted(one.key for one in reading.rules_of(editing.shown())) == [1, 2, 3, 4]
    assert [state for _, state, _ in history()] == ["live", "past", "past", "past", "draft"]
