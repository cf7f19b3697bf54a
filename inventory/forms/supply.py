"""Goods that are due: purchases and transfers with their lines, and what came of them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from inventory.forms import MOST_UNITS, AnywayField
from inventory.models import Location, Sku, Supplier
from inventory.statuses import PICKABLE, BinKind
from inventory.stock import room
from oms.common.numbers import whole


class LinesField(forms.CharField):
    """ "MUG 5", one a line: gives {Sku: units}."""

    widget = forms.Textarea(attrs={"rows": 6, "placeholder": "MUG-RED 24"})
    digital = False  # may be digital as well

    def clean(self, value: Any) -> dict[Sku, int]:
        wanted: dict[str, int] = {}
        for line in super().clean(value).splitlines():
            if line.strip():
                code, units = self._read(line)
                wanted[code] = wanted.get(code, 0) + units
        found = Sku.objects.filter(code__in=wanted, is_kit=False)
        skus = {sku.code.upper(): sku for sku in found if self.digital or not sku.digital}
        missing = [code for code in wanted if code not in skus]
        if missing:
            raise forms.ValidationError(f"Not a SKU with stock: {', '.join(missing)}.")
        return {skus[code]: units for code, units in wanted.items()}

    def _read(self, line: str) -> tuple[str, int]:
        code, _, units = line.replace("\t", " ").replace(";", " ").strip().rpartition(" ")
        many = whole(units, digits=8) or 0
        if not code.strip() or not 0 < many < MOST_UNITS:
            raise forms.ValidationError(f"“{line.strip()}”: write the SKU, a space and the units.")
        return code.strip().upper(), many


class PurchaseForm(forms.Form):
    supplier = forms.ModelChoiceField(Supplier.objects.filter(active=True).order_by("name"), required=False)
    new_supplier = forms.CharField(max_length=120, required=False, help_text="Instead, when it is a new one.")
    location = forms.ModelChoiceField(Location.objects.none(), label="Deliver to")
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Expected on")
    lines = LinesField(label="What to buy", help_text="One SKU a line with its units.")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = Location.objects.visible_to(user).active().order_by("name")
        self.fields["expected_on"].initial = timezone.localdate() + timedelta(days=7)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("supplier") and not (cleaned.get("new_supplier") or "").strip():
            self.add_error("supplier", "Choose a supplier, or write the name of a new one.")
        return cleaned


class TransferForm(forms.Form):
    origin = forms.ModelChoiceField(Location.objects.none(), label="From")
    destination = forms.ModelChoiceField(Location.objects.none(), label="To")
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Arrives on")
    lines = LinesField(label="What to send", help_text="One SKU a line with its units.")
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].queryset = Location.objects.visible_to(user).active().order_by("name")
        self.fields["destination"].queryset = Location.objects.active().order_by("name")
        self.fields["expected_on"].initial = timezone.localdate() + timedelta(days=2)


class ReceiveForm(forms.Form):
    quantity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, label="Came")
    damaged = forms.IntegerField(min_value=0, required=False, label="Of these damaged")
    lot = forms.CharField(max_length=40, label="Lot")
    expires_on = forms.DateField(
        required=False, label="Expires on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    serials = forms.CharField(
        required=False, max_length=20_000, label="Serial numbers", widget=forms.Textarea(attrs={"rows": 2})
    )
    bin = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label="Into")
    anyway = AnywayField()

    def __init__(self, *args: Any, location: Location, sku: Sku, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.can(room.OVERRIDE):
            del self.fields["anyway"]
        if not sku.has_lots:
            del self.fields["lot"], self.fields["expires_on"]
        if not sku.has_serials:
            del self.fields["serials"]
        bins = location.bins.filter(kind__in=PICKABLE).order_by("kind", "pick_sequence", "code")
        arrivals = [b for b in bins if b.kind == BinKind.RECEIVING]
        shelves = [b for b in bins if b.kind == BinKind.SHELF]
        self.fields["bin"].choices = [("", f"{arrivals[0].code} (put away later)")] + [(b.pk, b.code) for b in shelves]


class PostponeForm(forms.Form):
    expected_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Expected on")
