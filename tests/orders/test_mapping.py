"""The order JSON, read without trust: every wrong field is named at once, nothing odd reaches the database."""

import copy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oms.api.orders import EXAMPLE
from orders.channels.base import BadPayload
from orders.channels.generic import mapping
from orders.channels.generic.adapter import Adapter


def read(**changes):
    return mapping.read(copy.deepcopy(EXAMPLE) | changes)


def problems(**changes) -> dict[str, str]:
    with pytest.raises(BadPayload) as refused:
        read(**changes)
    return refused.value.problems


def test_the_example_is_read_whole():
    order = mapping.read(EXAMPLE)

    assert (order.external_id, order.currency, order.shipping, order.method) == (
        "A-1001",
        "EUR",
        Decimal("4.90"),
        "ship",
    )
    assert (order.lines[0].sku, order.lines[0].quantity, order.lines[0].unit_price) == ("MUG", 2, Decimal("25.00"))
    assert (order.payment.state, order.payment.amount) == ("paid", Decimal("54.90"))
    assert (order.shipping_address.city, order.billing_address) == ("Hamburg", None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"placed_at": "1999-12-31T23:59:59Z"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": "2026-11-24T09:30:00"}, "placed_at"),
        ({"placed_at": ["2026"]}, "placed_at"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "€€€"}, "currency"),
        ({"shipping": "4.901"}, "shipping"),
        ({"shipping": "-1"}, "shipping"),
        ({"shipping": "NaN"}, "shipping"),
        ({"shipping": "1e400"}, "shipping"),
        ({"shipping": True}, "shipping"),
        ({"lines": []}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [None]}, "lines.0"),
        ({"lines": [{"sku": "A", "quantity": True, "unit_price": "1"}]}, "lines.0.quantity"),
        ({"lines": [{"sku": "A", "quantity": 1, "unit_price": "1", "discount": "1.01"}]}, "lines.0.discount"),
        ({"lines": [{"sku": "A", "quantity": 9, "unit_price": "100000000"}] * 500}, "lines"),
        ({"lines": [{"sku": "A", "quantity": 1, "unit_price": "1"}] * 501}, "lines"),
        ({"promo_codes": [1]}, "promo_codes"),
        ({"promo_codes": "TEN"}, "promo_codes"),
        ({"payment": {"state": "paid"}}, "payment.amount"),
        ({"customer": []}, "customer"),
        ({"note": {"a": 1}}, "note"),
        ({"external_id": "x" * 121}, "external_id"),
    ],
)
def test_a_wrong_field_is_named(changes, field):
    assert field in problems(**changes)


@pytest.mark.parametrize("currency_and_amount", [("JPY", "1235"), ("KWD", "1.235"), ("EUR", "12.30"), ("EUR", 12.3)])
def test_amounts_have_the_decimals_of_their_currency(currency_and_amount):
    currency, amount = currency_and_amount

    order = read(currency=currency, shipping=amount, payment={}, lines=[{"sku": "A", "quantity": 1, "unit_price": 1}])

    assert order.shipping == Decimal(str(amount))


def test_letters_that_no_database_takes_are_replaced():
    order = read(note="a\x00b \ud800", customer={"name": "\udfff"})

    assert (order.note, order.customer_name) == ("ab ?", "?")


def test_a_body_that_is_nested_without_end_is_refused():
    with pytest.raises(BadPayload) as refused:
        Adapter().read(None, {}, b"[" * 200_000)

    assert list(refused.value.problems) == ["body"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*EXAMPLE, "sku", "state"]), inner),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(list(EXAMPLE)), JSON, max_size=4))
def test_whatever_comes_is_read_or_refused_with_its_fields(changes):
    try:
        order = mapping.read({**EXAMPLE, **changes})
    except BadPayload as refused:
        named = refused.problems
    else:
        named = {"external_id": order.external_id, "fingerprint": order.fingerprint}
    assert named
    assert all(named.values())
