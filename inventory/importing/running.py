"""The way of a file: uploaded and judged, started, taken in by a worker in chunks, and what failed as a file again."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from inventory import signals
from inventory.importing import bins, judging, skus, stock
from inventory.importing.judging import Judged
from inventory.models import StockImport, StockImportRow
from inventory.statuses import IMPORT_MOVES, TO_DO, AdjustmentReason, ImportKind, ImportMode, ImportState, RowVerdict
from oms.common import jobs, sheets, states
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Invalid, Refused
from oms.common.locking import lock, retrying

LARGEST = sheets.LARGEST
MOST_ROWS = 50_000
CHUNK = 1000
KINDS: dict[str, ModuleType] = {ImportKind.SKUS: skus, ImportKind.BINS: bins, ImportKind.STOCK: stock}
NEEDS = {ImportKind.SKUS: "inventory.manage", ImportKind.BINS: "inventory.manage", ImportKind.STOCK: "inventory.adjust"}


@transaction.atomic
def upload(
    kind: str,
    filename: str,
    data: bytes,
    *,
    mode: str = ImportMode.SET,
    reason: str = AdjustmentReason.COUNTED,
    by: Any,
) -> StockImport:
    """Read and judge it; nothing is changed yet. Raises Invalid for what is no such table."""
    names, lines = sheets.read(data, needed=KINDS[kind].NEEDED, most=MOST_ROWS)
    columns = [name for name in KINDS[kind].COLUMNS if name in names]
    rows = [(number, {name: row[name] for name in columns if row.get(name)}) for number, row in lines]
    if not rows:
        raise Invalid("The file has no rows under its headings.", field="file")
    run = StockImport(kind=kind, mode=mode, reason=reason, filename=filename[:200], columns=columns)
    run.sha256, run.author_id = hashlib.sha256(data).hexdigest(), Actor.of(by).user_id
    _refuse_twice(run)
    run.save()
    judged = KINDS[kind].judge(rows, run, by)
    StockImportRow.objects.bulk_create(
        [
            _told(StockImportRow(run=run, line=line, data=row), one)
            for (line, row), one in zip(rows, judged, strict=True)
        ],
        batch_size=5000,
    )
    return run


@transaction.atomic
def start(run: StockImport, *, by: Any) -> StockImport:
    """Let a worker take in the rows without errors. Quiet when it has begun."""
    run = lock(StockImport.objects.filter(pk=run.pk))[0]
    if run.state != ImportState.PREVIEW:
        return run
    _refuse_twice(run)
    total = run.rows.filter(verdict__in=TO_DO).count()
    if not total:
        raise Refused("No row of this file changes anything.")
    states.advance(run, ImportState.RUNNING, moves=IMPORT_MOVES)
    run.job = jobs.start("stock_import", total=total, by=by, run=run.pk)
    run.save()
    transaction.on_commit(lambda: signals.import_started.send(sender=None, run_id=run.pk))
    return run


def take_in(run_id: int) -> StockImport:
    """The worker's part: a thousand rows at a time, each row once however often it is begun again."""
    run = StockImport.objects.select_related("job", "author").get(pk=run_id)
    if run.state != ImportState.RUNNING:
        return run
    while _take_chunk(run):
        left = run.rows.filter(verdict__in=TO_DO).count()
        jobs.step(run.job, done=run.job.total - left)
    return _finish(run)


def counts(run: StockImport) -> dict[str, int]:
    found = dict(run.rows.order_by().values_list("verdict").annotate(n=Count("pk")))
    return {value: found.get(value, 0) for value in RowVerdict.values}


def failed(run: StockImport) -> Iterator[list[str]]:
    """Rows with errors in the shape of the file, and why; mended, they can be uploaded as they are."""
    for row in run.rows.filter(verdict=RowVerdict.FAIL).order_by("line").iterator(chunk_size=1000):
        yield [*(row.data.get(name, "") for name in run.columns), row.problem]


def export(kind: str, user: Any) -> Iterator[list[Any]]:
    return KINDS[kind].export(user)


