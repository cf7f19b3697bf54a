"""T26, T14: nothing that can be typed makes an error page, comes back as markup, or breaks a rule of the books."""

import re
from collections.abc import Iterable, Iterator
from itertools import cycle

import pytest
from django.db import transaction
from django.test import Client

from orders.models import Order
from tests.factories.fulfillment import person
from tests.factories.pages import crawl, forms, kind
from tests.factories.world import filled
from tests.fulfillment.books import breaches

pytestmark = pytest.mark.django_db(transaction=True)

MARKUP = '"><img src=x onerror=alert(1)>'
NASTY = {
    "below zero": "-1",
    "huge": "1" + "0" * 18,
    "no number": "NaN",
    "other digits": "𝟙𝟚",
    "NUL": "a\x00b",
    "markup": MARKUP,
    "code": "' OR 1=1 -- {{ 7|add:7 }}",
    "turned round": "\u202e" + "👩‍👩‍👧" * 30,
    "long": "x" * 20_000,
    "many digits": "7" * 5_000,
}
# Rated once anyway, the same twice, or an answer with a secret in it, which no table may keep.
WITHOUT_KEY = {"desk:track", "accounts:theme", "logout", "carriers:connect"}
WITHOUT_KEY |= {"accounts:user-link", "accounts:token-new", "orders:channel-rotate"}
WITHOUT_KEY |= {"fulfillment:supplier"}  # its address is the secret, and each answer is given once anyway
SMALL = 3
KEPT = ("csrfmiddlewaretoken", "idempotency_key")


def one_of_a_kind(names: Iterable[str]) -> list[str]:
    """Of sku-0, sku-1, sku-2 the first."""
    kinds = {re.sub(r"\d+", "#", name): name for name in reversed(list(names)) if name not in KEPT}
    return list(kinds.values())


def attempts(fields: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """One field after the other with each text; a large form gets them in all its fields at once, too."""
    names = one_of_a_kind(fields)
    for turn, (what, text) in enumerate(NASTY.items()):
        if len(names) <= SMALL:
            yield from ((f"{what} in {name}", fields | {name: text}) for name in names)
        else:
            texts = [*NASTY.values()][turn:] + [*NASTY.values()][:turn]
            yield f"all turned by {turn}", fields | dict(zip(names, cycle(texts), strict=False))
            yield f"{what} in {names[turn % len(names)]}", fields | {names[turn % len(names)]: text}


class UndoIt(Exception):
    pass


def send(client: Client, address: str, fields: dict) -> tuple[int, str]:
    """The answer; what it did is undone, so that the next finds the world as it was."""
    try:
        with transaction.atomic():
            answer = client.post(address, fields | {"idempotency_key": ""})
            raise UndoIt
    except UndoIt:
        return answer.status_code, answer.content.decode(errors="replace") if not answer.streaming else ""


def test_no_field_of_any_form_breaks_a_page_and_every_form_has_its_key():
    filled()
    client = Client(raise_request_exception=False)
    client.force_login(person("admin"))
    broken, reflected, tried = {}, [], 0
    rateable = Order.objects.exclude(delivered_at=None).first()
    found = list(forms(crawl(client, "/", f"/t/{rateable.tracking_token}/")))
    for form in found:
        for what, fields in attempts(form.fields):
            tried += 1
            status, answer = send(client, form.action, fields)
            if status >= 500:
                broken[form.action, what] = status
            if MARKUP in answer:
                reflected.append((form.action, what))

    assert (broken, reflected) == ({}, [])
    assert tried > 1000
    assert breaches() == {}
    assert {kind(form.action)[0] for form in found if "idempotency_key" not in form.fields} == WITHOUT_KEY
