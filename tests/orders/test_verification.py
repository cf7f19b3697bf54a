"""Each check of a received order: what makes it hold, what lets it go on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from oms.common.actors import SYSTEM
from orders import corrections, holds, intake, payments, promos, tasks, verification
from orders.channels.base import ExternalPayment
from orders.models import Channel, Hold, Order, PromoCode, RiskRule
from tests.factories.fulfillment import HAMBURG, person
from tests.factories.inventory import LocationFactory, SkuFactory
from tests.factories.orders import channel, external, line


@pytest.fixture
def web(db) -> Channel:
    SkuFactory(code="MUG")
    SkuFactory(code="EBOOK", digital=True)
    SkuFactory(code="OLD", active=False)
    LocationFactory(code="HAM", collects=True)
    LocationFactory(code="BER", collects=False)
    return channel()


def verified(web: Channel, *lines, **facts) -> Order:
    return verification.verify(intake.take(external(*lines, **facts), channel=web, by=SYSTEM).order.pk)


def held(order: Order) -> dict[str, list[str]]:
    """{hold type: fields with problems}"""
    return {hold.type: [problem["field"] for problem in hold.problems] for hold in holds.active(order)}


def test_a_sound_order_is_confirmed_and_promised(web):
    order = verified(web)

    assert (order.state, order.hold_state, held(order)) == ("confirmed", "none", {})
    assert order.promised_ship_by is not None
    assert order.promised_ship_by < order.promised_deliver_by
    assert [event.verb for event in order.events.order_by("seq")] == [
        "order.received",
        "payment.received",
        "order.confirmed",
    ]
    assert order.mails.get().kind == "confirmed"


WRONG = {
    "no address": ({"shipping_address": None}, {"address": ["shipping_address"]}),
    "a postal code of another country": (
        {"shipping_address": replace(HAMBURG, postal_code="SW1A 1AA")},
        {"address": ["shipping_address.postal_code"]},
    ),
    "no city": ({"shipping_address": replace(HAMBURG, city="")}, {"address": ["shipping_address.city"]}),
    "nobody to reach": (
        {"email": "", "phone": "", "shipping_address": replace(HAMBURG, phone="")},
        {"contact": ["email"]},
    ),
    "no name": ({"customer_name": "", "shipping_address": replace(HAMBURG, name="")}, {"contact": ["customer_name"]}),
    "a store that hands out nothing": (
        {"method": "pickup", "pickup_location": "BER"},
        {"address": ["pickup_location"]},
    ),
    "a store that does not exist": ({"method": "pickup", "pickup_location": "X"}, {"address": ["pickup_location"]}),
    "another sum": ({"total": Decimal("10.01")}, {"price": ["total"]}),
    "paid a cent too little": ({"paid": "9.99"}, {"payment": ["payment"]}),
    "unpaid": ({"paid": None}, {"payment": ["payment"]}),
    "an unknown code": ({"promo_codes": ("NOPE",)}, {"promo": ["promo_codes"]}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_becomes_a_hold_that_names_the_field(web, case):
    facts, expected = WRONG[case]

    order = verified(web, **facts)

    found = {
        type: [field for field in fields if field != "shipping_address.name"] for type, fields in held(order).items()
    }
    assert (order.state, order.hold_state) == ("received", "held")
    assert expected.items() <= found.items()


RIGHT = {
    "authorised": {"payment": ExternalPayment("authorised", Decimal("10.00"), "a-1")},
    "paid too much": {"paid": "11.00"},
    "the stated sum": {"total": Decimal("10.00")},
    "picked up": {"method": "pickup", "pickup_location": "ham", "shipping_address": None},
    "only a phone": {"email": "", "phone": "+49 40 123456"},
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_confirmed(web, case):
    assert verified(web, **RIGHT[case]).state == "confirmed"


@pytest.mark.parametrize(
    ("code", "facts", "message"),
    [
        ("NOPE", {}, "“NOPE” is not in the catalogue."),
        ("OLD", {}, "OLD is not for sale."),
        ("MUG", {"method": "digital"}, "MUG can't be delivered by mail."),
    ],
)
def test_skus_that_can_not_be_sold_hold_the_order(web, code, facts, message):
    hold = holds.active(verified(web, line(code), **facts))[0]

    assert (hold.type, hold.problems[0]["message"]) == ("unknown_sku", message)


def test_a_download_needs_a_mail_address_and_no_other(web):
    assert verified(web, line("EBOOK"), method="digital", shipping_address=None).state == "confirmed"
    without = verified(web, line("EBOOK", 2), method="digital", shipping_address=None, email="", phone="123456")
    assert held(without) == {"contact": ["email"]}


@pytest.mark.parametrize(
    ("tax", "fits"), [("1.90", True), ("1.91", True), ("0.70", True), ("1.60", False), ("0", True)]
)
def test_tax_must_fit_a_rate_of_the_channel(web, tax, fits):
    web.config = {"tax_rates": ["0.19", "0.07", "0"]}
    web.save()

    assert (verified(web, line(tax=tax)).state == "confirmed") is fits


def test_a_channel_on_account_waits_for_no_payment(web):
    web.config = {"payment": "on_account"}
    web.save()

    assert verified(web, paid=None).state == "confirmed"


def test_the_same_cart_within_a_day_is_a_possible_duplicate(web):
    first, second = verified(web), verified(web)
    other = verified(web, line(quantity=2))
    later = verified(web, placed_at=first.placed_at + timedelta(hours=25))

    assert [order.state for order in (first, second, other, later)] == [
        "confirmed",
        "received",
        "confirmed",
        "confirmed",
    ]
    assert holds.active(second)[0].problems[0]["message"] == f"Like order {first.number}."


def test_risk_rules_add_up_to_a_hold_that_tells_each(web, settings):
    settings.OMS_RISK_THRESHOLD = 50
    RiskRule.objects.create(name="Large", fact="total", operator="gt", value="100", points=30)
    RiskRule.objects.create(name="New", fact="first_order", operator="eq", value="yes", points=20, position=1)

    small, large = verified(web, email="new@example.org"), verified(web, line(quantity=11), email="other@example.org")

    assert small.state == "confirmed"
    assert [problem["message"] for problem in holds.active(large)[0].problems] == [
        "Large (110.000): 30 points",
        "New (True): 20 points",
    ]


def test_a_hold_whose_reason_is_gone_is_released_by_itself(web):
    order = verified(web, paid=None)

    payments.record(order, "paid", Decimal("10.00"), reference="P-1", by=SYSTEM)
    order = verification.recheck(order.pk, by=person("agent"))

    assert (order.state, order.hold_state) == ("confirmed", "none")
    assert Hold.objects.get(order=order).resolution == "Nothing is wrong any more"


def test_fixing_one_thing_leaves_the_other_held(web):
    order = verified(web, paid=None, shipping_address=None)

    order = corrections.correct_address(order, HAMBURG, by=person("agent"))

    assert held(order) == {"payment": ["payment"]}


def test_what_a_person_has_accepted_is_not_held_again(web):
    order = verified(web, total=Decimal("99"))

    holds.resolve(holds.active(order)[0], note="The shop rounds", by=person("agent"))

    assert verification.recheck(order.pk).state == "confirmed"


def test_what_mended_itself_is_held_when_it_breaks_again(web):
    """Only a person accepts problems: a check that passed once and fails again holds again."""
    promo = PromoCode.objects.create(code="TEN", kind="percent", value=10, usage_limit=1)
    first = verified(web, promo_codes=("TEN",))
    order = verified(web, line(quantity=2), promo_codes=("TEN",), paid=None)
    agent = person("agent")
    promos.give_back(first)
    order = verification.recheck(order.pk, by=agent)
    assert held(order) == {"payment": ["payment"]}
    verified(web, line(quantity=3), promo_codes=("TEN",))
    promo.refresh_from_db()
    assert promo.used == 1

    payments.record(order, "paid", Decimal("20.00"), reference="P-1", by=agent)
    order = verification.recheck(order.pk, by=agent)

    assert held(order) == {"promo": ["promo_codes"]}


def test_verifying_again_changes_nothing(web):
    sound, doubtful = verified(web), verified(web, paid=None, email="b@example.org")
    counts = (sound.event_count, doubtful.event_count)

    for order in (sound, doubtful):
        verification.verify(order.pk)

    sound.refresh_from_db()
    doubtful.refresh_from_db()
    assert (sound.event_count, doubtful.event_count) == counts


def test_the_sweep_verifies_what_nobody_has_and_one_that_fails_keeps_none_waiting(web):
    poison, sound = (intake.take(external(line(quantity=n)), channel=web, by=SYSTEM).order for n in (1, 2))
    Order.objects.update(received_at=poison.received_at - timedelta(minutes=1))
    broken = channel("broken", config={"time_zone": "Nowhere/Land"})
    Order.objects.filter(pk=poison.pk).update(channel=broken)

    tasks.sweep()

    poison.refresh_from_db()
    sound.refresh_from_db()
    assert (poison.state, sound.state) == ("received", "confirmed")
