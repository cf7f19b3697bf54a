"""The pages of returns: what each shows, what each button does, and who may press it."""

import io
import re
from decimal import Decimal

import pypdf
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import CustomerMail, Order
from returns import authorisation, policies, refunds
from returns.models import Refund, Return, ReturnPolicy
from tests.factories.fulfillment import person
from tests.factories.returns import asked, delivered, inspected, policy, received
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def agent(db):
    return signed_in("agent")


@pytest.fixture
def clerk(db):
    return signed_in("returns")


@pytest.fixture
def sent(berlin, mug, lamp, lead) -> Order:
    """Two mugs and a lamp at 10.00 with 1.90 tax, 4.90 shipping: 40.60 paid, delivered."""
    policy()
    return delivered({mug: 2, lamp: 1}, at=berlin, by=lead, tax="1.90", shipping="4.90")


def units(order: Order, **wanted: int) -> dict[str, object]:
    """The fields of the request form."""
    fields: dict[str, object] = {}
    for line in order.lines.all():
        fields[f"units-{line.pk}"] = wanted.get(line.sku_code, 0)
        fields[f"reason-{line.pk}"] = "wrong_size"
    return fields


def test_every_page_opens_empty(berlin):
    admin = signed_in("admin")
    for name in ("index", "receive", "inspect", "refunds", "policies", "policy-new"):
        assert admin.get(reverse(f"returns:{name}")).status_code == 200, name


def test_a_return_is_previewed_and_then_opened_from_the_order(agent, sent):
    page = f"/orders/{sent.number}/returns/new/"

    seen = text_of(agent.post(page, units(sent, MUG=1)))
    before = Return.objects.count()
    answer = agent.post(page, units(sent, MUG=1) | {"sure": "1"})

    rma = Return.objects.get()
    assert (before, answer.url) == (0, f"/returns/{rma.number}/")
    assert "MUG may come back" in seen
    assert "11.90 EUR" in seen
    assert [(line.order_line.sku_code, line.authorised, line.reason) for line in rma.lines.all()] == [
        ("MUG", 1, "wrong_size")
    ]
    assert rma.state == "authorised"


def test_a_line_that_cannot_come_back_says_why(agent, sent, lead):
    asked(sent, by=lead, MUG=2)

    page = text_of(agent.get(f"/orders/{sent.number}/returns/new/"))

    assert "all of it is on a return already" in page
    assert "1 of 1 can come back" in page


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Choose at least one unit to send back."),
        ({"units": 1, "reason": ""}, "Say why MUG comes back."),
        ({"units": 3, "reason": "other"}, "less than or equal to 2"),
    ],
)
def test_a_wrong_request_says_what_to_do(agent, sent, fields, problem):
    line = sent.lines.get(sku_code="MUG")

    answer = agent.post(
        f"/orders/{sent.number}/returns/new/", {f"{name}-{line.pk}": value for name, value in fields.items()}
    )

    assert (answer.status_code, problem in text_of(answer)) == (422, True)


def test_what_the_policy_forbids_waits_until_a_colleague_overrides_it(agent, berlin, mug, lead):
    policy(final_sale_skus=["MU*"])
    order = delivered({mug: 1}, at=berlin, by=lead)
    agent.post(f"/orders/{order.number}/returns/new/", units(order, MUG=1) | {"sure": "1"})
    rma = Return.objects.get()
    page = f"/returns/{rma.number}/"

    refused = agent.post(f"{page}approve/", {"override": ""})
    before = rma.state
    agent.post(f"{page}approve/", {"override": "A gift to a good customer"})

    rma.refresh_from_db()
    assert (before, refused.status_code, rma.state) == ("requested", 422, "authorised")
    assert "MUG is final sale" in text_of(agent.get(page))
    assert "A gift to a good customer" in text_of(agent.get(page))


def test_the_label_is_printed_from_the_page(agent, sent, lead):
    rma = asked(sent, by=lead, MUG=1)

    paper = agent.get(f"/returns/{rma.number}/label/")

    assert paper["Content-Type"] == "application/pdf"
    assert rma.number in pypdf.PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()


