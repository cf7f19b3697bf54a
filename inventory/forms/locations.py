"""Places with their address, their shelves and who works there."""

from typing import Any

from django import forms

from inventory.forms import CODE, MOST_UNITS
from inventory.models import Bin, Location
from inventory.statuses import LocationKind
from oms.common import addresses
from oms.common.addresses import PostalAddress
from oms.common.numbers import whole


class LocationForm(forms.ModelForm):
    company = forms.CharField(max_length=120, required=False)
    line1 = forms.CharField(max_length=120, label="Street and number")
    line2 = forms.CharField(max_length=120, required=False, label="Further line")
    postal_code = forms.CharField(max_length=20, required=False)
    city = forms.CharField(max_length=80)
    region = forms.CharField(max_length=80, required=False)
    country = forms.CharField(max_length=2, help_text="Two letters, DE or US.")
    phone = forms.CharField(max_length=40, required=False)

    class Meta:
        model = Location
        fields = ["code", "name", "kind", "time_zone", "cut_off", "capacity", "priority", "ships", "collects", "active"]
        fields += ["recount_units", "recount_percent", "recount_value"]
        labels = {
            "time_zone": "Time zone",
            "cut_off": "Cut-off",
            "capacity": "Units a day",
            "ships": "Ships parcels",
            "collects": "Customers collect here",
            "active": "Open",
            "recount_units": "Count again beyond, units",
            "recount_percent": "And beyond, % of the books",
            "recount_value": "Or beyond this worth",
        }
        help_texts = {
            "cut_off": "Local time by which work must be ready to leave the same day.",
            "capacity": "Empty means no limit.",
            "recount_units": "A difference larger than both is counted again by another person.",
            "recount_value": "At the SKU's price. Empty means whatever it is worth.",
            "priority": "Among equal places the higher number is asked first.",
        }
        widgets = {"cut_off": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].validators.append(CODE)
        self.fields["recount_units"].required = self.fields["recount_percent"].required = False
        if self.instance.pk:
            self.fields["code"].disabled = True
            postal = self.instance.address.as_dataclass()
            self.initial |= {name: getattr(postal, name) for name in self.fields if hasattr(postal, name)} | {
                "name": self.instance.name
            }

    def clean_recount_units(self) -> int:
        return self._or_usual("recount_units")

    def clean_recount_percent(self) -> int:
        return self._or_usual("recount_percent")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == LocationKind.TRANSIT and (cleaned.get("ships") or cleaned.get("collects")):
            self.add_error("kind", "What is in transit can't be shipped or collected. Untick both.")
        if not self.errors:
            self._check(self.postal)
        return cleaned

    @property
    def postal(self) -> PostalAddress:
        names = ("company", "line1", "line2", "postal_code", "city", "region", "country", "phone")
        facts = {name: self.cleaned_data.get(name, "") for name in names}
        facts["country"] = facts["country"].upper()
        return addresses.normalise(PostalAddress(name=self.cleaned_data.get("name", ""), **facts))

    def _or_usual(self, name: str) -> int:
        said = self.cleaned_data[name]
        return Location._meta.get_field(name).default if said is None else said

    def _check(self, postal: PostalAddress) -> None:
        for problem in addresses.check(postal):
            if not problem.is_warning:
                self.add_error(problem.field if problem.field in self.fields else None, problem.message)


class BinForm(forms.ModelForm):
    class Meta:
        model = Bin
        fields = ["zone", "pick_sequence", "capacity", "litres"]
        labels = {"pick_sequence": "Place in the walk", "capacity": "Room for units", "litres": "Room, litres"}
        help_texts = {
            "pick_sequence": "Shelves are walked in rising order.",
            "capacity": "Empty means no limit.",
            "litres": "Counts instead of units, where the sizes of all that lies there are known.",
        }


class ShelvesForm(forms.Form):
    zone = forms.CharField(max_length=40, required=False, help_text="Where they stand: cold, ground floor, A.")
    capacity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, required=False, label="Room for units, each")
    litres = forms.IntegerField(min_value=1, max_value=1_000_000, required=False, label="Room in litres, each")
    codes = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line, in the order they are walked. A range makes many: A-01..A-12",
    )

    def clean_codes(self) -> list[str]:
        codes = [code for line in self.cleaned_data["codes"].split() for code in expand(line)]
        if len(codes) > 2000:
            raise forms.ValidationError("At most 2,000 at a time.")
        for code in codes:
            CODE(code)
            if len(code) > 40:
                raise forms.ValidationError(f"{code[:20]}… is longer than a shelf's name can be (40).")
        return codes


class StaffForm(forms.Form):
    staff = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, label="Who works here")


def expand(text: str) -> list[str]:
    """A-01..A-03 → A-01, A-02, A-03; anything else is one code."""
    first, dots, last = text.partition("..")
    head = first.rstrip("0123456789")
    numbers = first[len(head) :], last[len(head) :]
    if not dots or not last.startswith(head) or any(whole(n, digits=8) is None for n in numbers):
        return [text]
    start, end = int(numbers[0]), min(int(numbers[1]), int(numbers[0]) + 2001)
    return [f"{head}{n:0{len(numbers[0])}d}" for n in range(start, end + 1)]
