"""Two of three mugs come back: an agent asks, the returns desk scans and looks, the agent pays back to the cent."""

from decimal import Decimal

import pytest

from fulfillment import dispatch
from inventory.models import StockLevel
from orders import intake
from orders.models import Order
from returns.models import Refund, Return
from tests.browser.conftest import PHONE, look
from tests.factories.fulfillment import labelled, news, own_van
from tests.factories.fulfillment import person as somebody
from tests.factories.inventory import LocationFactory, SkuFactory, put
from tests.factories.orders import channel, external, line
from tests.factories.returns import policy

pytestmark = pytest.mark.browser


@pytest.fixture
def sent(transactional_db) -> Order:
    """Three mugs, 30.00 less 1.00 plus 5.51 of tax: nothing of it divides by three. Delivered."""
    berlin, mug = LocationFactory(code="BER", name="Berlin"), SkuFactory(code="MUG", name="Mug")
    put(mug, berlin, 3)
    policy()
    order = intake.take(
        external(line("MUG", 3, "10.00", discount="1.00", tax="5.51")), channel=channel(), by=somebody("agent")
    ).order
    lead = somebody("lead")
    shipment = labelled(order.fulfillment_orders.get(), own_van(), by=lead)
    dispatch.hand_over(shipment, by=lead)
    news(shipment, "delivered")
    return order


def scan(page, code: str, said: str) -> None:
    page.keyboard.type(code, delay=3)
    page.keyboard.press("Enter")
    page.locator("#scan-said").get_by_text(said, exact=True).wait_for()


def ask(page, order: Order) -> Return:
    page.goto(f"/orders/{order.number}/")
    look(page)
    page.get_by_role("link", name="Return", exact=True).click()
    look(page)
    page.get_by_label("Units").fill("2")
    page.get_by_label("Why").select_option("wrong_size")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="What the policy says").wait_for()
    look(page)
    page.get_by_role("button", name="Open the return").click()
    page.wait_for_url("**/returns/RMA-*/")
    look(page)
    return Return.objects.get()


def receive(page, rma: Return) -> None:
    page.goto("/returns/receive/")
    look(page)
    page.keyboard.type(rma.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/returns/receive/{rma.number}/")
    look(page)
    scan(page, "VASE", "Unknown code VASE. Look for another barcode on the item.")
    look(page)
    scan(page, "MUG", "MUG: 1 of 2")
    scan(page, "MUG", "MUG: 2 of 2")
    look(page)
    page.get_by_role("button", name="All is here").tap()
    page.wait_for_url("**/returns/receive/")


def test_a_return_is_asked_received_inspected_and_paid_back(at, sent):
    agent = at("agent")
    rma = ask(agent, sent)
    desk = at("returns", PHONE)
    receive(desk, rma)
    desk.goto("/returns/inspect/")
    look(desk)
    desk.get_by_role("button", name="Back to stock one MUG").tap()
    desk.get_by_role("button", name="Scrap one MUG").tap()
    desk.get_by_text("Everything is decided").wait_for()
    look(desk)

    agent.goto(f"/returns/{rma.number}/")
    look(agent)
    agent.get_by_role("link", name="Refund 23.01 EUR").click()
    agent.get_by_role("button", name="Pay it back").wait_for()
    look(agent)
    agent.get_by_role("button", name="Pay it back").click()
    agent.get_by_role("button", name="Close it").click()
    agent.get_by_text("is closed").first.wait_for()
    look(agent)
    refund = Refund.objects.get()
    agent.goto(f"/refunds/{refund.pk}/")
    look(agent)

    rma.refresh_from_db()
    sent.refresh_from_db()
    assert (rma.state, refund.state, refund.amount) == ("closed", "submitted", Decimal("23.01"))
    assert (sent.paid_total, sent.refunded_total) == (Decimal("34.51"), Decimal("23.01"))
    assert StockLevel.objects.get().on_hand == 1
