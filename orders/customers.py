"""Know a buyer again."""

from collections.abc import Sequence
from typing import NamedTuple

from oms.common import sql
from orders.models import Customer


class Buyer(NamedTuple):
    """As an order names them."""

    name: str
    email: str
    phone: str


KNOWN_OR_NEW = sql.Statement("""
WITH told AS MATERIALIZED (
    SELECT DISTINCT ON (lower(email)) * FROM unnest(:names::text[], :emails::text[], :phones::text[])
                                             AS t(name, email, phone)),
known AS MATERIALIZED (
    SELECT c.id, lower(c.email) AS email FROM told t
    JOIN orders_customer c ON lower(c.email) = lower(t.email) AND c.email <> ''),
fresh AS (
    INSERT INTO orders_customer (name, email, phone, created_at)
    SELECT name, email, phone, now() FROM told WHERE (lower(email) IN (SELECT email FROM known)) IS NOT TRUE
    ON CONFLICT DO NOTHING RETURNING id, lower(email))
SELECT email, id FROM known UNION ALL SELECT lower, id FROM fresh
""")


def match(buyers: Sequence[Buyer]) -> list[int | None]:
    """The id of each: by e-mail, else by phone and name; else a new customer; None for a nameless sale."""
    buyers = [Buyer(*(text.strip() for text in buyer)) for buyer in buyers]
    known = _by_mail([buyer for buyer in buyers if buyer.email])
    return [known[buyer.email.lower()] if buyer.email else _without_mail(buyer) for buyer in buyers]


def _by_mail(buyers: Sequence[Buyer]) -> dict[str, int]:
    if not buyers:
        return {}
    names, emails, phones = (list(column) for column in zip(*buyers, strict=True))
    wanted, found = {email.lower() for email in emails}, {}
    while wanted - set(found):  # one that came in the same moment is found at the second look
        found = dict(KNOWN_OR_NEW.rows(names=names, emails=emails, phones=phones, many=len(buyers) > sql.FEW))
    return found


def _without_mail(buyer: Buyer) -> int | None:
    if not (buyer.name or buyer.phone):
        return None
    known = Customer.objects.filter(email="", name__iexact=buyer.name, phone=buyer.phone).order_by("pk").first()
    return (known or Customer.objects.create(name=buyer.name, phone=buyer.phone)).pk
