"""The list that goes with the driver: one open for each account and place, closed with the carrier by a worker."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from carriers import accounts, paper
from carriers.models import CarrierAccount, Label, Manifest
from carriers.providers.base import CarrierError, LabelRequest, ManifestRequest, ManifestResult
from carriers.statuses import MANIFEST_MOVES, ManifestState
from oms.common import cases, numbering, outbox, states
from oms.common.actors import SYSTEM, Actor
from oms.common.crash import crash_point
from oms.common.errors import Refused
from oms.common.locking import lock

CLOSE = "carrier.manifest"


def open_for(account: CarrierAccount, location_code: str) -> Manifest:
    """The open manifest of this account at this place, begun when there is none."""
    mine = Manifest.objects.filter(account=account, location_code=location_code, state=ManifestState.OPEN)
    for _ in range(3):
        if found := mine.first():
            return found
        try:
            with transaction.atomic():
                return Manifest.objects.create(
                    number=numbering.next_number("manifest"), account=account, location_code=location_code
                )
        except IntegrityError:
            continue  # somebody began it in this moment
    raise RuntimeError(f"the manifest of {account} at {location_code} opens and closes faster than it can be read")


@transaction.atomic
def add(account: CarrierAccount, location_code: str, label: Label, *, by: Any) -> Manifest:
    """Put a bought label on the open manifest. Quiet when it is on one already."""
    Actor.of(by)
    manifest = _locked_open(account, location_code)
    row = lock(Label.objects.filter(pk=label.pk))[0]
    if not (row.is_bought and row.is_live) or row.account_id != account.pk:
        raise Refused(f"{row} is not a bought label of {account}.", code="not_bought")
    if row.manifest_id:
        return row.manifest
    row.manifest = manifest
    row.save(update_fields=["manifest"])
    return manifest


@transaction.atomic
def remove(label: Label, *, by: Any) -> Label:
    """Take a label off a manifest that is still open: its parcel stays behind."""
    Actor.of(by)
    row = lock(Label.objects.filter(pk=label.pk).select_related("manifest"))[0]
    if row.manifest and not row.manifest.is_open:
        raise Refused(f"{row.manifest} is {row.manifest.get_state_display().lower()} already.")
    row.manifest = None
    row.save(update_fields=["manifest"])
    return row


@transaction.atomic
def close(manifest: Manifest, *, by: Any) -> Manifest:
    """Freeze the list and have a worker tell the carrier. Quiet when it was closed before; refused while empty."""
    Actor.of(by)
    row = lock(Manifest.objects.filter(pk=manifest.pk))[0]
    if row.is_closed or (row.state == ManifestState.CLOSING and not _is_stuck(row)):
        return row
    if not row.labels.exists():
        raise Refused(f"{row} is empty.", code="empty_manifest")
    if row.is_open:
        states.advance(row, ManifestState.CLOSING, moves=MANIFEST_MOVES)
    row.problem = ""
    row.save()
    outbox.post(CLOSE, f"manifest:{row.pk}:{timezone.now():%Y%m%d%H%M%S%f}", {"manifest": row.pk})
    return row


def tell_carrier(manifest_id: int) -> Manifest:
    """Close it with the carrier, or on our own paper. Raises CarrierError when it has to be tried again.

    After a refusal for good the list is open again where no other has been begun, and a case asks a person.
    """
    manifest = Manifest.objects.select_related("account").get(pk=manifest_id)
    if manifest.state != ManifestState.CLOSING:
        return manifest
    provider = accounts.provider_of(manifest.account)
    result = ManifestResult("")
    if provider.closes_manifests:
        try:
            result = provider.close_manifest(_request(manifest))
        except CarrierError as e:
            row = _troubled(manifest, e)
            if e.permanent and not e.sign_in:
                return row
            raise
    crash_point("manifest.after_close")
    return _closed(manifest, result)


def _locked_open(account: CarrierAccount, location_code: str) -> Manifest:
    """Locked, so that it can't be closed while a label is put on it."""
    for _ in range(3):
        row = lock(Manifest.objects.filter(pk=open_for(account, location_code).pk))[0]
        if row.is_open:
            return row
    raise RuntimeError(f"the manifest of {account} at {location_code} closes faster than it can be locked")