def test_the_customer_prints_the_label_from_the_mail_while_it_can_be_used(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    link = re.search(r"http\S+/label/", CustomerMail.objects.get(kind="return_label").text).group()
    path = link.removeprefix(settings.BASE_URL)
    anybody = Client()

    codes = [anybody.get(path).status_code, anybody.get(path.replace(sent.tracking_token, "x" * 22)).status_code]
    authorisation.cancel(rma, by=lead)

    assert [*codes, anybody.get(path).status_code] == [200, 404, 404]


def test_a_clerk_scans_what_arrived_and_decides_unit_by_unit(clerk, agent, sent, lead, mug):
    rma = asked(sent, by=lead, MUG=2, LAMP=1)
    one = f"/returns/receive/{rma.number}/"

    assert clerk.post("/returns/receive/", {"code": rma.number}).url == one
    first = text_of(clerk.post(one, {"code": "MUG"}))
    wrong = clerk.post(one, {"code": "CUP"})
    mugs, lamps = rma.lines.order_by("pk")
    decide = f"/returns/{rma.number}/lines/{mugs.pk}/decide/"
    back = clerk.post(decide, {"disposition": "restock", "back": "receive"}).url
    clerk.post(one, {"code": "MUG"})
    clerk.post(one, {"code": "LAMP"})
    clerk.post(f"{one}undo/{lamps.pk}/")
    done = clerk.post(f"{one}finish/").url
    queue = text_of(clerk.get("/returns/inspect/"))
    said = {"quantity": 1, "disposition": "quarantine", "accepted": "on", "note": "A chip"}
    clerk.post(f"/returns/{rma.number}/lines/{mugs.pk}/inspect/", said)
    rma.refresh_from_db()

    assert "MUG: 1 of 2" in first
    assert "Where does this MUG go?" in first
    assert (wrong.status_code, "Unknown code CUP" in text_of(wrong)) == (422, True)
    assert (back, done, rma.state) == (one, "/returns/receive/", "received")
    assert re.search(r"1 × <code>MUG</code>", queue)
    assert "<code>LAMP</code>" not in queue
    assert list(rma.lines.order_by("pk").values_list("received", "accepted", "rejected")) == [(2, 2, 0), (0, 0, 0)]
    assert "A chip" in text_of(agent.get(f"/returns/{rma.number}/"))
    assert breaches() == {}


def test_an_item_that_one_return_waits_for_is_received_by_its_first_scan(clerk, sent, lead):
    rma = asked(sent, by=lead, MUG=1)

    assert clerk.post("/returns/receive/", {"code": "MUG"}).url == f"/returns/receive/{rma.number}/"
    assert rma.lines.get().received == 1


def test_a_parcel_that_nobody_expects_is_put_aside(clerk, sent):
    answer = clerk.post("/returns/receive/", {"code": "LAMP"})

    assert (answer.status_code, "No return expects LAMP" in text_of(answer)) == (422, True)


def test_an_order_with_two_returns_asks_which(clerk, sent, lead):
    numbers = [asked(sent, by=lead, MUG=1).number, asked(sent, by=lead, LAMP=1).number]

    page = text_of(clerk.post("/returns/receive/", {"code": sent.number}))

    assert all(f"/returns/receive/{number}/" in page for number in numbers)
    assert "2 returns: choose one." in page


def test_an_agent_pays_back_the_exact_shares_shown(agent, sent, lead):
    rma = inspected(asked(sent, by=lead, MUG=2), by=lead)
    page = f"/returns/{rma.number}/"

    seen = text_of(agent.get(page))
    agent.post(f"{page}refund/", {"reason": ""})
    agent.post(f"{page}refund/", {"reason": ""})
    refund = Refund.objects.get()
    agent.post(f"/refunds/{refund.pk}/settle/", {"reference": "bank 7"})
    agent.post(f"{page}close/")
    refund.refresh_from_db()
    rma.refresh_from_db()

    assert "23.80 EUR" in seen
    assert (refund.amount, refund.state, refund.reference) == (Decimal("23.800"), "succeeded", "bank 7")
    assert rma.state == "closed"
    assert breaches() == {}


def test_a_refund_above_the_limit_needs_a_lead(agent, sent, lead, monkeypatch):
    monkeypatch.setattr(settings, "OMS_REFUND_LIMIT", Decimal("20"))
    rma = inspected(asked(sent, by=lead, MUG=2), by=lead)
    page = f"/returns/{rma.number}/"

    refused = agent.post(f"{page}refund/", {"reason": ""})
    shown = text_of(agent.get(page))
    signed_in("lead").post(f"{page}refund/", {"reason": ""})

    assert (refused.status_code, "need a lead" in text_of(refused)) == (422, True)
    assert "Above the limit: a lead pays it back." in shown
    assert f"{page}refund/" not in shown
    assert Refund.objects.get().amount == Decimal("23.80")


def test_a_failed_refund_is_tried_again(agent, sent, lead):
    rma = inspected(asked(sent, by=lead, LAMP=1), by=lead)
    refund = refunds.submit_return(rma, key="k", by=lead)

    agent.post(f"/refunds/{refund.pk}/fail/", {"why": "Card expired"})
    sent.refresh_from_db()
    free = sent.refunded_total
    page = text_of(agent.get(f"/refunds/{refund.pk}/"))
    agent.post(f"/refunds/{refund.pk}/again/")
    refund.refresh_from_db()
    sent.refresh_from_db()

    assert (free, "Card expired" in page, "Try again" in page) == (0, True, True)
    assert (refund.state, sent.refunded_total, rma.lines.get().refunded) == ("submitted", Decimal("11.90"), 1)
    assert breaches() == {}


def test_a_sum_by_hand_is_no_more_than_was_paid(agent, sent):
    page = f"/orders/{sent.number}/refunds/new/"

    refused = agent.post(page, {"amount": "40.61", "reason": "Late"})
    fine = agent.post(page, {"amount": "5", "reason": "Late"})

    assert (refused.status_code, "more than the 40.60 EUR" in text_of(refused)) == (422, True)
    assert (fine.url, Refund.objects.get().amount) == (f"/orders/{sent.number}/", Decimal("5"))


def test_a_cancelled_return_gives_its_units_free_and_withdraws_its_label(agent, sent, lead):
    rma = asked(sent, by=lead, MUG=2)

    agent.post(f"/returns/{rma.number}/cancel/", {"reason": "Keeps them"})
    rma.refresh_from_db()

    assert (rma.state, rma.label.state) == ("cancelled", "voided")
    assert sent.lines.get(sku_code="MUG").return_authorised == 0
    assert breaches() == {}


def test_a_changed_policy_is_a_new_version_and_orders_keep_theirs():
    admin = signed_in("admin")
    fields = {"name": "Usual", "window_days": 30, "fee": "0", "rma_valid_days": 21, "position": 0}

    admin.post("/return-policies/new/", fields)
    first = ReturnPolicy.objects.get()
    wrong = admin.post(f"/return-policies/{first.pk}/", fields | {"countries": "DE XX"})
    admin.post(f"/return-policies/{first.pk}/", fields | {"countries": "de, at", "window_days": 14})
    second = ReturnPolicy.objects.get(version=2)
    over = admin.post(f"/return-policies/{first.pk}/", fields | {"window_days": 7})
    admin.post(f"/return-policies/{second.pk}/end/")
    first.refresh_from_db()
    second.refresh_from_db()

    assert (wrong.status_code, "XX is not a country" in text_of(wrong)) == (422, True)
    assert (second.countries, second.window_days, second.valid_from) == (["DE", "AT"], 14, first.valid_until)
    assert over.status_code == 422
    assert second.valid_until is not None
    assert policies.end(second, by=person("admin")).valid_until == second.valid_until


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("is:to-inspect", ["LAMP"]),
        ("is:to-refund", ["MUG"]),
        ("is:open", ["LAMP", "MUG"]),
        ("sku:mug", ["MUG"]),
        ("reason:damaged", []),
        ("state:received", ["LAMP", "MUG"]),
        ("ada", ["LAMP", "MUG"]),
    ],
)
def test_the_list_is_narrowed_by_words(agent, sent, lead, q, found):
    inspected(asked(sent, by=lead, MUG=1), by=lead)
    received(asked(sent, by=lead, LAMP=1), by=lead)

    listing = agent.get("/returns/", {"q": q}).context["listing"]

    assert sorted(row.object.lines.get().order_line.sku_code for row in listing.rows) == found


