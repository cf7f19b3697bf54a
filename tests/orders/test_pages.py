"""The pages of orders: what each shows, what each button does, and who may press it."""

import json
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from fulfillment import reasons
from oms.common.actors import SYSTEM
from oms.common.models import ConfigChange
from orders import documents, holds, inbound, intake, notifications, verification
from orders.channels.generic import mapping, signature
from orders.models import Channel, CustomerMail, Hold, InboundMessage, Order, PromoCode, RiskRule
from orders.statuses import HoldType
from tests.factories.fulfillment import confirmed_order, packed, person, picked, routed
from tests.factories.inventory import LocationFactory, SkuFactory, put


@pytest.fixture
def berlin(db):
    return LocationFactory(code="BER", name="Berlin")


@pytest.fixture
def hamburg(db):
    return LocationFactory(code="HAM", name="Hamburg")


@pytest.fixture
def mug(db):
    return SkuFactory(code="MUG", name="Mug")


@pytest.fixture
def phone(db):
    return Channel.objects.create(code="phone", name="Phone", kind="phone", token="t-phone", currency="EUR")


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


@pytest.fixture
def agent(db):
    return signed_in("agent")


@pytest.fixture
def admin(db):
    return signed_in("admin")


def text_of(response) -> str:
    return response.content.decode()


def numbers(client: Client, q: str) -> list[str]:
    return [row.object.number for row in client.get("/orders/", {"q": q}).context["listing"].rows]


ADDRESS = {"address-name": "Jane Doe", "address-line1": "Jungfernstieg 7", "address-postal_code": "20354"}
ADDRESS |= {"address-city": "Hamburg", "address-country": "DE"}


def entry(channel: Channel, **said) -> dict:
    facts = {"entry": "6c2d3f4e-0000-4000-8000-000000000001", "channel": channel.pk, "customer_name": "Jane Doe"}
    facts |= {"email": "jane@example.org", "method": "ship", "payment": "paid", "service_level": "standard"}
    return {**facts, **ADDRESS, "sku-0": "mug", "units-0": 2, "place": "1", **said}


def test_every_page_opens_empty(admin):
    for name in (
        "index",
        "new",
        "channels",
        "channel-new",
        "messages",
        "promo-codes",
        "promo-code-new",
        "imports",
        "import-new",
    ):
        assert admin.get(reverse(f"orders:{name}")).status_code == 200, name
    for name in ("risk-rules", "risk-rule-new"):
        assert admin.get(reverse(f"orders:{name}")).status_code == 200, name


def test_the_list_is_narrowed_by_words(agent, mug, berlin):
    held = confirmed_order({mug: 1}, email="held@example.org")
    holds.place(held, type=HoldType.CUSTOMER, reason="On holiday", by=SYSTEM)
    unpaid = confirmed_order({mug: 30}, paid=False)

    assert numbers(agent, "is:held") == [held.number]
    assert numbers(agent, "hold:customer") == [held.number]
    assert numbers(agent, "is:unpaid") == [unpaid.number]
    assert numbers(agent, "total:>100") == [unpaid.number]
    assert numbers(agent, "email:HELD@example.org") == [held.number]
    assert numbers(agent, "sku:mug -is:held") == [unpaid.number]
    assert numbers(agent, "is:late") == []
    assert numbers(agent, "channel:web state:confirmed") == [unpaid.number, held.number]


def test_an_exact_number_leads_to_its_order(agent, mug):
    order = confirmed_order({mug: 1})

    assert agent.get("/orders/", {"q": order.number}).url == f"/orders/{order.number}/"
    assert agent.get("/orders/", {"q": order.external_id}).url == f"/orders/{order.number}/"


def test_many_orders_are_held_after_a_reason_was_asked(agent, mug):
    first, second, _ = (confirmed_order({mug: 1}) for _ in range(3))
    ids = {"ids": [first.pk, second.pk]}

    asked = agent.post("/orders/hold-many/", ids)
    assert (asked.status_code, "Hold 2" in text_of(asked), Hold.objects.count()) == (200, True, 0)
    agent.post("/orders/hold-many/", {**ids, "asked": "1", "type": "review", "reason": "Price error"})

    held = Order.objects.filter(hold_state="held").order_by("pk").values_list("number", flat=True)
    assert list(held) == [first.number, second.number]
    agent.post("/orders/release-many/", {**ids, "asked": "1", "note": "Checked"})
    assert Order.objects.filter(hold_state="held").count() == 0


