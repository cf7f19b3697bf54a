"""Zones, rate tables and surcharges. A table is a grid: one row a weight, one column a zone."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils import timezone

from carriers.models import RateTable, Service, Surcharge, Zone
from oms.common import money

SPARE_ROWS = 3
MOST_ROWS = 200
DEAREST = Decimal("99999999")
HEAVIEST_KG = Decimal(10000)


class WordsField(forms.CharField):
    """Words separated by commas or spaces, in capitals, each once."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        words = super().clean(value).upper().replace(",", " ").replace(";", " ").split()
        return list(dict.fromkeys(words))


class _Places(forms.ModelForm):
    countries = WordsField(required=False, help_text="Two letters each: DE, AT. Empty or * is everywhere.")
    postal_prefixes = WordsField(
        required=False, label="Postcodes that begin with", help_text="Such as 18, 25849. Empty: the whole country."
    )

    def clean_countries(self) -> list[str]:
        return _countries(self.cleaned_data["countries"])

    def clean_postal_prefixes(self) -> list[str]:
        prefixes = self.cleaned_data["postal_prefixes"]
        if any(len(prefix) > 12 for prefix in prefixes):
            raise forms.ValidationError("A postcode has at most twelve characters.")
        return prefixes


class ZoneForm(_Places):
    class Meta:
        model = Zone
        fields = ["name", "countries", "postal_prefixes"]

    field_order = ["name", "countries", "postal_prefixes"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if Zone.objects.filter(account=self.instance.account, name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This account has a zone of this name.")
        return name

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        countries = told.get("countries") or ["*"]
        if told.get("postal_prefixes") and "*" in countries:
            self.add_error("countries", "Postcodes mean something within named countries only.")
        return {**told, "countries": countries}


class SurchargeForm(_Places):
    class Meta:
        model = Surcharge
        fields = ["name", "kind", "service", "basis", "amount", "residential_only", "countries", "postal_prefixes"]
        fields += [
            "above_weight_g",
            "above_length_mm",
            "above_girth_mm",
            "above_value",
            "from_date",
            "to_date",
            "active",
        ]
        labels = {
            "name": "Name on the price",
            "service": "Only for",
            "basis": "Worked out as",
            "amount": "Amount, or per cent",
            "residential_only": "Only to homes (no company in the address)",
            "above_weight_g": "Heavier than, g",
            "above_length_mm": "Longest side over, mm",
            "above_girth_mm": "Length and girth over, mm",
            "above_value": "Goods worth more than",
            "from_date": "From",
            "to_date": "Until",
            "active": "In force",
        }
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("from_date", "to_date")
        }

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(account=self.instance.account).order_by("name")
        self.fields["service"].empty_label = "Every service"


class RatesForm(forms.Form):
    """`cells` after it is valid: (zone, grams) → price. An empty cell is: not sold there at this weight."""

    valid_from = forms.DateField(
        label="In force from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Another day makes another table; the earlier ones are kept.",
    )

    def __init__(self, *args: Any, service: Service, table: RateTable | None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})["valid_from"] = table.valid_from if table else timezone.localdate()
        super().__init__(*args, **kwargs)
        self.zones = list(Zone.objects.filter(account=service.account).order_by("name"))
        self._rows = stored_cells(table)
        count = max(len(self._rows) + SPARE_ROWS, min(_sent_rows(self.data), MOST_ROWS))
        for i in range(count):
            grams, prices = self._rows[i] if i < len(self._rows) else (None, {})
            self.fields[f"up_to_{i}"] = _cell("Up to, kg", grams and _kg(grams), "0.001", HEAVIEST_KG)
            for zone in self.zones:
                label = f"{zone.name}, row {i + 1}"
                self.fields[f"price_{i}_{zone.pk}"] = _cell(label, prices.get(zone.pk), "0.001", DEAREST)
        self.count = count
        self.cells: dict[tuple[int, int], Decimal] = {}

    def rows(self) -> Iterator[tuple[Any, list[Any]]]:
        for i in range(self.count):
            yield self[f"up_to_{i}"], [self[f"price_{i}_{zone.pk}"] for zone in self.zones]

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        for i in range(self.count):
            kg = told.get(f"up_to_{i}")
            prices = {zone.pk: told.get(f"price_{i}_{zone.pk}") for zone in self.zones}
            given = {zone: price for zone, price in prices.items() if price is not None}
            if kg is None and given:
                self.add_error(f"up_to_{i}", f"Row {i + 1} has prices and no weight.")
            elif kg is not None:
                self._take(i, int(kg * 1000), given)
        return told

    def _take(self, i: int, grams: int, given: dict[int, Decimal]) -> None:
        if grams <= 0 or any(known == grams for _, known in self.cells):
            self.add_error(f"up_to_{i}", f"Row {i + 1}: this weight stands there twice or is nothing.")
        self.cells |= {(zone, grams): price for zone, price in given.items()}


