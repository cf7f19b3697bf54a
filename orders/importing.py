"""A file of orders on its way in: judged row by row before anything is created, then taken in by a worker.

A row of the file is a line of an order; rows with the same external id belong together. Undoing is one floor higher.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from oms.common import jobs, sheets, states
from oms.common.actors import Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock, retrying
from orders import intake, signals
from orders.channels.base import BadPayload, ExternalOrder
from orders.channels.generic import mapping
from orders.intake import Conflict, Taken
from orders.models import Channel, ImportRow, ImportRun, Order
from orders.statuses import IMPORT_MOVES, ImportState

LARGEST = 5 * 1024 * 1024
MOST_LINES = 20_000
CHUNK = 1000
Verdict = ImportRow.Verdict
ORDER = (
    "external_id",
    "placed_at",
    "currency",
    "method",
    "service_level",
    "pickup_location",
    "shipping",
    "note",
    "total",
)
ADDRESS = ("line1", "line2", "postal_code", "city", "region", "country", "company")
LINE = ("sku", "quantity", "unit_price", "discount", "tax")
COLUMNS = (*ORDER, "name", "email", "phone", *ADDRESS, *LINE, "promo_codes", "payment_state", "payment_amount")
COLUMNS += ("payment_reference",)
NEEDED = ("external_id", "placed_at", "sku", "quantity", "unit_price")
AMOUNTS = ("shipping", "total", "unit_price", "discount", "tax", "payment_amount")


@transaction.atomic
def upload(channel: Channel, filename: str, data: bytes, *, by: Any) -> ImportRun:
    """Read and judge it. Raises Invalid for what is no table of orders at all; nothing is created yet."""
    groups = list(_grouped(data, channel))
    actor = Actor.of(by)
    run = ImportRun.objects.create(
        channel=channel,
        filename=filename[:200],
        sha256=hashlib.sha256(data).hexdigest(),
        source=data,
        author_id=actor.user_id,
    )
    ids = [group["external_id"] for _, group in groups]
    known = dict(Order.objects.filter(channel=channel, external_id__in=ids).values_list("external_id", "fingerprint"))
    ImportRow.objects.bulk_create([_judged(run, first, payload, known) for first, payload in groups])
    states.advance(run, ImportState.PREVIEW, moves=IMPORT_MOVES)
    run.save(update_fields=["state"])
    return run


@transaction.atomic
def start(run: ImportRun, *, by: Any) -> ImportRun:
    """Let a worker take in the rows without errors. Quiet when it has begun."""
    run = lock(ImportRun.objects.filter(pk=run.pk))[0]
    if run.state in (ImportState.RUNNING, ImportState.DONE):
        return run
    total = run.rows.filter(verdict=Verdict.CREATE).count()
    if not total:
        raise Refused("No row of this file can be imported.")
    states.advance(run, ImportState.RUNNING, moves=IMPORT_MOVES)
    run.job = jobs.start("import", total=total, by=by, run=run.pk)
    run.save(update_fields=["state", "job"])
    signals.tell_import_started(run.pk)
    return run


def take_in(run_id: int) -> ImportRun:
    """The worker's part: a thousand orders at a time, each row once however often it is begun again."""
    run = ImportRun.objects.select_related("channel", "job", "author").get(pk=run_id)
    if run.state != ImportState.RUNNING:
        return run
    by = run.author or Actor.channel(run.channel.name)
    while waiting := list(run.rows.filter(verdict=Verdict.CREATE).order_by("pk").values_list("pk", flat=True)):
        jobs.step(run.job, done=run.job.total - len(waiting))
        try:
            _take_chunk(waiting[:CHUNK], run.channel, by)
        except (DataError, IntegrityError):  # one of them can't be stored: each by itself, so that it fails alone
            for pk in waiting[:CHUNK]:
                _take_one(pk, run.channel, by)
    return _finish(run)


def counts(run: ImportRun) -> dict[str, int]:
    found = dict.fromkeys(Verdict.values, 0)
    for verdict in run.rows.values_list("verdict", flat=True):
        found[verdict] += 1
    return found


