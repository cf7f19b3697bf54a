"""The pages of the floor, as a picker uses them: no script, only form posts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from fulfillment import picking
from fulfillment.models import PickList
from inventory import counting
from oms.common.actors import SYSTEM
from orders import holds
from orders.statuses import HoldType
from tests.factories.fulfillment import person, released, routed
from tests.factories.inventory import put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def picker(client, db):
    client.user = person("picker")
    client.force_login(client.user)
    return client


@pytest.fixture
def walk(berlin, mug, lead):
    put(mug, berlin, 5)
    _, [work] = routed({mug: 2})
    return released(work, by=lead)


def post(client, name, walk, task=None, **said):
    args = [walk.number] + ([task.pk] if task else [])
    return client.post(reverse(f"fulfillment:{name}", args=args), said)


def test_a_whole_list_is_picked_by_posts(picker, walk):
    picker.post(reverse("fulfillment:place"), {"location": walk.location_id})
    assert walk.number in picker.get(reverse("fulfillment:pick")).content.decode()
    taken = picker.post(reverse("fulfillment:pick-claim"), {})
    assert taken.url == reverse("fulfillment:pick-list", args=[walk.number])
    while task := picking.next_task(walk):
        assert task.bin.code in picker.get(taken.url).content.decode()
        assert post(picker, "pick-scan", walk, task, code=task.bin.code).status_code == 302
        assert post(picker, "pick-scan", walk, task, code=task.sku.code, quantity=task.remaining).status_code == 302
        task.refresh_from_db()
        if task.state == "pending":
            assert post(picker, "pick-scan", walk, task, code="T-1").status_code == 302
    walk.refresh_from_db()
    assert walk.state == "done"


def test_a_wrong_scan_says_what_it_was(picker, walk, mug):
    picker.post(reverse("fulfillment:pick-claim"), {"list": walk.number})
    task = picking.next_task(walk)
    wrong = post(picker, "pick-scan", walk, task, code="NOWHERE")
    assert wrong.status_code == 422
    assert f"is not a bin here. Go to {task.bin}." in wrong.content.decode()
    post(picker, "pick-scan", walk, task, code=task.bin.code)
    wrong = post(picker, "pick-scan", walk, task, code="WHAT")
    assert wrong.status_code == 422
    assert "is not known. Wanted: MUG" in wrong.content.decode()


def test_a_double_submit_counts_once_and_undo_and_short_work(picker, walk):
    picker.post(reverse("fulfillment:pick-claim"), {"list": walk.number})
    task = picking.next_task(walk)
    post(picker, "pick-scan", walk, task, code=task.bin.code)
    for _ in range(2):
        post(picker, "pick-scan", walk, task, code="MUG", idempotency_key="one-scan")
    task.refresh_from_db()
    assert task.picked == 1
    post(picker, "pick-undo", walk, task)
    task.refresh_from_db()
    assert task.picked == 0
    assert post(picker, "pick-short", walk, task, found="").status_code == 422
    assert post(picker, "pick-short", walk, task, found=1, reason="not_found").status_code == 302
    task.refresh_from_db()
    assert task.state != "pending"


def test_skip_and_giving_back(picker, walk):
    picker.post(reverse("fulfillment:pick-claim"), {"list": walk.number})
    assert post(picker, "pick-skip", walk, picking.next_task(walk)).status_code == 302
    assert post(picker, "pick-finish", walk).status_code >= 400
    assert post(picker, "pick-unclaim", walk).status_code == 302
    assert PickList.objects.get().state == "open"


def test_another_location_is_not_found(picker, walk):
    picker.user.all_locations = False
    picker.user.save()
    assert picker.get(reverse("fulfillment:pick-list", args=[walk.number])).status_code == 404
    assert picker.post(reverse("fulfillment:place"), {"location": walk.location_id}).status_code == 404
    assert picker.post(reverse("fulfillment:pick-claim"), {"list": walk.number}).status_code == 404


def test_work_is_listed_shown_and_recalled(client, lead, walk):
    client.force_login(lead)
    work = walk.tasks.get().fulfillment_line.fulfillment_order
    assert work.number in client.get(reverse("fulfillment:index") + "?q=").content.decode()
    assert client.get(reverse("fulfillment:show", args=[work.number])).status_code == 200
    for verb, state in (("recall", "open"), ("release", "released")):
        client.post(reverse(f"fulfillment:{verb}", args=[work.number]))
        work.refresh_from_db()
        assert work.state == state


def test_a_claim_that_ran_out_is_offered_and_can_be_taken_over(picker, walk):
    other = person("picker")
    picking.claim(other, walk.location, pick_list=walk)
    picker.post(reverse("fulfillment:place"), {"location": walk.location_id})
    page = reverse("fulfillment:pick")
    assert list(picker.get(page).context["free"]) == []
    PickList.objects.update(claimed_until=timezone.now() - timedelta(minutes=1))
    shown = picker.get(page)
    assert [one.number for one in shown.context["free"]] == [walk.number]
    assert f"{other} went silent, the claim ran out" in shown.content.decode()
    assert picker.post(reverse("fulfillment:pick-claim"), {"list": walk.number}).status_code == 302
    assert PickList.objects.get().picker == picker.user
    assert [one.number for one in picker.get(page).context["mine"]] == [walk.number]


def test_my_own_claim_that_ran_out_is_mine_and_listed_once(picker, walk):
    picking.claim(picker.user, walk.location, pick_list=walk)
    PickList.objects.update(claimed_until=timezone.now() - timedelta(minutes=1))
    picker.post(reverse("fulfillment:place"), {"location": walk.location_id})
    shown = picker.get(reverse("fulfillment:pick")).context
    assert ([one.number for one in shown["mine"]], list(shown["free"])) == ([walk.number], [])


def test_what_a_hold_stops_is_not_offered(picker, walk):
    picker.post(reverse("fulfillment:place"), {"location": walk.location_id})
    order = walk.tasks.first().fulfillment_line.fulfillment_order.order
    holds.place(order, type=HoldType.REVIEW, reason="Please look", by=SYSTEM)
    assert list(picker.get(reverse("fulfillment:pick")).context["free"]) == []


def test_the_picker_sees_that_the_bin_is_being_counted(picker, walk, lead):
    picker.post(reverse("fulfillment:place"), {"location": walk.location_id})
    page = picker.post(reverse("fulfillment:pick-claim"), {}).url
    assert "Being counted" not in picker.get(page).content.decode()

    counting.plan(walk.location, bins=walk.location.bins.filter(code="A-01"), by=lead)

    assert "Being counted" in picker.get(page).content.decode()
