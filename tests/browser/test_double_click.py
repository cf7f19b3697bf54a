"""T14: an impatient hand presses twice; the form is sent once, or the second time changes nothing."""

import pytest

from inventory.models import StockLevel
from orders.models import Note, Payment
from tests.factories.fulfillment import confirmed_order
from tests.factories.inventory import LocationFactory, SkuFactory, put

pytestmark = pytest.mark.browser


def test_two_clicks_in_a_moment_are_one_effect(at, person):
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    put(mug, berlin, 5)
    order = confirmed_order({mug: 1}, paid=False)
    page = at("lead")

    page.goto(f"/orders/{order.number}/notes/")
    page.get_by_label("Note", exact=True).fill("She calls back")
    page.get_by_role("button", name="Add the note").dblclick()
    page.wait_for_url(f"**/orders/{order.number}/")
    assert Note.objects.count() == 1

    page.goto(f"/orders/{order.number}/payments/")
    page.get_by_role("button", name="Record it").dblclick()
    page.wait_for_url(f"**/orders/{order.number}/")
    assert [payment.amount for payment in Payment.objects.all()] == [order.total]

    page.goto("/inventory/skus/MUG/adjust/")
    page.get_by_label("Units more or less").fill("3")
    page.locator("select[name=reason]").select_option("found")
    page.locator("main form[method=post] button[type=submit]").dblclick()
    page.wait_for_url("**/inventory/skus/MUG/")
    assert StockLevel.objects.get().on_hand == 8
