"""Serial numbers: taken in with goods or first seen at the pack station, gone with a parcel, back with a return."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from inventory.models import Serial, Sku
from inventory.statuses import SERIAL_MOVES, SerialState
from oms.common import states
from oms.common.actors import Actor
from oms.common.errors import Refused
from oms.common.locking import lock

LONGEST = 60


class WrongSerial(Refused):
    """This number can't be that unit."""

    code = "wrong_serial"
    status = 422


@transaction.atomic
def take_in(sku: Sku, codes: Collection[str], *, reference: str, by: Any) -> list[Serial]:
    """Units with these numbers came, for the first time or again. Refused for one that is here already."""
    Actor.of(by)
    if not sku.has_serials:
        raise WrongSerial(f"{sku.code} is not kept by serial number.")
    rows = [_locked(sku, code) for code in read(codes)]
    for row, fresh in rows:
        if not fresh and row.state == SerialState.HERE:
            raise WrongSerial(
                f"{row} of {sku.code} is here already: it came with {row.reference or 'an earlier pick'}."
            )
        _move(row, SerialState.HERE, reference)
    return [row for row, _ in rows]


@transaction.atomic
def to_pack(sku: Sku, code: str) -> Serial:
    """The unit that is being packed, first seen now or taken in before. Refused for one that has left."""
    row, _ = _locked(sku, read([code])[0])
    if row.state == SerialState.GONE:
        raise WrongSerial(f"{row} of {sku.code} left with {row.reference}. Look at the number again.")
    return row


@transaction.atomic
def leave(serials: Iterable[Serial], *, reference: str, by: Any) -> None:
    Actor.of(by)
    for row in lock(Serial.objects.filter(pk__in=[serial.pk for serial in serials])):
        _move(row, SerialState.GONE, reference)


@transaction.atomic
def come_back(serial: Serial, *, reference: str, by: Any) -> Serial:
    """A customer sent it back. Quiet when it is here."""
    Actor.of(by)
    row = lock(Serial.objects.filter(pk=serial.pk))[0]
    if row.state == SerialState.GONE:
        _move(row, SerialState.HERE, reference)
    return row


def found(code: str) -> list[Serial]:
    """Units of that number, whatever SKU they are of."""
    code = code.strip()
    return list(Serial.objects.filter(code__iexact=code).select_related("sku").order_by("pk")[:20]) if code else []


def read(codes: Iterable[str]) -> list[str]:
    """Each once, without blanks around."""
    said = [code.strip() for code in codes if code.strip()]
    once = list({code.upper(): code for code in said}.values())
    if len(once) != len(said):
        raise WrongSerial("A serial number is written down twice.")
    if not said or any(len(code) > LONGEST for code in said):
        raise WrongSerial(f"A serial number has 1 to {LONGEST} characters.")
    return said


def _locked(sku: Sku, code: str) -> tuple[Serial, bool]:
    """(the row, whether it is new)."""
    row = Serial.objects.filter(sku=sku, code__iexact=code).first()
    if row is None:
        before = Serial.objects.bulk_create([Serial(sku=sku, code=code)], ignore_conflicts=True)
        return lock(Serial.objects.filter(sku=sku, code__iexact=code))[0], bool(before)
    return lock(Serial.objects.filter(pk=row.pk))[0], False


def _move(row: Serial, state: SerialState, reference: str) -> None:
    if row.state != state:
        states.advance(row, state, moves=SERIAL_MOVES)
    row.reference = reference[:60]
    row.save()
