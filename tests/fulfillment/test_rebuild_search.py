"""What an order is found by follows the order, and can be compared with it and put right."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from orders import searching
from orders.models import Order, OrderSearch
from tests.factories.fulfillment import confirmed_order
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db
FINDABLE = "Every order is found by its number, its e-mail address and its phone"


def rebuilt(**options) -> str:
    told = StringIO()
    call_command("rebuild_search", stdout=told, **options)
    return told.getvalue()


def found(text: str) -> list[str]:
    return list(Order.objects.filter(searching.matching(text)).values_list("number", flat=True))


def test_an_order_that_is_found_by_wrong_words_is_named_and_put_right(mug, lamp):
    order, other = confirmed_order({mug: 1}), confirmed_order({lamp: 1})
    assert rebuilt() == "Every order is found by its own words.\n"
    OrderSearch.objects.filter(order=order).update(text=f"{order.number} somebody else")

    with pytest.raises(CommandError, match="1 differ"):
        rebuilt()
    assert rebuilt(write=True) == f"{order.number} is found by other words than its own\n1 put right.\n"

    assert found("mug") == [order.number]
    assert found("lamp") == [other.number]
    assert rebuilt() == "Every order is found by its own words.\n"


def test_an_order_without_words_breaks_a_rule_and_is_put_right(mug):
    order = confirmed_order({mug: 1})
    OrderSearch.objects.all().delete()
    assert list(breaches()) == [FINDABLE]

    rebuilt(write=True)

    assert breaches() == {}
    assert found(order.number) == [order.number]


@pytest.mark.parametrize(
    "text", ["+49 151 2345678", "0151 2345678", "0151/2345678", "2345678", "151234", "491512345678"]
)
def test_a_phone_is_found_however_it_is_written(mug, text):
    order = confirmed_order({mug: 1}, phone="+49 151 2345678")
    confirmed_order({mug: 1}, phone="+49 151 9999999")

    assert found(text) == [order.number]


def test_eight_digits_that_end_no_phone_are_looked_for_everywhere(mug):
    order = confirmed_order({mug: 1}, external_id="R-12345678-B", phone="+49 151 2345678")

    assert found("12345678") == [order.number]