def test_the_page_shows_what_the_house_knows(agent, mug, berlin):
    put(mug, berlin, 5)
    order, [work] = routed({mug: 7}, tax="1.90")
    documents.invoice(order, key="k", units={order.lines.get().pk: 1}, by=SYSTEM)

    page = text_of(agent.get(f"/orders/{order.number}/"))

    assert work.number in page
    assert "Why here?" in page
    assert '<td class="num" data-label="Waiting">2</td><td class="num" data-label="Allocated">5</td>' in page
    assert "2 × MUG wait; nothing is on order" in page
    assert "83.30 EUR" in page
    assert "INV-" in page
    assert "Given to its locations" in page
    why = text_of(agent.get(reverse("desk:why", args=[order.number, work.decision_id])))
    assert "Berlin" in why
    assert "5 of 7" in why
    assert "What else could have been done" not in why


def test_why_here_names_what_else_could_have_been_done_and_its_cost(agent, mug, berlin, hamburg):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    order, [work] = routed({mug: 2})

    why = text_of(agent.get(reverse("desk:why", args=[order.number, work.decision_id])))

    [other] = reasons.of(work.decision).alternatives
    assert other["places"] == ("Hamburg" if work.location == berlin else "Berlin")
    assert f'<td data-label="Sent from">{other["places"]}</td>' in why
    assert f'<td data-label="Against what was done">{other["because"]}</td>' in why


def test_the_live_part_stops_asking_when_the_order_is_final(agent, mug):
    order = confirmed_order({mug: 1})
    assert 'hx-trigger="every 15s"' in text_of(agent.get(f"/orders/{order.number}/"))
    agent.post(f"/orders/{order.number}/cancel/", {f"units-{order.lines.get().pk}": 1, "reason": "no", "sure": "1"})

    part = agent.get(f"/orders/{order.number}/", headers={"HX-Request": "true"})

    assert "every 15s" not in text_of(part)
    assert "<html" not in text_of(part)


def test_the_timeline_is_narrowed(agent, mug):
    order = confirmed_order({mug: 1})
    agent.post(f"/orders/{order.number}/notes/", {"body": "Called her back"})
    holds.place(order, type=HoldType.CUSTOMER, reason="On holiday", by=SYSTEM)

    said = [entry["text"] for entry in agent.get(f"/orders/{order.number}/?about=notes").context["entries"]]

    assert said == ["Note"]
    assert "Called her back" in text_of(agent.get(f"/orders/{order.number}/"))


def test_an_invoice_is_fetched(agent, mug):
    order = confirmed_order({mug: 1})
    paper = documents.invoice(order, key="k", units={order.lines.get().pk: 1}, by=SYSTEM)

    response = agent.get(reverse("orders:document", args=[order.number, paper.pk]))

    assert (response["Content-Type"], response.content) == ("application/pdf", bytes(paper.pdf))


def test_an_order_by_phone_is_entered_once(agent, phone, mug):
    said = entry(phone, shipping="4.90", tax_rate="19", reference="R-1", idempotency_key="k")

    pages = [agent.post("/orders/new/", said)["Location"] for _ in range(2)]

    order = Order.objects.get()
    assert pages == [f"/orders/{order.number}/"] * 2
    assert (order.total, order.paid_total) == (Decimal("28.700"), Decimal("28.700"))
    assert (order.customer.email, order.created_by.role) == ("jane@example.org", "agent")


def test_a_promo_code_counts_and_a_bad_one_is_told(agent, phone, mug):
    PromoCode.objects.create(code="TEN", kind="percent", value=10)

    totals = text_of(agent.post("/orders/new/quote/", entry(phone, promo_codes="ten")))
    refused = agent.post("/orders/new/", entry(phone, promo_codes="ELEVEN"))
    agent.post("/orders/new/", entry(phone, promo_codes="ten"))

    assert "−2.00 EUR" in totals
    assert "18.00 EUR" in totals
    assert refused.status_code == 422
    assert refused.context["form"].errors["promo_codes"] == ["There is no promo code ELEVEN."]
    assert Order.objects.get().total == Decimal("18")


