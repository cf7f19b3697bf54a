"""The pages of counting: blind in the hand, open to who approves, and plain forms all the way."""

import pytest
from django.urls import reverse

from inventory import counting
from inventory.models import CountedBin, CycleCount
from oms.accounts.models import User
from oms.common.actors import SYSTEM
from tests.factories.inventory import put


@pytest.fixture
def picker(client, berlin):
    user = User.objects.create_user("picker@example.com", "x", name="Piet", role="picker", all_locations=False)
    berlin.staff.add(user)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def lead(client, db):
    client.force_login(User.objects.create_user("lead@example.com", "x", name="Lea", role="lead", all_locations=True))
    return client


def text_of(response) -> str:
    return response.content.decode()


def test_a_picker_asks_for_a_count_of_bins_and_counts_them_with_a_phone(picker, berlin, mug):
    put(mug, berlin, 3)
    answer = picker.post("/inventory/counts/new/", {"location": berlin.pk, "bins": "a-01..a-02"})
    count = CycleCount.objects.get()
    assert answer.url == f"/inventory/counts/{count}/"
    page = f"/inventory/counts/{count}/scan/"
    assert "Next: A-01" in text_of(picker.get(page))

    picker.post(f"{page}code/", {"code": "A-01"})
    picker.post(f"{page}code/", {"code": "mug"})
    assert '<strong class="num push">1</strong>' in text_of(picker.get(page))
    picker.post(f"{page}units/", {"code": "MUG", "units": "2"})
    picker.post(f"{page}done/")

    assert CountedBin.objects.get(bin__code="A-01").state == "differs"
    assert "Next: A-02" in text_of(picker.get(page))


def test_who_counts_is_not_told_what_the_books_say(picker, berlin, mug):
    put(mug, berlin, 4711)
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    row = counting.begin(count, "A-01", by=picker.user)
    counting.say(row, "MUG", 4710, by=picker.user)
    counting.finish(row, by=picker.user)

    page = text_of(picker.get(f"/inventory/counts/{count}/"))

    assert "4711" not in page
    assert "Whoever counts does not see what the books say" in page
    assert "Approve" not in page


def test_a_wrong_scan_stays_on_the_page_and_says_what_it_is(picker, berlin):
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)

    answer = picker.post(f"/inventory/counts/{count}/scan/code/", {"code": "nonsense"})

    assert answer.status_code == 422
    assert "“nonsense” is not a bin of" in text_of(answer)


@pytest.mark.parametrize("units", ["", "-1", "many", "9" * 4000])
def test_units_that_are_no_number_are_asked_for_again(picker, berlin, mug, units):
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    counting.begin(count, "A-01", by=picker.user)

    answer = picker.post(f"/inventory/counts/{count}/scan/units/", {"code": "MUG", "units": units})

    assert (answer.status_code, "Say which SKU" in text_of(answer)) == (422, True)


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "bins"), ({"bins": "Z-99"}, "bins"), ({"skus": "NOPE"}, "skus"), ({"bins": "A-01..A-99999"}, "bins")],
)
def test_a_count_of_nothing_is_not_made(lead, berlin, said, field):
    answer = lead.post("/inventory/counts/new/", {"location": berlin.pk, **said})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not CycleCount.objects.exists()


def test_a_lead_sees_the_differences_and_sends_a_bin_back(lead, berlin, mug):
    put(mug, berlin, 5)
    count = counting.plan(berlin, bins=[berlin.bins.get(code="A-01")], by=SYSTEM)
    piet = User.objects.create_user("piet@example.com", "x", name="Piet", role="picker", all_locations=True)
    row = counting.begin(count, "A-01", by=piet)
    counting.say(row, "MUG", 4, by=piet)
    counting.finish(row, by=piet)
    assert '<td class="num strong" data-label="Difference">-1</td>' in text_of(lead.get(f"/inventory/counts/{count}/"))

    lead.post(reverse("inventory:count-again", args=[count.number, row.pk]))

    row.refresh_from_db()
    assert (row.state, row.round) == ("recount", 2)


def test_counts_of_other_places_are_not_there(picker, hamburg):
    count = counting.plan(hamburg, bins=[hamburg.bins.get(code="A-01")], by=SYSTEM)

    assert picker.get(f"/inventory/counts/{count}/").status_code == 404
    assert picker.get(f"/inventory/counts/{count}/scan/").status_code == 404
    assert str(count) not in text_of(picker.get("/inventory/counts/?q=state:open"))