def test_the_number_in_the_search_box_leads_to_the_return(agent, sent, lead):
    rma = asked(sent, by=lead, MUG=1)

    assert agent.get("/returns/", {"q": rma.number}).url == f"/returns/{rma.number}/"


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("picker", ["index", "receive", "inspect", "refunds", "policies", "new"]),
        ("agent", ["receive", "inspect", "policies"]),
        ("returns", ["policies", "refund", "refund-new"]),
        ("lead", ["policies"]),
        ("admin", []),
        ("auditor", ["receive", "inspect", "policies", "new", "refund", "cancel"]),
    ],
)
def test_pages_open_to_their_roles(sent, lead, role, forbidden):
    rma = asked(sent, by=lead, MUG=1)
    client = signed_in(role)
    pages = {name: reverse(f"returns:{name}") for name in ("index", "receive", "inspect", "refunds", "policies")}
    pages |= {name: reverse(f"returns:{name}", args=[rma.number]) for name in ("show", "cancel", "refund")}
    pages |= {name: reverse(f"returns:{name}", args=[sent.number]) for name in ("new", "refund-new")}
    if role == "picker":
        forbidden = list(pages)

    closed = [name for name, url in pages.items() if client.get(url).status_code == 403]

    assert sorted(closed) == sorted(name for name in pages if name in _closed(role, forbidden))


def _closed(role: str, named: list[str]) -> set[str]:
    return set(named) | ({"refund-new"} if role == "auditor" else set())


def test_a_clerk_of_another_location_does_not_see_the_return(sent, lead):
    rma = asked(sent, by=lead, MUG=1)
    stranger = person("returns")
    stranger.all_locations = False
    stranger.save()
    client = Client()
    client.force_login(stranger)

    assert client.get(f"/returns/{rma.number}/").status_code == 404
    assert client.post("/returns/receive/", {"code": rma.number}).status_code == 422


@pytest.mark.parametrize(
    "page", ["/returns/", "/refunds/", "/returns/inspect/", "/returns/{}/", "/returns/receive/{}/"]
)
def test_a_page_asks_as_much_for_one_row_as_for_three(sent, lead, page):
    admin = signed_in("admin")

    def asked_for() -> int:
        rma = received(asked(sent, by=lead, MUG=1), by=lead)
        refunds.submit_amount(sent, Decimal("1"), key=rma.number, reason="Kind", by=lead)
        admin.get(page.format(rma.number))
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(page.format(rma.number)).status_code == 200
        return len(queries)

    one, two = asked_for(), asked_for()

    assert one == two
    assert two < 12
