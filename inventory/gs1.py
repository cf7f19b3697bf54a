"""Read GS1 barcodes (GS1-128, DataMatrix): what they say beside which goods they are. Pure."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from oms.common.errors import Refused

SEPARATOR = "\x1d"  # FNC1 as scanners send it
PREFIXES = ("]C1", "]d2", "]Q3", "]e0", SEPARATOR)
FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "13": 6, "15": 6, "17": 6}
LONGEST = {"10": 20, "21": 20, "30": 8, "37": 8}
WEIGHT, WEIGHT_DIGITS = "310", 6
DATES = {"11": "made_on", "13": "packed_on", "15": "best_before", "17": "expires_on"}


class Malformed(Refused):
    """Begins like a GS1 barcode and can't be read as one. The sentence says where."""

    code = "malformed_barcode"
    status = 422


@dataclass(frozen=True)
class Said:
    """`sscc` is a pallet or carton of its own; `quantity` and `weight_g` are 0 where the barcode does not tell."""

    gtin: str = ""
    sscc: str = ""
    lot: str = ""
    serial: str = ""
    made_on: date | None = None
    packed_on: date | None = None
    best_before: date | None = None
    expires_on: date | None = None
    quantity: int = 0
    weight_g: int = 0

    @property
    def last_day(self) -> date | None:
        return self.expires_on or self.best_before

    @property
    def codes(self) -> list[str]:
        """The codes its goods may be known by: a GTIN-14 also as the EAN or UPC that it pads with zeros."""
        shorter = [self.gtin[14 - n :] for n in (13, 12, 8) if self.gtin and set(self.gtin[: 14 - n]) == {"0"}]
        return [self.gtin, *shorter] if self.gtin else []


def read(code: str, *, today: date) -> Said | None:
    """What it says, or None for any other barcode. Raises Malformed when it begins as one and is broken."""
    code = code.strip(" \r\n\t")
    prefix = next((p for p in PREFIXES if code.startswith(p)), "")
    if not prefix and not (SEPARATOR in code or _looks_like_one(code)):
        return None
    said, rest = Said(), code[len(prefix) :].lstrip(SEPARATOR)
    while rest:
        ai, value, rest = _next(rest)
        said = replace(said, **_meaning(ai, value, today))
    return said


def check_digit(digits: str) -> int:
    """The last digit that belongs behind these: by threes and ones from the right."""
    return -sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits))) % 10


def is_sound(code: str) -> bool:
    """Digits that end in their check digit."""
    return code.isascii() and code.isdigit() and len(code) > 1 and check_digit(code[:-1]) == int(code[-1])


def _looks_like_one(code: str) -> bool:
    """Some scanners send no prefix: a sound GTIN-14 behind 01 and more behind it is no other barcode."""
    return len(code) > 16 and code[:2] in ("01", "02") and is_sound(code[2:16])


def _next(rest: str) -> tuple[str, str, str]:
    """(identifier, value, what follows)."""
    ai = rest[:4] if rest.startswith(WEIGHT) else rest[:2]
    if size := FIXED.get(ai) or (WEIGHT_DIGITS if ai.startswith(WEIGHT) else 0):
        end = len(ai) + size
        value = rest[len(ai) : end]
        if len(value) != size or not (value.isascii() and value.isdigit()):
            raise Malformed(f"({ai}) needs {size} digits, “{value}” is not that.")
        return ai, value, rest[end:].lstrip(SEPARATOR)
    if ai not in LONGEST:
        raise Malformed(f"“{rest[:4]}” is not something that is read from a GS1 barcode here.")
    value, _, rest = rest[2:].partition(SEPARATOR)
    if not 0 < len(value) <= LONGEST[ai]:
        raise Malformed(f"({ai}) has {len(value)} characters, 1 to {LONGEST[ai]} are allowed.")
    return ai, value, rest.lstrip(SEPARATOR)


def _meaning(ai: str, value: str, today: date) -> dict[str, Any]:
    if ai in ("00", "01", "02"):
        if not is_sound(value):
            raise Malformed(f"({ai}) {value} has a wrong check digit. Scan it again.")
        return {"sscc" if ai == "00" else "gtin": value}
    if ai in DATES:
        return {DATES[ai]: _day(ai, value, today)}
    if ai in ("30", "37"):
        if not (value.isascii() and value.isdigit()):
            raise Malformed(f"({ai}) “{value}” is not a number of units.")
        return {"quantity": int(value)}
    if ai.startswith(WEIGHT):
        return {"weight_g": _grams(ai, value)}
    return {"lot" if ai == "10" else "serial": value}


def _day(ai: str, value: str, today: date) -> date:
    """YYMMDD. Day 00 is the last of its month; the year is the one from 49 years back to 50 ahead."""
    year, month, day = (int(value[n : n + 2]) for n in (0, 2, 4))
    year += today.year // 100 * 100
    year += 100 if year < today.year - 49 else -100 if year > today.year + 50 else 0
    try:
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise Malformed(f"({ai}) {value} is not a date.") from None


def _grams(ai: str, value: str) -> int:
    """(3103) 001250 is 1.250 kg."""
    if not ai[3:].isdigit():
        raise Malformed(f"“{ai}” is not something that is read from a GS1 barcode here.")
    return int(int(value) * 1000 / 10 ** int(ai[3]))
