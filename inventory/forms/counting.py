"""What is to be counted, and how many lie there."""

from typing import Any

from django import forms

from inventory.forms import MOST_UNITS
from inventory.forms.locations import expand
from inventory.models import Bin, Location, Sku
from inventory.statuses import COUNTABLE

MOST_BINS = 2000


class CountForm(forms.Form):
    location = forms.ModelChoiceField(Location.objects.none(), label="Where")
    bins = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, or a range: A-01..A-12",
    )
    skus = forms.CharField(
        required=False,
        label="Or SKUs",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One code a line; each is counted wherever it lies.",
    )
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.visible_to(user).active().order_by("name")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            cleaned["bins"] = self._bins(cleaned["location"], cleaned["bins"])
            cleaned["skus"] = self._skus(cleaned["skus"])
            if not self.errors and not cleaned["bins"] and not cleaned["skus"]:
                self.add_error("bins", "Name the bins to count, or SKUs.")
        return cleaned

    def _bins(self, location: Location, text: str) -> list[Bin]:
        codes = {code.upper() for line in text.split() for code in expand(line)}
        if len(codes) > MOST_BINS:
            self.add_error("bins", f"At most {MOST_BINS:,} bins at a time.")
            return []
        found = {bin.code.upper(): bin for bin in location.bins.filter(kind__in=COUNTABLE, code__in=codes)}
        if missing := sorted(codes - set(found)):
            self.add_error("bins", f"No bin to count at {location}: {', '.join(missing[:10])}.")
        return list(found.values())

    def _skus(self, text: str) -> list[Sku]:
        codes = {code.upper() for code in text.split()}
        found = {sku.code.upper(): sku for sku in Sku.objects.filter(code__in=codes, digital=False)}
        if missing := sorted(codes - set(found)):
            self.add_error("skus", f"Not a SKU with stock: {', '.join(missing[:10])}.")
        return list(found.values())


class UnitsForm(forms.Form):
    code = forms.CharField(max_length=200)
    lot = forms.CharField(max_length=40, required=False)
    units = forms.IntegerField(min_value=0, max_value=MOST_UNITS)