class RatesFileForm(forms.Form):
    """A CSV with a column of weights in kg and one column for each zone, by its name."""

    valid_from = forms.DateField(label="In force from", widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(
        label="CSV file", help_text="First column the weight in kg, then one column for each zone, named as the zone."
    )

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("valid_from", f"{timezone.localdate():%Y-%m-%d}")
        super().__init__(*args, **kwargs)
        self._zones = {zone.name.casefold(): zone for zone in Zone.objects.filter(account=service.account)}
        self.cells: dict[tuple[int, int], Decimal] = {}

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > 500_000:
            raise forms.ValidationError("Larger than 500 kB: that is not a rate table.")
        try:
            text = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError as e:
            raise forms.ValidationError("Not a text in UTF-8.") from e
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ","))
        self._read(rows)
        return upload

    def _read(self, rows: list[list[str]]) -> None:
        header, problems = [name.strip() for name in (rows or [[]])[0]], []
        strange = [name for name in header[1:] if name.casefold() not in self._zones]
        if len(header) < 2 or strange:
            known = ", ".join(zone.name for zone in self._zones.values()) or "none yet"
            raise forms.ValidationError(f"No zone named “{', '.join(strange) or '…'}”. There is: {known}.")
        zones = [self._zones[name.casefold()].pk for name in header[1:]]
        for number, row in enumerate(rows[1 : MOST_ROWS + 1], start=2):
            if any(cell.strip() for cell in row):
                problems += self._row(number, row, zones)
        if problems:
            raise forms.ValidationError(problems[:20])

    def _row(self, number: int, row: list[str], zones: list[int]) -> list[str]:
        try:
            kg, *prices = [_decimal(cell) for cell in row]
        except InvalidOperation:
            return [f"Line {number}: only numbers, please."]
        grams = int((kg or 0) * 1000)
        if grams <= 0 or kg > HEAVIEST_KG or any(known == grams for _, known in self.cells):
            return [f"Line {number}: the weight is missing, stands there twice, or can't be."]
        if len(prices) > len(zones) or any(price is not None and not 0 <= price < DEAREST for price in prices):
            return [f"Line {number}: more prices than zones, or a price that can't be."]
        self.cells |= {(zone, grams): price for zone, price in zip(zones, prices, strict=False) if price is not None}
        return []


def stored_cells(table: RateTable | None) -> list[tuple[int, dict[int, Decimal]]]:
    """(up to so many grams, {zone: price}), the lightest first."""
    found: dict[int, dict[int, Decimal]] = {}
    currency = table.service.account.currency if table else ""
    for rate in table.rates.order_by("max_weight_g") if table else ():
        found.setdefault(rate.max_weight_g, {})[rate.zone_id] = _price(rate.price, currency)
    return list(found.items())


def csv_rows(table: RateTable | None, zones: list[Zone]) -> Iterator[list[Any]]:
    """The rows of the file that `RatesFileForm` reads."""
    for grams, prices in stored_cells(table):
        yield [_kg(grams), *(prices.get(zone.pk, "") for zone in zones)]


def _cell(label: str, value: Any, step: str, most: Decimal) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"aria-label": label, "step": step, "min": "0", "class": "num"})
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_value=most, decimal_places=3, initial=value, widget=widget
    )


def _sent_rows(data: Any) -> int:
    numbers = [int(name[6:]) for name in data if name.startswith("up_to_") and name[6:].isdecimal() and len(name) < 10]
    return max(numbers, default=-1) + 1


def _decimal(text: str) -> Decimal | None:
    text = text.strip().replace(",", ".") if text.count(",") == 1 and "." not in text else text.strip()
    value = Decimal(text) if text else None
    if value is not None and not value.is_finite():
        raise InvalidOperation
    return value


def _kg(grams: int) -> Decimal:
    return _plain(Decimal(grams) / 1000)


def _price(value: Decimal, currency: str) -> Decimal:
    """4.90 rather than 4.9; finer prices as they are."""
    rounded = money.quantize(value, currency)
    return rounded if rounded == value else _plain(value)


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end, and never as 1E+2."""
    return Decimal(f"{value.normalize():f}")


def _countries(words: list[str]) -> list[str]:
    if wrong := [word for word in words if word != "*" and not (len(word) == 2 and word.isalpha())]:
        raise forms.ValidationError(f"Not the two letters of a country: {', '.join(wrong)}.")
    return words


def first_day(value: Any) -> date | None:
    """A day out of a query string, or nothing."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
