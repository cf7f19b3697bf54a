"""A label is bought once, whatever happens on the line. Each test ends by comparing the carrier's books with ours."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from carriers import labels, signals
from carriers.labels import AlreadyLabelled, OverLimit
from carriers.models import Label, Tracker
from oms.common import outbox
from oms.common.actors import SYSTEM
from oms.common.errors import Invalid, Refused
from oms.common.models import ExceptionCase, OutboxMessage
from tests.factories.carriers import label_request

pytestmark = pytest.mark.django_db


def ask(account, reference="SH-1001/1", **told) -> Label:
    return labels.request(label_request(reference, **told), account=account, by=SYSTEM)


def work() -> None:
    """What a worker does; one transaction stands still, so its messages are made due first."""
    OutboxMessage.objects.filter(state="new").update(next_at=timezone.now() - timedelta(days=1))
    outbox.drain()


def ours(account) -> list[tuple[str, str, Decimal]]:
    bought = Label.objects.filter(account=account, state="bought").order_by("reference")
    return [(label.reference, label.tracking_number, label.cost) for label in bought]


def theirs(carrier) -> list[tuple[str, str, Decimal]]:
    sold = [row for row in carrier.books.told()["labels"] if row["state"] == "sold"]
    return sorted((row["reference"], row["number"], Decimal(row["price"])) for row in sold)


def calls(carrier, verb) -> int:
    return carrier.books.told()["calls"].get(verb, 0)


def test_a_label_is_bought_with_its_paper_and_watched(fake, carrier):
    label = labels.buy(ask(fake).pk)

    assert (label.state, label.cost_money.currency) == ("bought", "EUR")
    assert (bytes(label.pdf)[:5], label.zpl[:3]) == (b"%PDF-", "^XA")
    assert label.tracker.tracking_number == label.tracking_number
    assert ours(fake) == theirs(carrier) != []


def test_the_outbox_buys_what_was_asked_for_and_tells_it(fake, carrier, django_capture_on_commit_callbacks):
    heard = []
    signals.label_settled.connect(lambda label_id, **_: heard.append(label_id), weak=False, dispatch_uid="test")
    label = ask(fake)

    with django_capture_on_commit_callbacks(execute=True):
        work()

    signals.label_settled.disconnect(dispatch_uid="test")
    assert heard == [label.pk]
    assert OutboxMessage.objects.get().state == "delivered"
    assert ours(fake) == theirs(carrier) != []


def test_the_same_box_asked_for_twice_is_one_label(fake):
    assert ask(fake).pk == ask(fake).pk
    with pytest.raises(AlreadyLabelled):
        ask(fake, service_code="express")


@pytest.mark.parametrize("kind", ["cut_after", "500_after", "garbled"])
def test_a_lost_answer_leaves_unknown_and_is_looked_up_not_bought_again(fake, carrier, faulty, kind):
    faulty("buy", kind)
    label = labels.buy(ask(fake).pk)
    assert label.state == "unknown"

    label = labels.resolve(label.pk)

    assert (label.state, calls(carrier, "buy"), calls(carrier, "find")) == ("bought", 1, 1)
    assert ours(fake) == theirs(carrier) != []


@pytest.mark.parametrize("kind", ["503_before", "cut_before"])
def test_what_was_never_done_is_done_at_the_second_try(fake, carrier, faulty, kind):
    faulty("buy", kind)
    label = labels.buy(ask(fake).pk)
    assert (label.state, theirs(carrier)) == ("unknown", [])

    label = labels.resolve(label.pk)

    assert (label.state, calls(carrier, "buy")) == ("bought", 2)
    assert ours(fake) == theirs(carrier) != []


def test_retry_after_is_honoured(fake, carrier, faulty):
    faulty("buy", "429", seconds=40)
    label = ask(fake)
    with pytest.raises(outbox.Later) as asked:
        outbox.HANDLERS["carrier.label"](OutboxMessage(payload={"label": label.pk}))

    label.refresh_from_db()
    assert 35 < asked.value.seconds <= 40
    assert (label.state, label.asked_at, labels.buy(label.pk).state) == ("requested", None, "requested")
    assert calls(carrier, "buy") == 1


def test_a_label_is_failed_when_the_carrier_refuses_it_and_the_box_may_have_another(fake, carrier, faulty):
    faulty("buy", "refuse")
    first = labels.buy(ask(fake).pk)
    second = labels.buy(ask(fake).pk)

    assert (first.state, first.problem) == ("failed", "Refused on purpose.")
    assert (second.state, second.reference) == ("bought", "SH-1001/1-2")
    assert ours(fake) == theirs(carrier) != []


def test_a_carrier_that_can_not_be_reached_is_tried_again_and_given_up_at_last(fake, carrier, settings):
    settings.FAKE_CARRIER_URL = "http://127.0.0.1:1"
    settings.OMS_ALLOW_PRIVATE_HOSTS = ["127.0.0.1:1"]
    label = ask(fake)
    for _ in range(7):
        assert labels.resolve(label.pk).state == "requested"

    label = labels.resolve(label.pk)

    fake.refresh_from_db()
    assert (label.state, label.problem, fake.health) == ("failed", "The carrier can't be reached.", "failing")
    assert ExceptionCase.objects.get().kind == "carrier_unwell"


def test_two_workers_at_one_label_buy_once(fake, carrier):
    label = ask(fake)
    Label.objects.filter(pk=label.pk).update(lease_until=timezone.now() + timedelta(seconds=60))

    assert labels.buy(label.pk).state == "requested"
    assert theirs(carrier) == []


@pytest.mark.django_db(transaction=True)
def test_a_carrier_is_never_asked_inside_a_transaction(fake):
    label = ask(fake)
    with pytest.raises(RuntimeError), transaction.atomic():
        labels.buy(label.pk)


def test_a_voided_label_is_void_in_both_books_and_the_box_gets_another_at_once(fake, carrier):
    first = labels.buy(ask(fake).pk)
    labels.void(first.pk, by=SYSTEM)
    second = ask(fake, service_code="express")
    work()

    first.refresh_from_db()
    assert (first.state, first.tracker.status) == ("voided", "cancelled")
    assert [row["state"] for row in carrier.books.told()["labels"]] == ["void", "sold"]
    assert ours(fake) == theirs(carrier) == [(second.reference, *ours(fake)[0][1:])]


def test_a_label_nobody_was_asked_for_is_void_at_once(fake, carrier):
    label = labels.void(ask(fake).pk, by=SYSTEM)
    work()

    assert (label.state, theirs(carrier), calls(carrier, "buy")) == ("voided", [], 0)


def test_an_unknown_label_that_is_not_wanted_is_found_and_then_voided(fake, carrier, faulty):
    faulty("buy", "cut_after")
    label = labels.buy(ask(fake).pk)
    labels.void(label.pk, by=SYSTEM)
    assert labels.resolve(label.pk).state == "bought"

    OutboxMessage.objects.filter(topic="carrier.label").delete()
    work()

    label.refresh_from_db()
    assert (label.state, theirs(carrier)) == ("voided", [])


def test_a_parcel_on_its_way_is_not_taken_back_and_a_person_is_told(fake, carrier):
    label = labels.buy(ask(fake).pk)
    carrier.desk.advance({"all": True})
    labels.void(label.pk, by=SYSTEM)
    work()

    label.refresh_from_db()
    assert (label.state, label.problem) == ("bought", "The parcel is on its way.")
    assert ExceptionCase.objects.get().kind == "label_not_voided"


def test_limits_of_spending_are_kept(fake):
    fake.label_limit, fake.daily_limit = Decimal("10"), Decimal("15")
    fake.save()
    with pytest.raises(OverLimit):
        labels.request(label_request(), account=fake, quoted=Decimal("10.01"), by=SYSTEM)
    labels.request(label_request(), account=fake, quoted=Decimal("9"), by=SYSTEM)
    with pytest.raises(OverLimit):
        labels.request(label_request("SH-1001/2"), account=fake, quoted=Decimal("7"), by=SYSTEM)


def test_a_service_that_does_not_take_the_parcel_says_why(fake):
    fake.services.update(max_length_mm=150)
    with pytest.raises(Invalid, match="longer than 15 cm"):
        ask(fake)


def test_a_person_decides_what_no_carrier_can_tell(fake, carrier, faulty):
    faulty("buy", "503_before")
    label = labels.buy(ask(fake).pk)

    assert labels.give_up(label.pk, by=SYSTEM).state == "failed"
    with pytest.raises(Refused):
        labels.give_up(label.pk, by=SYSTEM)


def test_own_rate_tables_print_a_label_with_a_number_that_follows_from_the_box(van):
    label = labels.buy(ask(van).pk)

    assert (label.state, label.cost, bytes(label.pdf)[:5]) == ("bought", Decimal("4.90"), b"%PDF-")
    assert (label.tracking_number[:3], len(label.tracking_number)) == ("VAN", 16)
    assert f"^FD{label.tracking_number}^FS" in label.zpl
    assert Tracker.objects.get().next_poll_at is None
