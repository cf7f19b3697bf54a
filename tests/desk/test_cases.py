"""Exceptions in the browser: taken by somebody, put off to a day, resolved with a word; once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oms.common import cases
from oms.common.actors import SYSTEM
from oms.common.models import ExceptionCase
from tests.factories.fulfillment import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return cases.open_case("label", "shipment:1", title="No label", detail="Refused", key="label:1", by=SYSTEM)


def test_only_who_decides_sees_them(client, case, lead):
    client.force_login(person("picker"))
    assert client.get("/cases/").status_code == 403
    assert client.get(f"/cases/{case.pk}/").status_code == 403
    assert client.post(f"/cases/{case.pk}/resolve/", {"resolution": "x"}).status_code == 403
    client.force_login(lead)
    assert "No label" in client.get("/cases/").content.decode()


def test_assign_snooze_and_resolve(client, case, lead):
    client.force_login(lead)
    assert client.get(f"/cases/{case.pk}/").status_code == 200
    client.post(f"/cases/{case.pk}/assign/", {"owner": lead.pk})
    case.refresh_from_db()
    assert case.owner == lead
    day = timezone.localdate() + timedelta(days=2)
    client.post(f"/cases/{case.pk}/snooze/", {"until": day.isoformat(), "reason": "the carrier answers"})
    case.refresh_from_db()
    assert (case.state, case.snooze_reason) == ("snoozed", "the carrier answers")
    assert timezone.localdate(case.snoozed_until) == day
    assert "No label" not in client.get("/cases/", {"q": "is:attention"}).content.decode()
    client.post(f"/cases/{case.pk}/resolve/", {"resolution": "Bought elsewhere"})
    client.post(f"/cases/{case.pk}/resolve/", {"resolution": "Again"})
    case.refresh_from_db()
    assert (case.state, case.resolution) == ("resolved", "Bought elsewhere")


def test_a_day_gone_by_and_an_empty_word_are_refused(client, case, lead):
    client.force_login(lead)
    gone = timezone.localdate().isoformat()
    assert client.post(f"/cases/{case.pk}/snooze/", {"until": gone, "reason": "x"}).status_code == 422
    assert client.post(f"/cases/{case.pk}/resolve/", {}).status_code == 422
    assert ExceptionCase.objects.get().state == "open"
