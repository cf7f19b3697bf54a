"""What must be true at every moment. Each app names its rules in `<app>/invariants.py`; `check_invariants` asks all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.module_loading import autodiscover_modules

from oms.common.fields import EncryptedJSONField, Unreadable, unseal

Finder = Callable[[], str | QuerySet | Sequence[Any]]
SAMPLES = 5
MEMORY = "128MB"


@dataclass(frozen=True)
class Rule:
    """`find` gives the breaches: a SELECT of breaching rows as text, a QuerySet, or a list of anything printable."""

    code: str
    text: str
    find: Finder


@dataclass(frozen=True)
class Verdict:
    rule: Rule
    count: int
    samples: list[str] = field(default_factory=list)


_rules: dict[tuple[str, str], Rule] = {}


def rule(code: str, text: str) -> Callable[[Finder], Finder]:
    """One code may have several rules, each with its own text."""

    def register(find: Finder) -> Finder:
        _rules[code, text] = Rule(code, text, find)
        return find

    return register


def sql(code: str, text: str, breaches: str) -> None:
    """A rule that is one SELECT of the rows that break it."""
    rule(code, text)(lambda: breaches)


def check() -> Iterator[Verdict]:
    """Every rule of every app, in the order of their codes."""
    autodiscover_modules("invariants")
    for found in sorted(_rules.values(), key=_by_code):
        yield _judge(found)


def _by_code(found: Rule) -> tuple[str, int, str]:
    letters = found.code.rstrip("0123456789")
    return letters, int(found.code[len(letters) :] or 0), found.text


def _judge(found: Rule) -> Verdict:
    breaches = found.find()
    if isinstance(breaches, str):
        return _judge_sql(found, breaches)
    if isinstance(breaches, QuerySet):
        return Verdict(found, breaches.count(), [str(row) for row in breaches[:SAMPLES]])
    return Verdict(found, len(breaches), [str(row) for row in breaches[:SAMPLES]])


def _judge_sql(found: Rule, breaches: str) -> Verdict:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{MEMORY}'")  # sums over all orders, in memory rather than on the disk
        cursor.execute(f"SELECT count(*) FROM ({breaches}) AS breach")  # noqa: S608  rules are our own text
        count = cursor.fetchone()[0]
        if not count:
            return Verdict(found, 0)
        cursor.execute(f"SELECT * FROM ({breaches}) AS breach LIMIT {SAMPLES}")  # noqa: S608
        names = [column.name for column in cursor.description]
        rows = [
            ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in cursor.fetchall()
        ]
    return Verdict(found, count, rows)


sql(
    "I10",
    "No job is silent for more than ten minutes while it runs",
    "SELECT id, kind FROM common_job WHERE state = 'running' AND updated_at < now() - interval '10 minutes'",
)
sql(
    "I10",
    "No outbox message is leased further ahead than a lease is long",
    "SELECT id, topic, lease_until FROM common_outboxmessage WHERE lease_until > now() + interval '150 seconds'",
)
sql(
    "I11",
    "No outbox message that is due has waited for more than two minutes",
    """SELECT id, topic, key, state, next_at FROM common_outboxmessage m
       WHERE state IN ('new', 'retry') AND next_at < now() - interval '2 minutes'
         AND (lease_until IS NULL OR lease_until < now())
         AND ("group" = '' OR NOT EXISTS (SELECT 1 FROM common_outboxmessage e
              WHERE e."group" = m."group" AND e.id < m.id AND e.state IN ('new', 'retry')))""",
)
sql(
    "I11",
    "Every message that was given up stands in front of a person, or did",
    """SELECT id, topic, key FROM common_outboxmessage m WHERE state = 'dead'
         AND NOT EXISTS (SELECT 1 FROM common_exceptioncase c WHERE c.key = 'outbox:' || m.id)""",
)


@rule("I13", "Every encrypted value opens with the keys at hand, under its own purpose")
def secrets_open() -> list[str]:
    return [label for label, sealed, purpose in sealed_values() if not _opens(sealed, purpose)]


def sealed_values() -> Iterator[tuple[str, str, str]]:
    """(where, ciphertext, purpose) of every encrypted value in the database."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, EncryptedJSONField):
                for pk, sealed in _raw(model._meta.db_table, model._meta.pk.column, column.column):
                    yield f"{model._meta.label}.{column.name} of {pk}", sealed, column.purpose


def _raw(table: str, pk: str, column: str) -> list[tuple[Any, str]]:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(pk)}, {quote(column)} FROM {quote(table)} WHERE {quote(column)} IS NOT NULL"  # noqa: S608
        )
        return cursor.fetchall()


def _opens(sealed: str, purpose: str) -> bool:
    try:
        unseal(sealed, purpose)
    except Unreadable:
        return False
    return True
