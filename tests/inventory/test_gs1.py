"""What a GS1 barcode says: numbers, dates, lots, and what is broken about it."""

from datetime import date

import pytest

from inventory import gs1
from inventory.gs1 import Malformed, Said

TODAY = date(2026, 11, 24)
GTIN = "04012345000009"


def test_a_data_matrix_gives_goods_lot_expiry_serial_and_units():
    code = f"]d201{GTIN}17270331" + "10LOT-7\x1d21SN0001\x1d3012"

    assert gs1.read(code, today=TODAY) == Said(
        gtin=GTIN, expires_on=date(2027, 3, 31), lot="LOT-7", serial="SN0001", quantity=12
    )


@pytest.mark.parametrize("prefix", ["]C1", "]d2", "\x1d", ""])
def test_the_prefix_of_the_scanner_does_not_matter(prefix):
    assert gs1.read(f"{prefix}01{GTIN}10A1", today=TODAY) == Said(gtin=GTIN, lot="A1")


@pytest.mark.parametrize("code", ["4012345000009", "SKU-1", "", "0101010101010101", "01234567890123456"])
def test_other_barcodes_are_none_of_it(code):
    assert gs1.read(code, today=TODAY) is None


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        ("04012345000009", ["04012345000009", "4012345000009"]),
        ("00012345678905", ["00012345678905", "0012345678905", "012345678905"]),
        ("14012345000006", ["14012345000006"]),
    ],
)
def test_a_gtin_14_is_known_by_the_shorter_code_that_it_pads(code, codes):
    assert gs1.read(f"]C101{code}", today=TODAY).codes == codes


@pytest.mark.parametrize(
    ("said", "day"),
    [("270200", date(2027, 2, 28)), ("760101", date(2076, 1, 1)), ("770101", date(1977, 1, 1))],
)
def test_a_date_has_a_century_and_may_mean_the_end_of_a_month(said, day):
    assert gs1.read(f"]C117{said}", today=TODAY).expires_on == day


def test_best_before_counts_as_the_last_day_when_nothing_expires():
    assert gs1.read("]C115270331", today=TODAY).last_day == date(2027, 3, 31)


def test_a_pallet_has_its_own_number_and_its_weight():
    said = gs1.read("]C100106141412345678908" + "3103001250" + "3740", today=TODAY)

    assert said == Said(sscc="106141412345678908", weight_g=1250, quantity=40)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("]C10104012345000008", "wrong check digit"),
        ("]C1010401234500000", "needs 14 digits"),
        ("]C117271331", "is not a date"),
        ("]C110" + "X" * 21, "has 21 characters"),
        ("]C110", "has 0 characters"),
        ("]C130x", "not a number of units"),
        ("]C1987", "not something that is read"),
        ("]C1310x001250", "not something that is read"),
    ],
)
def test_what_is_broken_is_said(code, sentence):
    with pytest.raises(Malformed, match=sentence):
        gs1.read(code, today=TODAY)


@pytest.mark.parametrize(("digits", "check"), [("401234500000", 9), ("01234567890", 5), ("10614141234567890", 8)])
def test_check_digits(digits, check):
    assert gs1.check_digit(digits) == check
    assert gs1.is_sound(f"{digits}{check}")
    assert not gs1.is_sound(f"{digits}{(check + 1) % 10}")
