"""Sourcing rules by form posts, without JavaScript: added row by row, moved, tried, used, and put back."""

import pytest
from django.urls import reverse

from fulfillment.rules import editing, reading
from fulfillment.rules.terms import Condition, Effect, Rule, Where
from oms.common.models import Job
from tests.factories.fulfillment import channel, person, routed
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db
RULES, NEW = reverse("fulfillment:rules"), reverse("fulfillment:rule-new")
STORES = Rule(0, "No stores", effects=(Effect("leave_out", Where(kinds=("store",))),))


@pytest.fixture
def admin(client, berlin):
    client.force_login(person("admin"))
    return client


def names() -> list[tuple[str, bool]]:
    return [(rule.name, rule.active) for rule in reading.rules_of(editing.shown())]


def page(client, url: str) -> str:
    return client.get(url).content.decode()


def test_without_rules_the_page_says_what_happens_and_what_a_rule_could_do(admin):
    assert "fewest parcels, keeps its promise and costs least" in page(admin, RULES)
    assert "Each change of a rule makes one" in page(admin, reverse("fulfillment:rule-versions"))


def test_a_rule_is_put_together_row_by_row_and_saved_at_the_end(admin, berlin):
    channel()
    typed = {"name": "Swiss parcels", "new_condition": "country", "new_effect": "avoid", "version": "0"}

    asked = admin.post(NEW, {**typed, "add_condition": "1"})
    typed |= {"condition": ["country"], "country-values": "ch, li"}
    asked = admin.post(NEW, {**typed, "new_condition": "weight", "add_condition": "1"})
    typed |= {"condition": ["country", "weight"], "weight-low": "1.5"}
    asked = admin.post(NEW, {**typed, "add_effect": "1"})

    html = asked.content.decode()
    assert (asked.status_code, editing.shown()) == (200, None)
    for kept in ('value="ch, li"', 'value="1.5"', 'value="Swiss parcels"', "As if a parcel were dearer by (EUR)"):
        assert kept in html
    assert "This field is required" not in html

    typed |= {"effect": ["avoid"], "avoid-places": [f"place:{berlin.pk}", "zone:3"], "avoid-amount": "2.50"}
    assert admin.post(NEW, typed).url == RULES

    assert (
        "When the country is CH or LI and what is sent weighs 1.5 kg or more: avoid Berlin and places further away, "
        "as if a parcel cost 2.50 EUR more."
    ) in page(admin, RULES)
    assert 'value="CH, LI"' in page(admin, reverse("fulfillment:rule", args=[1]))


def test_a_row_can_be_taken_away_again(admin):
    typed = {"name": "A", "condition": ["country", "tag"], "country-values": "CH", "tag-values": "vip"}

    html = admin.post(NEW, {**typed, "without": "country"}).content.decode()

    assert ('name="tag-values"' in html, 'name="country-values"' in html) == (True, False)


def test_what_means_nothing_is_told_at_its_field_and_nothing_is_saved(admin):
    editing.create(STORES, by=person("admin"))
    twice = {"name": "no stores", "effect": ["leave_out"], "leave_out-places": ["kind:store"]}
    nowhere = {"name": "B", "effect": ["leave_out"]}
    empty = {"name": "C"}

    answers = [admin.post(NEW, said) for said in (twice, nowhere, empty)]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert "Another rule has this name already." in answers[0].content.decode()
    assert "At which places? Tick at least one." in answers[1].content.decode()
    assert "Say what the rule does: add at least one effect." in answers[2].content.decode()
    assert names() == [("No stores", True)]


def test_every_kind_of_row_shows_what_was_saved(admin, berlin):
    channel()
    where = Where((berlin.pk,), ("store",), ("CH",), (1,))
    rule = Rule(
        0,
        "All",
        (
            Condition("method", ("ship",)),
            Condition("weekday", ("1",)),
            Condition("channel", ("web",), negated=True),
            Condition("country", ("CH",)),
            Condition("service", ("express",)),
            Condition("tag", ("vip",)),
            Condition("sku_tag", ("glass",)),
            Condition("weight", high=2000),
            Condition("value", low=10, high=20, currency="CHF"),
        ),
        (
            *(Effect(kind, where) for kind in ("leave_out", "only")),
            *(Effect(kind, where, amount=1) for kind in ("prefer", "avoid")),
            Effect("keep_back", where, number=3),
            Effect("most_parcels", number=2),
            Effect("together_below", amount=50, currency="EUR"),
            Effect("complete"),
            Effect("meets", where, number=2, amount=3),
            Effect("yields"),
            Effect("ranks", ranks=("cost", "promise", "parcels", "priority", "load")),
        ),
        stops=True,
    )
    editing.create(rule, by=person("admin"))
    saved = editing.found(1)
    url = reverse("fulfillment:rule", args=[1])
    form = admin.get(url).context["form"]
    typed = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False, [])}

    answer = admin.post(url, {**typed, "condition": form.conditions, "effect": form.effects, "version": "2"})

    assert (answer.status_code, editing.found(1)) == (302, saved)
    assert editing.shown().number == 2  # the same again is no change


