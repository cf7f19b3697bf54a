"""New orders with their lines, addresses, payments and first events, by one statement for one or a thousand."""

import json
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from oms.common import addresses, request_id, sql
from oms.common.actors import Actor
from oms.common.money import Money, quantize
from oms.common.postal import PostalAddress
from orders import progress, searching
from orders.channels.base import ExternalLine, ExternalOrder, ExternalPayment
from orders.intake.catalogue import Catalogue
from orders.models import Channel
from orders.models.order import tracking_token

ADDRESS = tuple(PostalAddress.__dataclass_fields__)
COLUMNS = ", ".join(ADDRESS)
SHIPPING = ", ".join(f"ship ->> '{name}'" for name in ADDRESS)
BILLING = ", ".join(f"bill ->> '{name}'" for name in ADDRESS)
STORE = sql.Statement(f"""
WITH told AS MATERIALIZED (
    SELECT t.*, nextval('oms_number_order')::text AS number,
           CASE WHEN ship IS NOT NULL THEN nextval('common_address_id_seq') END AS ship_id,
           CASE WHEN bill IS NOT NULL THEN nextval('common_address_id_seq') END AS bill_id
    FROM jsonb_to_recordset(:orders::jsonb) AS t(
        n int, external_id text, version text, fingerprint text, customer bigint, name text, email text, phone text,
        ship jsonb, bill jsonb, method text, store bigint, service text, currency text, goods numeric, discount numeric,
        tax numeric, shipping numeric, total numeric, paid numeric, authorised numeric, payment_state text,
        placed_at timestamptz, note text, tags jsonb, token text, search text, phone_end text,
        received jsonb, payment jsonb)),
addressed AS (
    INSERT INTO common_address (id, {COLUMNS}, created_at)
    SELECT ship_id, {SHIPPING}, now() FROM told WHERE ship_id IS NOT NULL
    UNION ALL SELECT bill_id, {BILLING}, now() FROM told WHERE bill_id IS NOT NULL),
made AS (
    INSERT INTO orders_order (
        number, channel_id, external_id, external_version, fingerprint, customer_id, customer_name, email, phone,
        shipping_address_id, billing_address_id, method, pickup_location_id, service_level, state, hold_state,
        payment_state, fulfillment_state, return_state, currency, goods_total, discount_total, tax_total,
        shipping_total, total, paid_total, authorised_total, refunded_total, priority, placed_at, received_at,
        cancel_reason, note, tags, tracking_token, event_count, version, created_by_id)
    SELECT number, :channel_id::bigint, external_id, version, fingerprint, customer, name, email, phone,
           ship_id, bill_id, method, store, service, 'received', 'none',
           payment_state, 'unallocated', 'none', currency, goods, discount, tax,
           shipping, total, paid, authorised, 0, 0, placed_at, now(),
           '', note, tags, token, CASE WHEN payment IS NULL THEN 1 ELSE 2 END, 1, :user_id::bigint
    FROM told ORDER BY n
    ON CONFLICT (channel_id, external_id) DO NOTHING RETURNING id, external_id),
kept AS MATERIALIZED (SELECT t.*, m.id FROM told t JOIN made m USING (external_id)),
findable AS (
    INSERT INTO orders_ordersearch (order_id, text, phone) SELECT id, number || ' ' || search, phone_end FROM kept),
lines AS (
    INSERT INTO orders_orderline (
        order_id, position, external_line_id, sku_id, sku_code, name, digital, unit_price, discount, tax, total,
        ordered, cancelled, allocated, backordered, picked, packed, shipped, delivered, return_authorised, returned)
    SELECT k.id, l.position, l.external_line_id, l.sku, l.code, l.name, l.digital, l.price, l.discount, l.tax, l.total,
           l.units, 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM jsonb_to_recordset(:lines::jsonb) AS l(
        n int, position int, external_line_id text, sku bigint, code text, name text, digital boolean, price numeric,
        discount numeric, tax numeric, total numeric, units int)
    JOIN kept k ON k.n = l.n ORDER BY k.id, l.position),
paid AS (
    INSERT INTO orders_payment (order_id, kind, amount, reference, tender, at)
    SELECT id, payment ->> 'kind', (payment ->> 'amount')::numeric, payment ->> 'reference', payment ->> 'tender', now()
    FROM kept WHERE payment IS NOT NULL),
events AS (
    INSERT INTO orders_orderevent
        (order_id, seq, verb, subject, actor_kind, actor_label, user_id, particulars, customer_visible, request_id, at)
    SELECT id, 1, 'order.received', :channel_name, :actor_kind, :actor_label, :user_id::bigint, received, true,
           :request_id, now() FROM kept
    UNION ALL
    SELECT id, 2, payment ->> 'verb', payment ->> 'subject', :actor_kind, :actor_label, :user_id::bigint,
           jsonb_build_object('reference', payment -> 'reference', 'tender', payment -> 'tender'), false,
           :request_id, now() FROM kept WHERE payment IS NOT NULL)
SELECT external_id, id, number FROM kept
""")  # noqa: S608  names of columns, from a dataclass of ours


KNOWN = sql.Statement("""
SELECT external_id, id, number, fingerprint FROM orders_order
WHERE channel_id = :channel_id::bigint AND external_id = ANY(:ids::text[])
""")


