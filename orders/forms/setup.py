"""What admins type about channels, promo codes and risk rules."""

from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms

from orders import risk
from orders.channels import INTERNAL, REGISTRY
from orders.models import Channel, PromoCode, RiskRule

KIND_WORDS = {
    "generic": "Any shop, by signed webhook",
    "api": "API",
    "phone": "Phone",
    "store": "Store",
    "csv": "Files",
}
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class ChannelForm(forms.ModelForm):
    callback_url = forms.URLField(
        required=False, assume_scheme="https", label="Callback address", help_text="Told of shipments and refunds."
    )
    ship_within_days = forms.IntegerField(
        required=False, min_value=0, max_value=60, label="Working days until it leaves", help_text="1 if empty."
    )
    time_zone = forms.CharField(required=False, max_length=60, help_text="Such as Europe/Berlin.")
    tax_rates = forms.CharField(required=False, help_text="In percent, with commas between: 0, 7, 19. Any if empty.")
    only_own_currency = forms.BooleanField(required=False, label="Hold orders in another currency")
    secret = forms.CharField(
        required=False,
        max_length=200,
        label="Signing secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Never shown. Leave it empty to keep the one there is.",
    )

    class Meta:
        model = Channel
        fields = ["code", "name", "kind", "currency", "active"]
        labels = {"active": "Takes orders"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(choices=[(k, KIND_WORDS.get(k, k)) for k in (*REGISTRY, *INTERNAL)])
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.fields["kind"].disabled = True
            config = self.instance.config
            self.initial |= {name: config[name] for name in CONFIG if name in config}
            self.initial["tax_rates"] = ", ".join(f"{Decimal(rate) * 100:f}" for rate in config.get("tax_rates", []))

    def clean_code(self) -> str:
        if self.cleaned_data["code"] == "new":
            raise forms.ValidationError("This word is the address of the page for new ones.")
        return self.cleaned_data["code"]

    def clean_currency(self) -> str:
        currency = self.cleaned_data["currency"].upper()
        if len(currency) != 3 or not currency.isalpha():
            raise forms.ValidationError("Three letters, such as EUR.")
        return currency

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        if zone and zone not in available_timezones():
            raise forms.ValidationError("There is no such time zone.")
        return ZoneInfo(zone).key if zone else ""

    def clean_tax_rates(self) -> list[str]:
        words = [word.strip() for word in self.cleaned_data["tax_rates"].split(",") if word.strip()]
        try:
            rates = [Decimal(word) / 100 for word in words]
        except InvalidOperation:
            raise forms.ValidationError("Numbers with commas between, such as 0, 7, 19.") from None
        if any(not rate.is_finite() or not 0 <= rate < 1 for rate in rates):
            raise forms.ValidationError("A rate is from 0 to below 100 percent.")
        return [str(rate.normalize()) for rate in rates]

    @property
    def config(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in CONFIG}
        said["ship_within_days"] = 1 if said["ship_within_days"] is None else said["ship_within_days"]
        return said


CONFIG = ("callback_url", "ship_within_days", "time_zone", "tax_rates", "only_own_currency")


class PromoForm(forms.ModelForm):
    class Meta:
        model = PromoCode
        fields = ["code", "kind", "value", "currency", "minimum", "starts_at", "ends_at", "usage_limit"]
        fields += ["per_customer_limit", "active"]
        widgets = {"starts_at": MOMENT, "ends_at": MOMENT}
        labels = {
            "value": "Percent, or amount",
            "minimum": "Goods of at least",
            "starts_at": "Begins",
            "ends_at": "Ends",
            "usage_limit": "Uses in all",
            "per_customer_limit": "Uses of one customer",
            "active": "Can be used",
        }
        help_texts = {"currency": "Of the amount and the minimum.", "value": "0 for free shipping."}

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        kind, value = said.get("kind"), said.get("value")
        if kind == PromoCode.Kind.PERCENT and value is not None and not 0 < value <= 100:
            self.add_error("value", "From above 0 to 100 percent.")
        if kind == PromoCode.Kind.AMOUNT and value is not None and value <= 0:
            self.add_error("value", "An amount above 0.")
        if kind == PromoCode.Kind.AMOUNT and not said.get("currency"):
            self.add_error("currency", "An amount needs its currency.")
        if said.get("starts_at") and said.get("ends_at") and said["starts_at"] >= said["ends_at"]:
            self.add_error("ends_at", "It ends before it begins.")
        limit = said.get("usage_limit")
        if limit is not None and limit < self.instance.used:
            self.add_error("usage_limit", f"It was used {self.instance.used} times already.")
        return said

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].strip().upper()
        if PromoCode.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This code is taken.")
        return code

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


class RuleForm(forms.ModelForm):
    class Meta:
        model = RiskRule
        fields = ["name", "fact", "operator", "value", "points", "position", "active"]
        labels = {"fact": "Look at", "operator": "Fires when it", "position": "Place in the list", "active": "Asked"}
        help_texts = {"value": "Commas between several. yes or no where the question is one."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fact"] = forms.ChoiceField(
            label="Look at", choices=[(key, fact.label) for key, fact in risk.FACTS.items()]
        )
        self.fields["operator"] = forms.ChoiceField(label="Fires when it", choices=list(risk.OPERATORS.items()))