def test_who_edits_what_another_changed_meanwhile_is_asked_to_look_again(admin):
    boss = person("admin")
    editing.create(STORES, by=boss)
    editing.switch(1, False, by=boss)
    said = {"name": "Mine", "effect": ["complete"], "version": "2"}

    answer = admin.post(reverse("fulfillment:rule", args=[1]), said)

    assert answer.status_code == 422
    assert "Somebody changed the rules since this page was opened." in answer.content.decode()
    assert names() == [("No stores", False)]


def test_rules_are_moved_switched_and_removed_with_buttons(admin):
    for name in ("A", "B"):
        editing.create(Rule(0, name, effects=(Effect("complete"),)), by=person("admin"))

    admin.post(reverse("fulfillment:rule-move", args=[2]), {"to": "up"})
    assert names() == [("B", True), ("A", True)]
    admin.post(reverse("fulfillment:rule-switch", args=[1]), {"to": "off"})
    assert names() == [("B", True), ("A", False)]
    admin.post(reverse("fulfillment:rule-remove", args=[2]))
    assert names() == [("A", False)]
    assert admin.post(reverse("fulfillment:rule-remove", args=[2])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_rehearsed_used_and_put_back(admin, berlin, hamburg, mug):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    order, _ = routed({mug: 1})
    editing.create(Rule(0, "Not Berlin", effects=(Effect("leave_out", Where((berlin.pk,))),)), by=person("admin"))

    job_page = admin.post(reverse("fulfillment:rehearse"), {"version": "2", "orders": "100"}).url

    html = page(admin, Job.objects.get().result_url)
    assert "1 of 1 orders would be served from elsewhere." in page(admin, job_page)
    for told in (order.number, "Berlin sends 1 unit", "Hamburg sends 1 unit"):
        assert told in html
    assert "1 of 1 orders would be served from elsewhere." in page(admin, RULES)

    admin.post(reverse("fulfillment:rules-use"), {"version": "2"})
    assert editing.live().number == 2
    admin.post(reverse("fulfillment:rule-version-back", args=[1]))
    assert names() == []
    admin.post(reverse("fulfillment:rules-throw-away"))
    assert names() == [("Not Berlin", True)]
    assert "Back to version 1" in page(admin, reverse("fulfillment:rule-versions"))
    assert "Always: leave out Berlin." in page(admin, reverse("fulfillment:rule-version", args=[2]))


@pytest.mark.parametrize("orders", ["0", "501", "many", ""])
def test_a_rehearsal_of_too_many_or_no_orders_is_refused(admin, orders):
    editing.create(STORES, by=person("admin"))

    answer = admin.post(reverse("fulfillment:rehearse"), {"version": "2", "orders": orders}, follow=True)

    assert "From 1 to 500 orders can be rehearsed." in answer.content.decode()
    assert not Job.objects.exists()


def test_odd_rules_are_pointed_out(admin, berlin, hamburg):
    boss = person("admin")
    everything = Effect("leave_out", Where(kinds=("warehouse",)))
    editing.create(Rule(0, "Nothing", effects=(everything,), stops=True), by=boss)
    editing.create(STORES, by=boss)

    html = page(admin, RULES)

    assert "It leaves no place that ships: orders that it fits will wait." in html
    assert "Never asked: “Nothing” above fits every order and stops." in html


def test_a_lead_reads_and_rehearses_and_an_agent_does_neither(client, berlin):
    editing.create(STORES, by=person("admin"))
    client.force_login(person("lead"))

    assert "leave out stores" in page(client, RULES)
    assert reverse("fulfillment:rule-new") not in page(client, RULES)
    assert client.post(reverse("fulfillment:rehearse"), {"version": "2", "orders": "9"}).status_code == 302
    assert client.get(NEW).status_code == 403
    assert client.post(reverse("fulfillment:rules-use"), {"version": "2"}).status_code == 403

    client.force_login(person("agent"))
    assert client.get(RULES).status_code == 403


def test_how_often_a_rule_fitted_lately_is_counted(admin, berlin, mug):
    put(mug, berlin, 5)
    boss = person("admin")
    editing.use(editing.create(STORES, by=boss).number, by=boss)
    routed({mug: 1})
    order, [work] = routed({mug: 1})

    [row] = admin.get(RULES).context["rows"]

    assert (row.hits, row.last_at is not None) == (2, True)
    assert "Rules that fitted: No stores." in page(admin, f"/orders/{order.number}/why/{work.decision_id}/")


def test_a_rule_may_let_parts_meet_and_says_what_is_missing(admin, berlin):
    typed = {
        "name": "Meet first",
        "effect": ["meets", "yields"],
        "version": "0",
        "meets-places": [f"place:{berlin.pk}"],
    }

    asked = admin.post(NEW, {**typed, "meets-amount": "3", "meets-number": "0"})
    assert (asked.status_code, editing.shown()) == (422, None)
    assert "greater than or equal to 1" in asked.content.decode()

    assert admin.post(NEW, {**typed, "meets-amount": "3", "meets-number": "2"}).url == RULES
    assert (
        "Always: parts may meet at Berlin first, for 3.00 EUR a trip and within 2 days; "
        "short stock may go to younger orders where that costs less."
    ) in page(admin, RULES)
    again = page(admin, reverse("fulfillment:rule", args=[1]))
    assert 'value="2"' in again
    assert 'value="3"' in again