def test_stock_is_shown_while_typing(agent, phone, mug, berlin):
    put(mug, berlin, 1)

    assert "1 available" in text_of(agent.get("/orders/new/skus/", {"sku_search": "mu"}))
    assert "only 1 available, the rest waits" in text_of(agent.post("/orders/new/quote/", entry(phone)))


def test_the_form_is_kept_when_something_is_wrong(agent, phone, mug):
    said = entry(phone, **{"sku-1": "CUP", "address-postal_code": "1"})

    response = agent.post("/orders/new/", said)

    assert (response.status_code, Order.objects.count()) == (422, 0)
    assert response.context["form"].errors["sku-1"] == ["There is no such SKU for sale."]
    assert list(response.context["form"].address.errors) == ["postal_code"]
    assert 'value="Jane Doe"' in text_of(response)


def test_without_scripts_a_sku_and_a_customer_are_found_and_taken(agent, phone, mug):
    agent.post("/orders/new/", entry(phone))
    customer = Order.objects.get().customer
    start = {"sku_search": "mug", "customer_search": "jane", "find": "1", "channel": phone.pk}

    page = text_of(agent.post("/orders/new/", start))
    added = agent.post("/orders/new/", {"add": "MUG", "customer": customer.pk, "channel": phone.pk})

    assert 'name="add" value="MUG"' in page
    assert f'name="customer" value="{customer.pk}"' in page
    assert 'value="jane@example.org"' in text_of(added)
    assert 'value="Jungfernstieg 7"' in text_of(added)
    assert added.context["form"]["sku-0"].value() == "MUG"


@pytest.fixture
def held(agent, phone, mug):
    """Received without a street and with a code nobody knows."""
    payload = {"external_id": "X-1", "placed_at": "2026-11-24T09:00:00Z", "currency": "EUR", "customer": {"name": "Jo"}}
    payload["lines"] = [{"sku": "MUGG", "quantity": 1, "unit_price": "10"}]
    payload["shipping_address"] = {"name": "Jo", "city": "Hamburg", "postal_code": "20354", "country": "DE"}
    payload["payment"] = {"state": "paid", "amount": "10", "reference": "R"}
    order = intake.take(mapping.read(payload), channel=phone, by=SYSTEM).order
    return verification.verify(order.pk)


def test_what_is_wrong_is_put_right_in_place(agent, held):
    page = f"/orders/{held.number}/"
    assert {hold.type for hold in holds.active(held)} == {"address", "contact", "unknown_sku"}
    assert f"{page}address/" in text_of(agent.get(page))
    assert "“MUGG” is not in the catalogue." in text_of(agent.get(page))

    wrong = agent.post(f"{page}address/", {"name": "Jo", "city": "Hamburg", "postal_code": "2", "country": "DE"})
    agent.post(
        f"{page}address/",
        {"name": "Jo", "line1": "Deichstraße 9", "city": "Hamburg", "postal_code": "20459", "country": "DE"},
    )
    agent.post(f"{page}contact/", {"customer_name": "Jo", "email": "jo@example.org"})
    assert agent.post(f"{page}lines/{held.lines.get().pk}/sku/", {"sku": "nope"}).status_code == 422
    agent.post(f"{page}lines/{held.lines.get().pk}/sku/", {"sku": "mug"})

    held.refresh_from_db()
    assert (wrong.status_code, held.state, held.hold_state, held.lines.get().sku_code) == (
        422,
        "confirmed",
        "none",
        "MUG",
    )
    assert agent.post(f"{page}contact/", {"email": "a@example.org"}).status_code == 422


