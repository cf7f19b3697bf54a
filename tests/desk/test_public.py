"""What a customer sees without signing in: the way of the order, one rating after delivery, a download."""

import pytest
from django.utils import timezone

from fulfillment import digital, pickup
from inventory import skus
from oms.desk import public
from orders.models import DigitalGrant, Feedback
from tests.factories.fulfillment import confirmed_order, packed, routed, shipped
from tests.factories.inventory import SkuFactory, put

pytestmark = pytest.mark.django_db


def link(order) -> str:
    return f"/t/{order.tracking_token}/"


def test_the_page_shows_how_far_the_order_is(client, lead, berlin, mug):
    put(mug, berlin, 5)
    order, (work,) = routed({mug: 2})
    assert [step["word"] for step in public.steps(order) if step["at"]] == ["Received", "Confirmed"]
    assert "Nothing has left us yet" in client.get(link(order)).content.decode()
    shipped(work, by=lead)
    page = client.get(link(order)).content.decode()
    assert "2 × Mug" in page
    assert lead.name not in page
    assert "Nothing has left us yet" not in page


def test_an_unknown_link_is_not_found(client):
    assert client.get("/t/nothing-here/").status_code == 404
    assert client.get("/d/nothing-here/").status_code == 404


def test_a_rating_counts_once_and_only_after_delivery(client, mug):
    order = confirmed_order({mug: 1})
    client.post(link(order), {"rating": 5})
    assert not Feedback.objects.exists()
    order.delivered_at = timezone.now()
    order.save(update_fields=["delivered_at"])
    assert client.post(link(order), {"rating": 9}).status_code == 422
    assert client.post(link(order), {"rating": 4, "comment": "Quick"}).status_code == 302
    client.post(link(order), {"rating": 1})
    assert list(Feedback.objects.values_list("order", "rating", "comment")) == [(order.pk, 4, "Quick")]
    assert "You rated this order 4 of 5" in client.get(link(order)).content.decode()


def test_a_download_is_counted_until_it_is_revoked(client, lead):
    book = SkuFactory(code="EBOOK", name="The book", digital=True)
    order = confirmed_order({book: 1}, method="digital")
    digital.deliver(order.pk)
    grant = DigitalGrant.objects.get()
    page = f"/d/{grant.token}/"
    assert page in client.get(link(order)).content.decode()
    assert "The file is not there yet" in client.get(page).content.decode()
    assert client.get(f"{page}file/").status_code == 404

    skus.set_download(book, "the book.pdf", b"%PDF-1.7 once upon a time", by=lead)
    assert f'href="{page}file/"' in client.get(page).content.decode()
    answer = client.get(f"{page}file/")
    assert (answer.getvalue(), answer.headers["Content-Type"]) == (b"%PDF-1.7 once upon a time", public.BYTES)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="the book.pdf"'
    grant.refresh_from_db()
    assert grant.fetched == 1

    digital.revoke(grant, by=lead)
    assert [client.get(url).status_code for url in (page, f"{page}file/")] == [404, 404]


def test_too_many_looks_are_asked_to_wait(client, mug, monkeypatch):
    monkeypatch.setattr(public.throttle, "too_often", lambda *a, **k: 7)
    response = client.get(link(confirmed_order({mug: 1})))
    assert (response.status_code, response["Retry-After"]) == (429, "7")


def test_who_collects_finds_the_code_behind_the_link_while_it_waits(client, berlin, mug, lead):
    berlin.collects = True
    berlin.save()
    put(mug, berlin, 2)
    order, [work] = routed({mug: 1}, method="pickup", store=berlin)
    assert "Your code" not in client.get(link(order)).content.decode()
    packed(work, by=lead)
    work.refresh_from_db()
    assert f'<b class="mono">{work.collect_code}</b>' in client.get(link(order)).content.decode()
    pickup.collect(work, work.collect_code, by=lead)
    assert "Your code" not in client.get(link(order)).content.decode()
