"""An account as its carrier's fields ask for it, and its services."""

from typing import Any

from django import forms

from carriers import providers
from carriers.models import CarrierAccount, Service

KINDS = {"url": forms.URLInput, "number": forms.NumberInput, "long": forms.Textarea}


class ProviderForm(forms.Form):
    """Which carrier a new account is with."""

    provider = forms.ChoiceField(label="Carrier", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [(name, providers.get(name).title) for name in providers.names()]


class AccountForm(forms.ModelForm):
    """The carrier's own fields stand behind ours. A secret is never shown; left empty it stays as it is."""

    class Meta:
        model = CarrierAccount
        fields = ["name", "currency", "dim_divisor", "label_format", "label_limit", "daily_limit", "active"]
        labels = {
            "name": "Name",
            "currency": "Bills in",
            "dim_divisor": "Volume divisor, cm³ a kilogram",
            "label_format": "Labels as",
            "label_limit": "Most for one label",
            "daily_limit": "Most a day",
            "active": "In use",
        }
        help_texts = {
            "name": "As packers read it beside its prices.",
            "dim_divisor": "The heavier of weight and volume is billed. 5000 is usual for road and air.",
            "label_limit": "A dearer label is refused.",
            "daily_limit": "Further labels are refused until midnight.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = providers.get(self.instance.provider)
        for told in self.provider.fields:
            self.fields[self._key(told.name)] = self._field(told)

    @property
    def config(self) -> dict[str, Any]:
        return {told.name: self.cleaned_data[self._key(told.name)] for told in self.provider.fields if not told.secret}

    @property
    def secrets(self) -> dict[str, str]:
        return {told.name: self.cleaned_data[self._key(told.name)] for told in self.provider.fields if told.secret}

    def clean_currency(self) -> str:
        currency = self.cleaned_data["currency"].upper()
        if len(currency) != 3 or not currency.isalpha():
            raise forms.ValidationError("Three letters, such as EUR.")
        if self.instance.pk and currency != self.initial["currency"] and self.instance.labels.exists():
            raise forms.ValidationError("Labels were bought in the other currency. Make a new account instead.")
        return currency

    def _field(self, told: Any) -> forms.Field:
        stored = (self.instance.credentials if told.secret else self.instance.config) or {}
        known = bool(stored.get(told.name))
        shown = {"initial": stored.get(told.name, told.default), "widget": KINDS.get(told.kind, forms.TextInput)()}
        if told.secret:
            shown = {"widget": forms.PasswordInput(attrs={"autocomplete": "new-password"}), "strip": True}
        help_text = f"{told.help} Stored; leave empty to keep it." if told.secret and known else told.help
        return forms.CharField(
            label=told.label, help_text=help_text, required=told.required and not (told.secret and known), **shown
        )

    @staticmethod
    def _key(name: str) -> str:
        return f"with_{name}"


class ServiceForm(forms.ModelForm):
    class Meta:
        model = Service
        fields = ["name", "code", "transit_min_days", "transit_max_days", "cut_off", "saturday", "scope", "returns"]
        fields += ["max_weight_g", "max_length_mm", "max_girth_mm", "active"]
        labels = {
            "code": "Code at the carrier",
            "transit_min_days": "Days on the way, at least",
            "transit_max_days": "Days on the way, at most",
            "cut_off": "Last hand-over",
            "saturday": "Saturday is a working day",
            "scope": "Delivers",
            "returns": "Also for parcels that come back",
            "max_weight_g": "Heaviest parcel, g",
            "max_length_mm": "Longest side, mm",
            "max_girth_mm": "Length and girth, mm",
            "active": "Offered to packers",
        }
        help_texts = {
            "cut_off": "On the clock of the place it leaves. Later parcels leave on the next working day.",
            "max_girth_mm": "Longest side plus twice width plus twice height.",
        }
        widgets = {"cut_off": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip()
        others = Service.objects.filter(account=self.instance.account, code=code).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("This account has a service with this code.")
        return code

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        least, most = told.get("transit_min_days"), told.get("transit_max_days")
        if least is not None and most is not None and least > most:
            self.add_error("transit_max_days", "Not fewer than at least.")
        return told