def test_a_hold_is_placed_given_to_somebody_and_released(agent, mug):
    order = confirmed_order({mug: 1})
    page, lead = f"/orders/{order.number}/", person("lead")
    agent.post(f"{page}holds/", {"type": "customer", "reason": "On holiday", "review_on": "2027-01-05"})
    hold = Hold.objects.get()
    assert (hold.reason, hold.review_at.date().isoformat()) == ("On holiday", "2027-01-05")

    agent.post(f"{page}holds/{hold.pk}/postpone/", {"review_on": "2027-02-01", "owner": lead.pk})
    hold.refresh_from_db()
    assert (hold.owner, hold.review_at.date().isoformat()) == (lead, "2027-02-01")

    assert agent.post(f"{page}holds/{hold.pk}/release/", {"note": ""}).status_code == 422
    agent.post(f"{page}holds/{hold.pk}/release/", {"note": "Back home"})
    order.refresh_from_db()
    assert order.hold_state == "none"


def test_a_payment_is_recorded_once(agent, mug):
    order = confirmed_order({mug: 2}, paid=False)
    said = {"kind": "paid", "amount": "20", "reference": "R-9"}

    for _ in range(2):
        agent.post(f"/orders/{order.number}/payments/", said)
    other = agent.post(f"/orders/{order.number}/payments/", {**said, "amount": "21"})

    order.refresh_from_db()
    assert (order.paid_total, order.payment_state, other.status_code) == (Decimal("20"), "paid", 422)


def test_a_mail_is_sent_again_to_another_address(agent, mug):
    order = confirmed_order({mug: 1})
    mail = notifications.queue(order, "confirmed", key="c")

    agent.post(f"/orders/{order.number}/mails/", {"mail": mail.pk, "to": "new@example.org"})

    again = CustomerMail.objects.get(key="c:again:1")
    assert (again.to, again.subject, again.text) == ("new@example.org", mail.subject, mail.text)


def as_it_is(client: Client, order: Order) -> dict:
    """What a browser sends when nothing was typed."""
    form = client.get(f"/orders/{order.number}/amend/").context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    said |= {f"address-{name}": form.address[name].value() or "" for name in form.address.fields}
    return {**said, "version": order.version}


def test_a_change_is_previewed_and_then_confirmed(agent, mug, berlin, django_capture_on_commit_callbacks):
    put(mug, berlin, 10)
    order, _ = routed({mug: 2}, paid=False)
    line = order.lines.get()
    said = as_it_is(agent, order) | {f"quantity-{line.pk}": 5, "shipping": "3.00"}

    page = agent.post(f"/orders/{order.number}/amend/", said)

    assert "20.00 EUR → <strong>53.00 EUR</strong>" in text_of(page)
    assert "3 more can be promised now" in text_of(page)
    line.refresh_from_db()
    assert line.ordered == 2
    change = page.context["change"]
    assert "began a change" in text_of(agent.get(f"/orders/{order.number}/"))
    with django_capture_on_commit_callbacks(execute=True):
        agent.post(reverse("service:amend-confirm", args=[order.number, change.pk]))
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.total, line.ordered, line.allocated) == (Decimal("53"), 5, 5)


def test_a_change_of_an_order_that_moved_on_is_refused(agent, mug):
    order = confirmed_order({mug: 2})
    said = as_it_is(agent, order) | {f"quantity-{order.lines.get().pk}": 1, "version": 99}

    response = agent.post(f"/orders/{order.number}/amend/", said)

    assert response.status_code == 422
    assert "has changed since this page was opened" in text_of(response)
    assert order.changes.count() == 0


def test_a_change_is_forgotten(agent, mug):
    order = confirmed_order({mug: 2})
    line = order.lines.get()
    said = as_it_is(agent, order)
    assert "Nothing is different" in text_of(agent.post(f"/orders/{order.number}/amend/", said))
    said[f"quantity-{line.pk}"] = 1
    change = agent.post(f"/orders/{order.number}/amend/", said).context["change"]

    agent.post(reverse("service:amend-abandon", args=[order.number, change.pk]))

    change.refresh_from_db()
    line.refresh_from_db()
    assert (change.state, line.ordered, line.cancelled) == ("abandoned", 2, 0)


def test_part_of_an_order_is_cancelled_after_a_preview(agent, mug, berlin):
    put(mug, berlin, 5)
    order, [work] = routed({mug: 5})
    picked(work, by=person())
    line = order.lines.get()
    said = {f"units-{line.pk}": 2, "reason": "changed her mind"}

    seen = agent.post(f"/orders/{order.number}/cancel/", said)
    line.refresh_from_db()
    assert ("someone puts it back" in text_of(seen), line.cancelled) == (True, 0)
    done = agent.post(f"/orders/{order.number}/cancel/", {**said, "sure": "1"}, follow=True)

    assert "0 units cancelled. The floor is asked to put 2 back." in text_of(done)
    assert agent.post(f"/orders/{order.number}/cancel/", {**said, f"units-{line.pk}": 9}).status_code == 422


