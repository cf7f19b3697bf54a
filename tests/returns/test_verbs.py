"""Each step of a return: what it does, what it refuses, and that twice is once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from carriers import tracking
from carriers.models import Service
from carriers.providers.base import TrackingNews
from fulfillment import cancellation
from oms.common.models import ExceptionCase
from orders import holds
from orders.models import Order
from orders.statuses import HoldType
from returns import authorisation, inspection, receiving, refunds, tasks
from returns.eligibility import Want
from returns.models import Refund, Return
from tests.factories.fulfillment import confirmed_order, news, person
from tests.factories.inventory import BarcodeFactory, LocationFactory
from tests.factories.returns import asked, delivered, inspected, policy, received
from tests.fulfillment.books import breaches, verbs
from tests.inventory.books import bins, level

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(berlin, mug, lamp, lead) -> Order:
    policy(fee=Decimal("3.00"))
    return delivered({mug: 3, lamp: 1}, at=berlin, by=lead, tax="1.90", shipping="4.90")


def of(rma: Return, code: str):
    return rma.lines.get(order_line__sku_code=code)


def test_three_dispositions_send_each_unit_where_it_belongs(sent, berlin, mug, lamp, lead):
    rma = received(asked(sent, by=lead, MUG=3, LAMP=1), by=lead)
    mugs, lamps = of(rma, "MUG"), of(rma, "LAMP")

    inspection.inspect(mugs, quantity=1, disposition="restock", by=lead)
    inspection.inspect(mugs, quantity=1, disposition="quarantine", by=lead)
    inspection.inspect(mugs, quantity=1, disposition="return_to_customer", accepted=True, by=lead)
    inspection.inspect(lamps, quantity=1, disposition="scrap", by=lead)
    refund = refunds.submit_return(rma, key="k", by=lead)
    inspection.close(rma, by=lead)
    sent.refresh_from_db()

    assert (bins(mug, berlin), bins(lamp, berlin)) == ({"A-01": 1, "QUAR": 1}, {})
    assert level(mug, berlin) == {"on_hand": 2, "damaged": 1, "available": 1}
    assert refund.breakdown == {
        "goods": "30.00",
        "discount": "0.00",
        "tax": "5.70",
        "shipping": "0.00",
        "fee": "3.00",
        "units": {str(mugs.order_line_id): 2, str(lamps.order_line_id): 1},
    }
    assert refund.amount == Decimal("32.70")
    assert [(line.returned, line.return_authorised) for line in sent.lines.order_by("position")] == [(2, 2), (1, 1)]
    assert sent.return_state == "partially_returned"
    assert breaches() == {}


def test_the_fee_is_kept_once_a_return(sent, lead):
    rma = received(asked(sent, by=lead, MUG=2), by=lead)
    paid = []
    for number in (1, 2):
        inspection.inspect(of(rma, "MUG"), quantity=1, disposition="restock", by=lead)
        paid.append(refunds.submit_return(rma, key=f"k{number}", by=lead).amount)

    assert paid == [Decimal("8.90"), Decimal("11.90")]
    assert breaches() == {}


def test_no_unit_is_asked_back_twice(sent, lead):
    asked(sent, by=lead, MUG=2)

    with pytest.raises(authorisation.NotReturnable, match="MUG: 2 asked, 1 can come back"):
        asked(sent, by=lead, MUG=2)


def test_a_line_of_another_order_is_refused(sent, lead):
    with pytest.raises(authorisation.NotReturnable, match="belongs to another order"):
        authorisation.request(sent, [Want(0, 1, "other")], by=lead)


def test_a_wrong_item_is_named_with_who_waits_for_it(sent, lead):
    mugs, lamps = asked(sent, by=lead, MUG=1), asked(sent, by=lead, LAMP=1)

    with pytest.raises(receiving.NotOnThisReturn) as said:
        receiving.scan(mugs, "LAMP", by=lead)

    assert str(said.value) == f"This is LAMP Lamp; {mugs} does not expect it. Return {lamps} expects one."


def test_one_more_than_authorised_is_refused(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    receiving.scan(rma, "MUG", by=lead)

    with pytest.raises(receiving.NotOnThisReturn, match="every unit of this return is received already"):
        receiving.scan(rma, "MUG", by=lead)


@pytest.mark.parametrize("paper", ["number", "order", "label", "outbound", "barcode", "code"])
def test_whatever_is_scanned_finds_the_return(sent, lead, mug, paper):
    rma = asked(sent, by=lead, MUG=1)
    code = {
        "number": rma.number.lower(),
        "order": sent.number,
        "label": rma.label.tracking_number,
        "outbound": sent.shipments.get().parcels.get().tracking_number,
        "barcode": BarcodeFactory(sku=mug).code,
        "code": " mug ",
    }[paper]

    assert receiving.find(code, user=lead) == [rma]


def test_a_scan_is_undone_until_the_unit_was_inspected(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    line = receiving.scan(rma, "MUG", by=lead).line

    assert receiving.unscan(line, by=lead).received == 0
    receiving.scan(rma, "MUG", by=lead)
    inspection.inspect(line, quantity=1, disposition="restock", by=lead)
    with pytest.raises(receiving.NothingReceived):
        receiving.unscan(line, by=lead)


def test_nothing_is_decided_before_it_came(sent, lead):
    rma = asked(sent, by=lead, MUG=1)

    with pytest.raises(inspection.NotInspectable, match="Receive the goods first"):
        inspection.inspect(of(rma, "MUG"), quantity=1, disposition="restock", by=lead)


def test_a_shelf_of_another_place_is_refused(sent, lead):
    rma = received(asked(sent, by=lead, MUG=1), by=lead)
    elsewhere = LocationFactory(code="HAM").bins.get(code="A-01")

    with pytest.raises(Exception, match="is not a bin for sellable units of this location"):
        inspection.inspect(of(rma, "MUG"), quantity=1, disposition="restock", bin=elsewhere, by=lead)
    assert of(rma, "MUG").undecided == 1


def test_a_return_is_closed_once_every_unit_is_decided_and_frees_what_never_came(sent, lead):
    rma = asked(sent, by=lead, MUG=3)
    receiving.scan(rma, "MUG", by=lead)
    receiving.finish(rma, by=lead)

    with pytest.raises(inspection.NotInspectable, match="not decided yet"):
        inspection.close(rma, by=lead)
    inspection.inspect(of(rma, "MUG"), quantity=1, disposition="restock", by=lead)
    closed = [inspection.close(rma, by=lead).state for _ in range(2)]

    assert closed == ["closed", "closed"]
    assert sent.lines.get(sku_code="MUG").return_authorised == 1
    assert breaches() == {}


def test_a_return_runs_out_and_its_parcel_still_comes(sent, lead):
    rma = asked(sent, by=lead, MUG=2)
    Return.objects.update(expires_at=timezone.now() - timedelta(days=1))

    ended = [authorisation.expire_overdue() for _ in range(2)]
    rma.refresh_from_db()
    state, free = rma.state, sent.lines.get(sku_code="MUG").return_authorised
    found = receiving.find(rma.number, user=lead)
    receiving.scan(rma, "MUG", by=lead)

    assert (ended, state, free, found) == ([1, 0], "expired", 0, [rma])
    assert sent.lines.get(sku_code="MUG").return_authorised == 2
    assert breaches() == {}


def test_a_late_parcel_whose_units_went_to_another_return_is_not_counted_twice(sent, lead):
    rma = asked(sent, by=lead, MUG=3)
    Return.objects.update(expires_at=timezone.now() - timedelta(days=1))
    authorisation.expire_overdue()
    asked(sent, by=lead, MUG=1)
    rma.refresh_from_db()

    with pytest.raises(receiving.NotOnThisReturn, match="its units are on another return"):
        receiving.scan(rma, "MUG", by=lead)


def test_a_hold_for_fraud_keeps_money_back_until_it_is_released(mug, lead):
    order = confirmed_order({mug: 2})
    hold = holds.place(order, type=HoldType.FRAUD, reason="Odd address", by=lead)

    with pytest.raises(refunds.Held, match="Refunds are on hold: Risk review"):
        refunds.submit_amount(order, Decimal("1"), key="k", reason="Kind", by=lead)
    cancellation.cancel(order, quantities={order.lines.get().pk: 1}, reason="changed mind", by=lead)
    kept = Refund.objects.count()
    holds.resolve(hold, note="fine", by=lead)
    tasks.sweep()

    assert (kept, [refund.amount for refund in Refund.objects.all()]) == (0, [Decimal("10.00")])


def test_an_agent_stops_at_the_limit_and_a_lead_does_not(sent, lead, settings):
    settings.OMS_REFUND_LIMIT = Decimal("10")

    with pytest.raises(refunds.OverLimit, match=r"above 10\.00 EUR need a lead"):
        refunds.submit_amount(sent, Decimal("10.01"), key="a", reason="Kind", by=person("agent"))

    assert refunds.submit_amount(sent, Decimal("10.01"), key="b", reason="Kind", by=lead).amount == Decimal("10.01")


def test_settling_and_failing_twice_is_once(sent, lead):
    first, second = (
        refunds.submit_amount(sent, Decimal(amount), key=amount, reason="Kind", by=lead) for amount in ("1", "2")
    )
    for _ in range(2):
        refunds.settle(first.pk, reference="bank 1", by=lead)
        refunds.fail(second.pk, why="No account", by=lead)
    sent.refresh_from_db()

    assert sent.refunded_total == Decimal("1")
    assert sent.documents.filter(kind="credit_note").count() == 1
    assert verbs(sent).count("refund.failed") == 1
    assert [case.kind for case in ExceptionCase.objects.unresolved()] == ["refund_failed"]
    assert breaches() == {}


def test_a_failed_refund_is_not_tried_again_when_its_units_were_paid_otherwise(sent, lead):
    rma = inspected(asked(sent, by=lead, MUG=1), by=lead)
    failed = refunds.fail(refunds.submit_return(rma, key="a", by=lead).pk, why="Card expired", by=lead)
    refunds.submit_return(rma, key="b", by=lead)

    with pytest.raises(refunds.NothingToRefund, match="refunded otherwise"):
        refunds.try_again(failed.pk, by=lead)
    assert Refund.objects.get(pk=failed.pk).state == "failed"
    assert breaches() == {}


def test_the_carrier_says_that_it_is_on_its_way(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    told = [TrackingNews(at=timezone.now(), status="in_transit", text="Posted")]
    for _ in range(2):
        tracking.record(rma.tracker, told)
        tasks.follow_parcel(tracker_id=rma.tracker_id)
    rma.refresh_from_db()

    assert rma.state == "in_transit"
    assert verbs(sent).count("return.on_its_way") == 1


def test_the_outbound_parcel_does_not_move_a_return(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    news(sent.shipments.get(), "delivered", hours=3)
    rma.refresh_from_db()

    assert rma.state == "authorised"


def test_without_a_service_for_returns_a_person_is_told_and_the_sweep_asks_again(sent, lead):
    Service.objects.update(returns=False)
    rma = asked(sent, by=lead, MUG=1)
    told = [case.title for case in ExceptionCase.objects.unresolved()]
    Service.objects.update(returns=True)
    tasks.sweep()
    rma.refresh_from_db()

    assert (rma.label.is_bought, told) == (True, [f"{rma} has no label"])
    assert not ExceptionCase.objects.unresolved().exists()
