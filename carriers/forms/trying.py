"""Try a rate: what would a parcel cost to send?"""

from typing import Any

from django import forms
from django.utils import timezone

from carriers.providers.base import ParcelSpec, RateRequest
from oms.common.postal import PostalAddress


class TryForm(forms.Form):
    from_country = forms.CharField(label="From country", max_length=2, initial="DE")
    from_postcode = forms.CharField(label="From postcode", max_length=12, initial="10115")
    to_country = forms.CharField(label="To country", max_length=2, initial="DE")
    to_postcode = forms.CharField(label="To postcode", max_length=12, initial="20354")
    home = forms.BooleanField(label="To a home", required=False, initial=True)
    weight_kg = forms.DecimalField(
        label="Weight, kg", min_value=0, max_value=10000, decimal_places=3, initial=1, widget=forms.NumberInput
    )
    length_cm = forms.DecimalField(label="Length, cm", min_value=0, max_value=1000, decimal_places=1, initial=30)
    width_cm = forms.DecimalField(label="Width, cm", min_value=0, max_value=1000, decimal_places=1, initial=20)
    height_cm = forms.DecimalField(label="Height, cm", min_value=0, max_value=1000, decimal_places=1, initial=10)
    value = forms.DecimalField(label="Goods worth", min_value=0, max_digits=12, decimal_places=2, initial=50)

    def request(self, currency: str) -> RateRequest:
        told = self.cleaned_data
        sizes = [int(told[name] * 10) for name in ("length_cm", "width_cm", "height_cm")]
        return RateRequest(
            origin=_place(told, "from"),
            destination=_place(told, "to", company="" if told["home"] else "Company"),
            parcels=(ParcelSpec(int(told["weight_kg"] * 1000), *sizes),),
            currency=currency,
            value=told["value"],
            ship_at=timezone.localtime(),
        )


def _place(told: dict[str, Any], end: str, company: str = "") -> PostalAddress:
    return PostalAddress(
        name="Somebody",
        company=company,
        line1="Street 1",
        city="Town",
        postal_code=told[f"{end}_postcode"].strip().upper(),
        country=told[f"{end}_country"].strip().upper(),
    )