def columns_of(kind: str) -> tuple[str, ...]:
    return KINDS[kind].COLUMNS


def needed_of(kind: str) -> tuple[str, ...]:
    return KINDS[kind].NEEDED


def kinds_for(user: Any) -> list[tuple[str, str]]:
    """What this person may bring in."""
    return [(value, label) for value, label in ImportKind.choices if user.can(NEEDS[value])]


def stalled(before: datetime) -> list[int]:
    """Runs whose worker was lost."""
    rows = StockImport.objects.filter(state=ImportState.RUNNING, job__updated_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _refuse_twice(run: StockImport) -> None:
    """Adding again what was added would count it twice."""
    if run.kind != ImportKind.STOCK or run.mode != ImportMode.ADD:
        return
    same = StockImport.objects.filter(kind=run.kind, mode=run.mode, sha256=run.sha256).exclude(pk=run.pk)
    if before := same.exclude(state=ImportState.PREVIEW).first():
        raise Invalid(
            f"This file was added already, as {before.reference}. Change it, or say what lies there.", field="file"
        )


@retrying
@transaction.atomic
def _take_chunk(run: StockImport) -> int:
    """Rows and their verdicts, both or neither. The number of rows; 0 when none is left."""
    by = run.author or SYSTEM
    first = run.rows.filter(verdict__in=TO_DO).order_by("line").values_list("pk", flat=True)[:CHUNK]
    rows = sorted(lock(run.rows.filter(pk__in=list(first), verdict__in=TO_DO)), key=lambda row: row.line)
    if rows:
        judged = KINDS[run.kind].judge([(row.line, row.data) for row in rows], run, by)
        before = {row.pk: row.changes for row in rows}
        _settle(run, list(zip(rows, judged, strict=True)), by)
        seen = {row.pk for row in rows if row.verdict == RowVerdict.DONE and row.changes == before[row.pk]}
        run.rows.filter(pk__in=seen).update(verdict=RowVerdict.DONE, problem="")
        others = [row for row in rows if row.pk not in seen]
        StockImportRow.objects.bulk_update(others, ["verdict", "problem", "changes"])
        crash_point("import.chunk_taken")
    return len(rows)


def _settle(run: StockImport, pairs: Sequence[tuple[StockImportRow, Judged]], by: Any) -> None:
    """What still changes something is applied together; when one can't be, each by itself, so that one fails alone."""
    ready = [(row, one) for row, one in pairs if one.verdict in TO_DO]
    for row, one in pairs:
        _told(row, one)
    if not ready:
        return
    try:
        with transaction.atomic():
            KINDS[run.kind].apply([one for _, one in ready], run, by)
    except (Refused, IntegrityError) as e:
        if len(ready) == 1:
            row, one = ready[0]
            _told(row, judging.failed(one.key, _why(e)))
            return
        for row, _ in ready:
            [again] = KINDS[run.kind].judge([(row.line, row.data)], run, by)
            _settle(run, [(row, again)], by)
        return
    for row, _ in ready:
        row.verdict = RowVerdict.DONE


def _why(e: Exception) -> str:
    return str(e) if isinstance(e, Refused) else "something else took this code or barcode meanwhile"


def _told(row: StockImportRow, one: Judged) -> StockImportRow:
    row.key, row.verdict, row.problem = one.key[:170], one.verdict, one.problem[:300]
    row.changes = one.changes or row.changes
    return row


@transaction.atomic
def _finish(run: StockImport) -> StockImport:
    run = lock(StockImport.objects.filter(pk=run.pk).select_related("job"))[0]
    if run.state != ImportState.RUNNING:
        return run
    found = counts(run)
    run.message = (
        f"{found[RowVerdict.DONE]:,} taken in, {found[RowVerdict.SAME]:,} were so already,"
        f" {found[RowVerdict.FAIL]:,} with errors"
    )
    run.finished_at = timezone.now()
    states.advance(run, ImportState.DONE, moves=IMPORT_MOVES)
    run.save()
    jobs.finish(run.job, message=run.message, result=found, result_url=run.get_absolute_url())
    return run
