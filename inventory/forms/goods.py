"""What people type about goods beside their counters."""

from typing import Any

from django import forms

from inventory.forms.supply import LinesField
from inventory.models import Sku


class PartsField(LinesField):
    digital = True


class KitForm(forms.Form):
    parts = PartsField(label="What one kit is made of", help_text="One SKU a line with its units: MUG-RED 2")


class BufferForm(forms.Form):
    channel = forms.CharField(max_length=40, help_text="The channel's code, as its page shows it.")
    sku = forms.CharField(
        max_length=80, required=False, label="SKU", help_text="Empty: all without a rule of their own."
    )
    units = forms.IntegerField(min_value=0, max_value=1_000_000, required=False, label="Units kept back")
    percent = forms.IntegerField(
        min_value=0, max_value=100, required=False, label="Or percent", help_text="The larger of both counts."
    )

    def clean_sku(self) -> Sku | None:
        code = self.cleaned_data["sku"].strip()
        found = Sku.objects.filter(code__iexact=code, digital=False).first() if code else None
        if code and found is None:
            raise forms.ValidationError("There is no SKU with stock of that code.")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not (cleaned["units"] or cleaned["percent"]):
            self.add_error("units", "Say how many units or what percent to keep back.")
        return cleaned