def _is_stuck(row: Manifest) -> bool:
    """Refused while another list had been begun: nobody is telling the carrier any more."""
    return bool(row.problem) and row.retry_at is None


def _request(manifest: Manifest) -> ManifestRequest:
    return ManifestRequest(
        reference=manifest.number,
        location_code=manifest.location_code,
        ship_date=timezone.localdate(),
        tracking_numbers=tuple(manifest.labels.order_by("pk").values_list("tracking_number", flat=True)),
    )


@transaction.atomic
def _closed(manifest: Manifest, result: ManifestResult) -> Manifest:
    row = lock(Manifest.objects.filter(pk=manifest.pk))[0]
    if row.state != ManifestState.CLOSING:
        return row
    for number, why in result.refused.items():
        _leave_behind(row, number, why)
    states.advance(row, ManifestState.CLOSED, moves=MANIFEST_MOVES)
    row.carrier_reference, row.closed_at, row.retry_at = result.carrier_reference[:80], timezone.now(), None
    row.pdf, row.problem = result.pdf or _paper(row, result.carrier_reference), ""
    row.save()
    cases.resolve_case(_case_key(row), by=SYSTEM, resolution="Closed")
    return row


def _leave_behind(row: Manifest, number: str, why: str) -> None:
    """The others go; this one comes off the list and a person looks at it."""
    for label in lock(Label.objects.filter(manifest=row, tracking_number=number)):
        label.manifest = None
        label.problem = f"Left off {row}: {why}"[:500]
        label.save(update_fields=["manifest", "problem"])
        cases.open_case(
            "manifest_refused",
            f"label:{label.pk}",
            title=f"{number} was refused on manifest {row}",
            detail=why,
            key=f"manifest_refused:{label.pk}",
            action_label="Look at the label",
            action_url=label.get_absolute_url(),
            severity="high",
            sla_minutes=120,
            by=SYSTEM,
        )


def _paper(row: Manifest, reference: str) -> bytes:
    listed = []
    for label in row.labels.order_by("pk"):
        to = LabelRequest.from_json(label.request).destination
        listed.append((label.tracking_number, label.parcel_reference, label.service_name, f"{to.name}, {to.city}"))
    return paper.manifest_pdf(
        row.number,
        carrier=row.account.name,
        place=row.location_code,
        at=timezone.localtime(),
        rows=listed,
        reference=reference,
    )


@transaction.atomic
def _troubled(manifest: Manifest, error: CarrierError) -> Manifest:
    accounts.note_failure(manifest.account, error)
    row = lock(Manifest.objects.filter(pk=manifest.pk))[0]
    row.problem = str(error)[:300]
    row.retry_at = timezone.now() + timedelta(seconds=error.retry_after or 30)
    if error.permanent and not error.sign_in:
        _refused(row)
    row.save()
    return row


def _refused(row: Manifest) -> None:
    row.retry_at = None
    other = Manifest.objects.filter(account=row.account_id, location_code=row.location_code, state=ManifestState.OPEN)
    if not other.exists():
        states.advance(row, ManifestState.OPEN, moves=MANIFEST_MOVES)
    cases.open_case(
        "manifest_failed",
        f"manifest:{row.number}",
        title=f"Manifest {row} was not closed",
        detail=row.problem,
        key=_case_key(row),
        action_label="Open the manifest",
        action_url=row.get_absolute_url(),
        severity="high",
        sla_minutes=60,
        by=SYSTEM,
    )


def _case_key(row: Manifest) -> str:
    return f"manifest_failed:{row.pk}"