def stalled(before: datetime) -> list[int]:
    """Runs whose worker was lost."""
    rows = ImportRun.objects.filter(state=ImportState.RUNNING, job__updated_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@retrying
@transaction.atomic
def _take_chunk(pks: Collection[int], channel: Channel, by: Any) -> None:
    """Orders and the verdicts of their rows, both or neither, so that undoing knows what this import created."""
    rows = lock(ImportRow.objects.filter(pk__in=pks, verdict=Verdict.CREATE))
    read = [(row, external) for row in rows if (external := _read(row))]
    taken = intake.take_many([external for _, external in read], channel=channel, by=by)
    for (row, _), answer in zip(read, taken, strict=True):
        _settle(row, answer)
    crash_point("import.orders_taken")
    ImportRow.objects.bulk_update(rows, ["verdict", "problems", "order"])


@retrying
@transaction.atomic
def _take_one(pk: int, channel: Channel, by: Any) -> None:
    try:
        with transaction.atomic():
            _take_chunk([pk], channel, by)
    except (DataError, IntegrityError):
        problem = {"field": "", "message": "This order can't be stored as it is. Look at its amounts and its words."}
        ImportRow.objects.filter(pk=pk, verdict=Verdict.CREATE).update(verdict=Verdict.FAIL, problems=[problem])


def _read(row: ImportRow) -> ExternalOrder | None:
    try:
        return mapping.read(row.data)
    except Refused as e:
        row.verdict, row.problems = Verdict.FAIL, _told(e)
        return None


def _settle(row: ImportRow, answer: Taken | Conflict) -> None:
    if isinstance(answer, Conflict):
        row.verdict, row.problems = Verdict.FAIL, _told(answer)
    else:
        row.verdict, row.order_id = Verdict.CREATED if answer.created else Verdict.SAME, answer.order_id


@transaction.atomic
def _finish(run: ImportRun) -> ImportRun:
    run = lock(ImportRun.objects.filter(pk=run.pk))[0]
    if run.state != ImportState.RUNNING:
        return run
    found = counts(run)
    run.message = (
        f"{found[Verdict.CREATED]} created, {found[Verdict.SAME]} here already, {found[Verdict.FAIL]} with errors"
    )
    run.finished_at = timezone.now()
    states.advance(run, ImportState.DONE, moves=IMPORT_MOVES)
    run.save(update_fields=["state", "message", "finished_at"])
    jobs.finish(run.job, message=run.message, result=found, result_url=f"/imports/{run.pk}/")
    return run


def _judged(run: ImportRun, first_line: int, payload: dict[str, Any], known: Mapping[str, str]) -> ImportRow:
    row = ImportRow(run=run, first_line=first_line, external_id=str(payload["external_id"])[:120], data=payload)
    try:
        external = mapping.read(payload)
    except BadPayload as e:
        row.verdict, row.problems = Verdict.FAIL, _told(e)
        return row
    fingerprint = known.get(external.external_id)
    row.verdict = Verdict.CREATE if fingerprint is None else Verdict.SAME
    if fingerprint not in (None, external.fingerprint):
        row.verdict = Verdict.FAIL
        row.problems = [{"field": "external_id", "message": "This order is here already, with other content."}]
    return row


def _told(e: Refused) -> list[dict[str, str]]:
    problems = getattr(e, "problems", None) or {"": str(e)}
    return [{"field": field, "message": message} for field, message in problems.items()]


def _grouped(data: bytes, channel: Channel) -> Iterator[tuple[int, dict[str, Any]]]:
    """(first line, payload as the API takes it) of each order."""
    orders: dict[str, tuple[int, dict[str, Any]]] = {}
    for number, row in _rows(data):
        key = row.get("external_id") or f"\x00{number}"
        if key not in orders:
            orders[key] = (number, _payload(row, channel))
        orders[key][1]["lines"].append({name: row[name] for name in LINE if row.get(name)})
    yield from orders.values()


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    _, rows = sheets.read(data, needed=NEEDED, most=MOST_LINES, largest=LARGEST)
    for number, row in rows:
        yield number, {name: _plain(name, value) for name, value in row.items() if name in COLUMNS}


def _plain(name: str, value: str) -> str:
    """4,90 is 4.90 where a comma can only be the decimal one."""
    return value.replace(",", ".") if name in AMOUNTS and re.fullmatch(r"\d+,\d{1,3}", value) else value


def _payload(row: Mapping[str, str], channel: Channel) -> dict[str, Any]:
    payload: dict[str, Any] = {name: row[name] for name in ORDER if row.get(name)}
    payload |= {"external_id": row.get("external_id", ""), "currency": row.get("currency") or channel.currency}
    payload["placed_at"] = _moment(row.get("placed_at", ""), channel)
    payload["customer"] = {name: row.get(name, "") for name in ("name", "email", "phone")}
    if any(row.get(name) for name in ADDRESS):
        payload["shipping_address"] = {name: row.get(name, "") for name in (*ADDRESS, "name", "phone")}
    payload["promo_codes"] = [code for code in re.split(r"[\s,;|]+", row.get("promo_codes", "")) if code]
    if row.get("payment_state"):
        paid = {"state": row["payment_state"], "amount": row.get("payment_amount", "")}
        payload["payment"] = {**paid, "reference": row.get("payment_reference", "")}
    payload["lines"] = []
    return payload


def _moment(text: str, channel: Channel) -> str:
    """A time without its zone is one of the channel's; a day is its noon."""
    try:
        moment = parse_datetime(f"{text} 12:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text)
    except ValueError:
        return text
    if moment is None or moment.tzinfo:
        return text
    return moment.replace(tzinfo=ZoneInfo(channel.config.get("time_zone") or settings.TIME_ZONE)).isoformat()