def test_work_is_moved_to_another_place_by_who_may_route(agent, mug, berlin, hamburg):
    put(mug, berlin, 5)
    put(mug, hamburg, 5)
    order, [work] = routed({mug: 1})
    other = hamburg if work.location == berlin else berlin
    address = reverse("service:reroute", args=[order.number, work.pk])
    assert agent.post(address, {"location": other.pk}).status_code == 403

    lead = signed_in("lead")
    assert address in text_of(lead.get(f"/orders/{order.number}/"))
    assert lead.post(address, {"location": other.pk}).status_code == 302

    assert order.fulfillment_orders.live().get().location == other


def test_the_customer_page_sums_what_was_paid_and_kept(agent, phone, mug):
    agent.post("/orders/new/", entry(phone))
    customer = Order.objects.get().customer
    confirmed_order({mug: 5}, customer=customer)

    page = agent.get(f"/customers/{customer.pk}/")

    assert [str(row["value"]) for row in page.context["values"]] == ["70.00 EUR"]
    assert len(page.context["listing"].rows) == 2


def test_a_channel_is_set_up_and_its_secret_never_shown_again(admin):
    said = {"code": "shop", "name": "Shop", "kind": "generic", "currency": "eur", "active": "on"}
    said |= {"secret": "s3cret-value", "tax_rates": "7, 19", "callback_url": "https://shop.example.org/oms"}

    page = admin.post("/channels/new/", said).url

    channel = Channel.objects.get()
    assert (page, channel.credentials["secret"], channel.config["tax_rates"]) == (
        "/channels/shop/",
        "s3cret-value",
        ["0.07", "0.19"],
    )
    shown = text_of(admin.get(page))
    assert f"/webhooks/{channel.token}/" in shown
    assert "s3cret-value" not in shown
    assert "s3cret-value" not in str(list(ConfigChange.objects.values()))
    fresh = admin.post(f"{page}secret/").context["fresh"]
    channel.refresh_from_db()
    assert channel.credentials == {"secret": fresh, "previous_secret": "s3cret-value"}
    admin.post(page, {**said, "secret": "", "name": "The shop"})
    channel.refresh_from_db()
    assert (channel.name, channel.credentials["secret"]) == ("The shop", fresh)


def test_a_refused_message_is_read_and_tried_again(admin, mug):
    channel = Channel.objects.create(
        code="shop", name="Shop", kind="generic", token="t", credentials={"secret": "s"}, currency="EUR"
    )
    body = json.dumps({"external_id": "S-1", "currency": "EUR"}).encode()
    message = inbound.process(inbound.store(channel, {"x-oms-signature": signature.sign(body, "s")}, body).pk)
    page = f"/channels/shop/messages/{message.pk}/"

    shown = text_of(admin.get(page))
    assert "&quot;external_id&quot;: &quot;S-1&quot;" in shown
    assert "lines: At least one line." in shown
    admin.post(f"{page}again/")

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("refused", 2)
    assert [row.object for row in admin.get("/messages/?q=state:refused").context["listing"].rows] == [message]
    assert InboundMessage.objects.count() == 1


def test_promo_codes_are_made_changed_and_checked(admin):
    bad = admin.post("/promo-codes/new/", {"code": "X", "kind": "percent", "value": 120, "minimum": 0})
    admin.post("/promo-codes/new/", {"code": "ten", "kind": "percent", "value": 10, "minimum": 0, "active": "on"})
    promo = PromoCode.objects.get()
    admin.post(f"/promo-codes/{promo.pk}/", {"code": "TEN", "kind": "percent", "value": 10, "minimum": 0})

    assert bad.context["form"].errors == {"value": ["From above 0 to 100 percent."]}
    promo.refresh_from_db()
    assert (promo.code, promo.active, bad.status_code) == ("TEN", False, 422)
    assert admin.post("/promo-codes/new/", {"code": "ten", "kind": "percent", "value": 1}).status_code == 422