class Sums(NamedTuple):
    """What an order comes to, as far as its payment state asks."""

    total: Decimal
    paid_total: Decimal
    authorised_total: Decimal
    refunded_total: Decimal = Decimal(0)


def known(external_ids: Collection[str], channel: Channel) -> dict[str, tuple[int, str, str]]:
    """external id → (id, number, fingerprint)."""
    if not external_ids:
        return {}
    return {key: tuple(rest) for key, *rest in KNOWN.rows(channel_id=channel.pk, ids=list(external_ids))}


def store(
    externals: Sequence[ExternalOrder], catalogue: Catalogue, buyers: Sequence[int | None], channel: Channel, *, by: Any
) -> dict[str, tuple[int, str]]:
    """external id → (id, number) of those that are new; an id that somebody took in this moment is left out."""
    actor = Actor.of(by)
    orders = [_order(n, *pair, catalogue, channel) for n, pair in enumerate(zip(externals, buyers, strict=True))]
    lines = [
        _line(n, position, line, catalogue)
        for n, external in enumerate(externals)
        for position, line in enumerate(external.lines, start=1)
    ]
    made = STORE.rows(
        orders=json.dumps(orders),
        lines=json.dumps(lines),
        channel_id=channel.pk,
        channel_name=channel.name[:120],
        actor_kind=actor.kind,
        actor_label=actor.label[:120],
        user_id=actor.user_id,
        request_id=request_id.current(),
        many=len(orders) > sql.FEW,
    )
    return {key: (order_id, number) for key, order_id, number in made}


def _order(
    n: int, external: ExternalOrder, buyer: int | None, catalogue: Catalogue, channel: Channel
) -> dict[str, Any]:
    goods = sum([line.unit_price * line.quantity for line in external.lines], Decimal(0))
    discount = sum([line.discount for line in external.lines], Decimal(0))
    tax = sum([line.tax for line in external.lines], Decimal(0))
    total = goods - discount + tax + external.shipping
    paid = _payment(external.payment, external.currency)
    amounts = {kind: Decimal(paid["amount"]) if paid and paid["kind"] == kind else Decimal(0) for kind in PAID}
    name = external.customer_name or (external.shipping_address.name if external.shipping_address else "")
    ship, bill = _address(external.shipping_address), _address(external.billing_address)
    return {
        "n": n,
        "external_id": external.external_id,
        "version": external.version,
        "fingerprint": external.fingerprint,
        "customer": buyer,
        "name": name,
        "email": external.email,
        "phone": external.phone,
        "ship": ship,
        "bill": bill,
        "method": external.method,
        "store": catalogue.stores.get(external.pickup_location.upper()),
        "service": external.service_level,
        "currency": external.currency,
        "goods": str(goods),
        "discount": str(discount),
        "tax": str(tax),
        "shipping": str(external.shipping),
        "total": str(total),
        "paid": str(amounts["paid"]),
        "authorised": str(amounts["authorised"]),
        "payment_state": str(progress.payment_state(Sums(total, amounts["paid"], amounts["authorised"]))),
        "placed_at": external.placed_at.isoformat(),
        "note": external.note,
        "tags": list(external.tags),
        "token": tracking_token(),
        "search": searching.words(
            external.external_id, name, external.email, external.phone, ship, _codes(external, catalogue)
        ),
        "phone_end": searching.backwards(external.phone),
        "received": {
            "external_id": external.external_id,
            "total": str(Money(total, external.currency)),
            "stated_total": None if external.total is None else str(external.total),
            "promo_codes": list(external.promo_codes),
        },
        "payment": paid,
    }


PAID = ("paid", "authorised")


def _payment(payment: ExternalPayment, currency: str) -> dict[str, Any] | None:
    amount = quantize(payment.amount, currency)
    if payment.state == "unpaid" or amount <= 0:
        return None
    return {
        "kind": payment.state,
        "amount": str(amount),
        "reference": payment.reference,
        "tender": payment.tender,
        "verb": f"payment.{'received' if payment.state == 'paid' else 'authorised'}",
        "subject": str(Money(amount, currency)),
    }


def _line(n: int, position: int, line: ExternalLine, catalogue: Catalogue) -> dict[str, Any]:
    goods = catalogue.goods.get(line.sku.upper())
    return {
        "n": n,
        "position": position,
        "external_line_id": line.external_line_id,
        "sku": goods.id if goods else None,
        "code": goods.code if goods else line.sku,
        "name": line.name or (goods.name if goods else ""),
        "digital": bool(goods and goods.digital),
        "price": str(line.unit_price),
        "discount": str(line.discount),
        "tax": str(line.tax),
        "total": str(line.unit_price * line.quantity - line.discount + line.tax),
        "units": line.quantity,
    }


def _codes(external: ExternalOrder, catalogue: Catalogue) -> list[str]:
    goods = [(line, catalogue.goods.get(line.sku.upper())) for line in external.lines]
    kits = [one.goods.code for one in getattr(external, "kits", ())]
    return [found.code if found else line.sku for line, found in goods] + kits


def _address(postal: PostalAddress | None) -> dict[str, str] | None:
    return vars(addresses.normalise(postal)) if postal else None
