"""First come, first served, however many ask at once; what is granted is kept for its order, or comes back."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from fulfillment import accepting
from inventory import wishes
from inventory.models import StockLevel, StockMovement, Wish
from inventory.stock import StockRefused
from inventory.wishes import holder_of
from oms.common.actors import SYSTEM
from orders import intake
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.fulfillment import books
from tests.together import at_once


@pytest.fixture
def mug(db):
    """Five in Berlin, three in Munich."""
    mug = SkuFactory(code="MUG")
    put(mug, LocationFactory(code="BER"), 5)
    put(mug, LocationFactory(code="MUC"), 3)
    return mug


def ask(sku, *units):
    return [wishes.ask(sku, n, holder=f"web:{number}", by=SYSTEM) for number, n in enumerate(units)]


def states(asked):
    return [Wish.objects.get(pk=wish.pk).state for wish in asked]


def test_who_asked_first_is_served_first(mug):
    asked = ask(mug, 2, 2, 2, 2, 2)

    assert wishes.decide() == (3, 2)
    assert states(asked) == ["granted", "granted", "granted", "refused", "refused"]
    assert books.breaches() == {}


def test_a_wish_that_no_place_can_fill_alone_is_refused_and_the_next_one_served(mug):
    asked = ask(mug, 6, 5)

    assert wishes.decide() == (1, 1)
    assert states(asked) == ["refused", "granted"]


def test_granted_units_can_not_be_sold_to_others(mug):
    ask(mug, 5, 3)
    wishes.decide()

    assert list(StockLevel.objects.order_by("pk").values_list("reserved", "available")) == [(5, 0), (3, 0)]
    moved = StockMovement.objects.filter(kind="reserved").order_by("location")
    assert list(moved.values_list("reserved", flat=True)) == [5, 3]


def test_asking_twice_is_one_wish(mug):
    [first], [again] = ask(mug, 2), ask(mug, 2)

    assert (first.pk, Wish.objects.count()) == (again.pk, 1)
    with pytest.raises(StockRefused, match="asked for 2 of MUG before"):
        ask(mug, 3)


def test_those_who_asked_before_are_counted(mug):
    asked = ask(mug, 1, 1, 1)

    assert [wishes.ahead_of(wish) for wish in asked] == [0, 1, 2]


def test_what_runs_out_is_there_for_everybody_again(mug):
    asked = ask(mug, 5)
    wishes.decide()
    Wish.objects.update(expires_at=Now() - timedelta(seconds=1))

    assert (wishes.expire(), wishes.expire()) == (1, 0)
    assert (states(asked), StockLevel.objects.get(location__code="BER").available) == (["expired"], 5)
    assert books.breaches() == {}


@pytest.mark.parametrize("decided", [False, True])
def test_a_wish_that_is_given_up_lets_the_next_one_in(mug, decided):
    first, second = ask(mug, 5, 5)
    if decided:
        wishes.decide()

    wishes.give_up(first, by=SYSTEM)
    wishes.decide()

    assert states([first, second]) == ["dropped", "refused" if decided else "granted"]
    assert books.breaches() == {}


def test_the_order_takes_the_units_that_were_kept_for_it(mug, django_capture_on_commit_callbacks):
    web = channel()
    mine = wishes.ask(mug, 5, holder=holder_of("web", "A-1"), by=SYSTEM)
    wishes.ask(mug, 3, holder=holder_of("web", "A-2"), by=SYSTEM)
    wishes.decide()

    with django_capture_on_commit_callbacks(execute=True):
        order = intake.take(external(line("MUG", 5), external_id="A-1"), channel=web, by=SYSTEM).order
        accepting.accept_waiting()

    assert (books.counters(order), books.work(order)) == ([{"allocated": 5}], [("BER", "open", 5)])
    mine.refresh_from_db()
    assert mine.state == "used"
    assert books.breaches() == {}


def test_an_order_without_a_wish_finds_nothing(mug, django_capture_on_commit_callbacks):
    ask(mug, 5, 3)
    wishes.decide()

    with django_capture_on_commit_callbacks(execute=True):
        order = intake.take(external(line("MUG", 1), external_id="A-9"), channel=channel(), by=SYSTEM).order

    assert books.counters(order) == [{"backordered": 1}]


@pytest.mark.django_db(transaction=True)
def test_deciders_side_by_side_grant_what_there_is_in_the_order_of_the_queue():
    mug = SkuFactory(code="MUG")
    put(mug, LocationFactory(code="BER"), 300)
    Wish.objects.bulk_create([Wish(sku=mug, holder=f"web:{n}", units=1) for n in range(1000)])

    told = at_once(*[wishes.decide] * 6)
    wishes.decide()

    granted = list(Wish.objects.order_by("pk").values_list("state", flat=True))
    assert all(isinstance(answer, tuple) for answer in told)
    assert granted == ["granted"] * 300 + ["refused"] * 700
    assert books.breaches() == {}