def test_risk_rules_are_made_checked_and_deleted(admin):
    said = {"name": "Large", "fact": "total", "operator": "gt", "value": "much", "points": 60, "position": 1}
    refused = admin.post("/risk-rules/new/", said)
    assert (refused.status_code, refused.context["form"].errors) == (422, {"value": ["Compare it with a number."]})

    admin.post("/risk-rules/new/", {**said, "value": "500", "active": "on"})
    assert "Order total is more than 500" in text_of(admin.get("/risk-rules/"))
    admin.post(f"/risk-rules/{RiskRule.objects.get().pk}/delete/")

    assert RiskRule.objects.count() == 0


@pytest.mark.parametrize("role", ["picker", ""])
def test_who_may_not_see_orders_sees_none(role, mug):
    order, client = confirmed_order({mug: 1}), signed_in(role)

    for address in ("/orders/", f"/orders/{order.number}/", "/orders/new/", f"/orders/{order.number}/cancel/"):
        assert client.get(address).status_code == 403, address


def test_a_packer_looks_and_changes_nothing(mug):
    order, packer = confirmed_order({mug: 1}), signed_in("packer")
    page = text_of(packer.get(f"/orders/{order.number}/"))

    for part in ("amend/", "cancel/", "holds/", "notes/", "payments/", "mails/"):
        assert f"/orders/{order.number}/{part}" not in page, part
        assert packer.get(f"/orders/{order.number}/{part}").status_code == 403, part


def test_an_agent_does_not_set_up_channels_or_rules(agent):
    for address in ("/channels/", "/messages/", "/promo-codes/", "/risk-rules/"):
        assert agent.get(address).status_code == 403, address


def test_a_page_with_parcels_asks_few_questions(agent, mug, berlin, django_assert_max_num_queries):
    put(mug, berlin, 9)
    order, [work] = routed({mug: 3})
    packed(work, by=person())

    with django_assert_max_num_queries(12):
        agent.get(f"/orders/{order.number}/")


def test_the_list_asks_few_questions(agent, mug, django_assert_max_num_queries):
    for _ in range(12):
        confirmed_order({mug: 1})

    with django_assert_max_num_queries(12):
        assert len(agent.get("/orders/").context["listing"].rows) == 12


def test_a_dialog_is_a_part_for_htmx_and_a_page_without(agent, mug):
    order = confirmed_order({mug: 1})
    address, htmx = f"/orders/{order.number}/notes/", {"HX-Request": "true"}

    part, page = text_of(agent.get(address, headers=htmx)), text_of(agent.get(address))
    assert ("<html" in part, f'hx-post="{address}"' in part) == (False, True)
    assert ("<html" in page, "hx-post" in page) == (True, False)

    refused = agent.post(address, {"body": " "}, headers=htmx)
    done = agent.post(address, {"body": "Call back"}, headers=htmx)
    assert (refused.status_code, "<html" in text_of(refused)) == (422, False)
    assert (done.status_code, done["HX-Redirect"]) == (204, f"/orders/{order.number}/")


def test_a_pinned_note_stands_first(agent, mug):
    order = confirmed_order({mug: 1})
    agent.post(f"/orders/{order.number}/notes/", {"body": "First"})
    agent.post(f"/orders/{order.number}/notes/", {"body": "Second"})
    first = order.notes.get(body="First")

    agent.post(f"/orders/{order.number}/notes/{first.pk}/pin/")

    assert [note.body for note in agent.get(f"/orders/{order.number}/").context["notes"]] == ["First", "Second"]


def test_a_download_and_a_pickup_have_their_page(agent, mug, berlin):
    ebook = SkuFactory(code="BOOK", digital=True)
    download, [work] = routed({ebook: 1}, method="digital")
    pickup, _ = routed({mug: 1}, method="pickup", store=berlin)

    assert f">{work.number}</a>" in text_of(agent.get(f"/orders/{download.number}/"))
    page = text_of(agent.get(f"/orders/{pickup.number}/"))
    assert "<dt>Collects at</dt><dd>Berlin</dd>" in page
    assert "1 × MUG wait for Berlin" in page
