"""Timeline, invoices and mails: numbered without a gap, written once, never changed."""

import io
import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.utils import DatabaseError
from pypdf import PdfReader

from oms.common import outbox
from oms.common.actors import SYSTEM
from orders import documents, holds, lifecycle, notes, notifications
from orders.models import CustomerMail, Document, OrderEvent
from tests.factories.fulfillment import confirmed_order, person
from tests.factories.inventory import SkuFactory
from tests.fulfillment.books import breaches


@pytest.fixture
def order(db):
    return confirmed_order({SkuFactory(code="MUG"): 3}, price="9.99", tax="1.90", shipping="4.90")


def together(*calls: Callable[[], object]) -> list[Exception]:
    """All at the same moment; what went wrong."""
    barrier, failed = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            call()
        except Exception as e:
            failed.append(e)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed


@pytest.mark.django_db(transaction=True)
def test_events_have_no_gap_however_many_write_at_once():
    order = confirmed_order({SkuFactory(): 1})
    lead = person()
    start = order.event_count

    def write(n: int) -> Callable[[], object]:
        fresh = type(order).objects.get(pk=order.pk)
        return lambda: notes.add(fresh, f"Note {n}", by=lead)

    assert together(*(write(n) for n in range(8))) == []

    assert list(order.events.order_by("seq").values_list("seq", flat=True)) == list(range(1, start + 9))
    assert breaches() == {}


def test_an_event_can_not_be_changed_or_taken_back(order):
    for change in (
        lambda: OrderEvent.objects.update(verb="x"),
        lambda: OrderEvent.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append"), transaction.atomic():
            change()


def test_a_person_is_named_in_the_timeline(order):
    lead = person("lead")

    notes.add(order, "  Called back  ", pinned=True, by=lead)

    event = order.events.order_by("seq").last()
    assert (event.verb, event.user, event.actor_kind, event.particulars["text"]) == (
        "note.added",
        lead,
        "user",
        "Called back",
    )


def test_invoices_of_parts_add_up_to_the_whole(order):
    line = order.lines.get()

    parts = [documents.invoice(order, key=f"s{n}", units={line.pk: 1}, by=SYSTEM) for n in range(3)]

    assert sum(Decimal(part.facts["total"]) for part in parts) == order.total
    assert [Decimal(part.facts["shipping"]) for part in parts] == [Decimal("4.90"), 0, 0]
    assert documents.missing_numbers(parts[0].series) == []


def test_an_invoice_is_written_once_for_its_key_and_can_be_read(order):
    line = order.lines.get()
    first, again = (documents.invoice(order, key="s1", units={line.pk: 3}, by=SYSTEM) for _ in range(2))

    text = PdfReader(io.BytesIO(bytes(first.pdf))).pages[0].extract_text()
    assert first == again
    assert first.number in text
    assert "MUG" in text
    assert order.events.filter(verb="document.issued").count() == 1


@pytest.mark.django_db(transaction=True)
def test_invoice_numbers_have_no_gap_however_many_are_written_and_rolled_back():
    orders = [confirmed_order({SkuFactory(): 1}) for _ in range(8)]

    def write(n: int) -> Callable[[], object]:
        order, line = orders[n], orders[n].lines.get()

        def call() -> None:
            with transaction.atomic():
                documents.invoice(order, key=f"s{n}", units={line.pk: 1}, by=SYSTEM)
                if n % 2:
                    raise KeyError

        return call

    failed = together(*(write(n) for n in range(8)))

    assert [type(e) for e in failed] == [KeyError] * 4
    numbers = sorted(int(number.rpartition("-")[2]) for number in Document.objects.values_list("number", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert breaches() == {}


def test_a_credit_note_tells_its_parts(order):
    parts = {"goods": "9.99", "discount": "1.00", "tax": "1.90", "shipping": "0", "fee": "2.00"}

    paper = documents.credit_note(order, key="r1", amount=Decimal("8.89"), breakdown=parts, by=SYSTEM)

    assert paper.facts["breakdown"] == [
        {"label": "Goods", "amount": "9.99"},
        {"label": "Discount", "amount": "-1.00"},
        {"label": "Tax", "amount": "1.90"},
        {"label": "Fee", "amount": "-2.00"},
    ]


@pytest.mark.parametrize("kind", ["confirmed", "delivered", "cancelled", "shipped", "out_for_delivery", "refund"])
def test_each_kind_of_mail_is_written_in_words_and_told_once(order, kind):
    CustomerMail.objects.all().delete()

    first = notifications.queue(order, kind, key="once")
    again = notifications.queue(order, kind, key="once")

    assert first == again
    assert order.number in first.subject
    assert order.customer_name in first.text
    assert "{" not in first.text + first.html
    assert "</html>" in first.html


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_once():
    order = confirmed_order({SkuFactory(): 1})
    for _ in range(2):
        notifications.queue(order, "delivered", key="delivered")

    outbox.drain()
    outbox.drain()

    told = [letter for letter in mail.outbox if "has arrived" in letter.subject]
    assert [letter.to for letter in told] == [["ada@example.org"]]
    assert CustomerMail.objects.get(key="delivered").sent_at is not None


def test_a_customer_without_address_gets_no_mail(order):
    order.email = ""

    assert notifications.queue(order, "delivered", key="x") is None


def test_an_order_is_confirmed_once_and_not_while_held(db):
    order = confirmed_order({SkuFactory(): 1}, confirmed=False)
    hold = holds.place(order, type="address", reason="Look", by=SYSTEM)
    with pytest.raises(holds.Held):
        lifecycle.confirm(order, by=SYSTEM)
    holds.resolve(hold, by=SYSTEM)

    for _ in range(2):
        lifecycle.confirm(order, by=SYSTEM)

    assert order.events.filter(verb="order.confirmed").count() == 1


def test_a_closed_order_opens_again_with_a_reason(order):
    lifecycle.close(order, by=SYSTEM)
    lifecycle.reopen(order, reason="A parcel came back", by=SYSTEM)

    assert (order.state, order.closed_at) == ("confirmed", None)
    assert order.events.order_by("seq").last().particulars == {"reason": "A parcel came back"}
