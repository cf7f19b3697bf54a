"""The rail's numbers: one small answer, of one's own places only, never more than a thousand."""

from django.test import Client

from oms.accounts.models import User
from oms.common import cases
from oms.common.actors import SYSTEM
from oms.desk import counts
from oms.desk.home import GROUPS


def test_every_number_is_that_of_a_queue_of_the_first_page():
    words = {queue.word for group in GROUPS.values() for queue in group}

    assert {word for place in counts.PLACES.values() for word in place} <= words


def test_a_role_is_told_of_its_own_places(db):
    picker = User.objects.create_user("p@example.com", None, name="P", role="picker", all_locations=True)

    assert counts.of(picker) == {"pick": 0}


def test_what_waits_is_counted_and_remembered_for_a_moment(db, django_assert_num_queries):
    lead = User.objects.create_user("l@example.com", None, name="L", role="lead", all_locations=True)
    cases.open_case("label_failed", "order:1", title="A label failed", key="label:1", by=SYSTEM)
    client = Client()
    client.force_login(lead)

    assert client.get("/counts/").json()["exceptions"] == 1
    with django_assert_num_queries(2):  # session and person
        assert client.get("/counts/").json()["exceptions"] == 1
