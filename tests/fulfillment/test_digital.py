import pytest

from fulfillment import digital
from inventory import skus
from orders import holds
from orders.models import DigitalGrant
from orders.statuses import HoldType
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import SkuFactory
from tests.fulfillment import books


@pytest.fixture
def order(db):
    return confirmed_order({SkuFactory(code="SONG", digital=True): 2}, method="digital")


def test_an_order_of_downloads_is_delivered_by_mail_and_closed(order):
    digital.deliver(order.pk)

    order.refresh_from_db()
    grant = DigitalGrant.objects.get()
    assert (order.state, order.fulfillment_state, grant.quantity) == ("closed", "delivered", 2)
    assert grant.token in order.mails.get(kind="digital").text
    assert books.breaches() == {}


def test_delivering_twice_grants_once(order):
    digital.deliver(order.pk)

    assert digital.deliver(order.pk) is None
    assert (DigitalGrant.objects.count(), order.mails.filter(kind="digital").count()) == (1, 1)


def test_a_hold_keeps_the_links_back(order, lead):
    holds.place(order, type=HoldType.REVIEW, reason="looks odd", by=lead)

    assert digital.deliver(order.pk) is None
    assert DigitalGrant.objects.count() == 0


def test_fetches_of_the_file_are_counted_and_end_when_the_link_is_revoked(order, lead):
    digital.deliver(order.pk)
    token = DigitalGrant.objects.get().token
    with pytest.raises(digital.NoGrant, match="not there yet"):
        digital.fetch(token)

    skus.set_download(order.lines.get().sku, "song.ogg", b"la la", by=lead)
    fetched = [bytes(digital.fetch(token).content) for _ in range(2)]
    assert (fetched, DigitalGrant.objects.get().fetched) == ([b"la la"] * 2, 2)

    digital.revoke(DigitalGrant.objects.get(), by=lead)
    with pytest.raises(digital.NoGrant):
        digital.fetch(token)
