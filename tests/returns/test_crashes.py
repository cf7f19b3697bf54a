"""T06: a process dies in the middle of a step. Nothing of it is true afterwards, and doing it again does it once."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from oms.common import outbox
from oms.common.models import OutboxMessage
from orders.models import Channel, Order
from returns import authorisation, inspection, receiving, refunds
from returns.eligibility import Want
from returns.models import Inspection, Refund, Return, ReturnLine
from tests.dying import dies
from tests.factories.returns import asked, delivered, inspected, policy, received
from tests.fulfillment import books

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = Path(__file__).resolve().parents[2] / "returns"


@pytest.fixture
def sent(berlin, mug, lead) -> Order:
    policy(label_included=False)
    return delivered({mug: 2}, at=berlin, by=lead)


def _ask(sent, lead):
    want = Want(sent.lines.get().pk, 1, "other")
    return lambda: authorisation.request(sent, [want], by=lead)


def _scan(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    return lambda: receiving.scan(rma, "MUG", by=lead)


def _inspect(sent, lead):
    line = received(asked(sent, by=lead, MUG=1), by=lead).lines.get()
    return lambda: inspection.inspect(line, quantity=1, disposition="restock", by=lead)


def _refund(sent, lead):
    rma = inspected(asked(sent, by=lead, MUG=1), by=lead)
    key = refunds.key_of(rma)
    return lambda: refunds.submit_return(rma, key=key, by=lead)


POINTS = {
    "return.spoken_for": _ask,
    "return.scanned": _scan,
    "return.put_away": _inspect,
    "refund.submitted": _refund,
}


def story(order: Order) -> tuple:
    order.refresh_from_db()
    lines = ReturnLine.objects.order_by("pk").values_list("authorised", "received", "accepted", "refunded")
    rows = (Return.objects.count(), Inspection.objects.count(), Refund.objects.count(), OutboxMessage.objects.count())
    return order.refunded_total, list(lines), rows, books.verbs(order)


@pytest.mark.parametrize("point", POINTS)
def test_a_step_that_dies_did_nothing_and_is_done_by_doing_it_again(sent, lead, point):
    verb = POINTS[point](sent, lead)
    before = story(sent)

    assert dies(point, verb)
    assert (story(sent), books.breaches()) == (before, {})

    verb()
    assert (story(sent) != before, books.breaches()) == (True, {})


def test_a_worker_that_dies_after_telling_the_channel_tells_it_once(sent, lead, monkeypatch):
    Channel.objects.update(kind="generic", config={"callback_url": "https://shop.example/oms"})
    monkeypatch.setattr(outbox.tasks, "hint", lambda task, **kwargs: None)
    refund = refunds.submit_amount(sent, Decimal("3"), key="k", reason="Kind", by=lead)
    pay = OutboxMessage.objects.get(topic="refund.pay")

    assert dies("refund.announced", lambda: outbox.deliver(pay.pk))
    refund.refresh_from_db()
    state = refund.state
    OutboxMessage.objects.filter(pk=pay.pk).update(lease_until=None)
    outbox.deliver(pay.pk)
    refund.refresh_from_db()

    assert (state, refund.state) == ("pending", "succeeded")
    assert OutboxMessage.objects.filter(topic="channel.tell").count() == 1
    assert sent.documents.filter(kind="credit_note").count() == 1


def test_every_crash_point_of_this_room_is_tried():
    named = {p for f in ROOM.rglob("*.py") for p in re.findall(r"crash_point\(\"([a-z_.]+)\"", f.read_text())}

    assert named == POINTS.keys() | {"refund.announced"}
