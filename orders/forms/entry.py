"""An order as an agent types it, on the phone or at the counter."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from inventory import availability
from inventory.models import Location, Sku
from oms.common.errors import Invalid
from oms.common.money import Money, quantize
from orders import intake, pricing
from orders.channels.base import ExternalLine, ExternalOrder, ExternalPayment
from orders.forms import AddressForm
from orders.models import Channel, Customer
from orders.statuses import Method

LEAST_ROWS, MOST_ROWS = 3, 60
BY_HAND = ("phone", "store")
PAID = [("unpaid", "Not yet"), ("paid", "Paid"), ("authorised", "Authorised")]
LEVELS = [("standard", "Standard"), ("express", "Express")]


@dataclass(frozen=True)
class Typed:
    """A row as it was typed, and what we know of it."""

    sku: Sku
    units: int
    price: Decimal
    available: int | None  # None for digital goods

    @property
    def short(self) -> bool:
        return self.available is not None and self.available < self.units


class EntryForm(forms.Form):
    entry = forms.UUIDField(widget=forms.HiddenInput)
    channel = forms.ModelChoiceField(Channel.objects.none(), empty_label=None)
    customer_name = forms.CharField(max_length=160, label="Name")
    email = forms.EmailField(required=False, label="E-mail")
    phone = forms.CharField(max_length=40, required=False)
    method = forms.ChoiceField(choices=Method.choices)
    service_level = forms.ChoiceField(choices=LEVELS, required=False, label="Shipping method")
    pickup_location = forms.ModelChoiceField(Location.objects.none(), required=False, label="Collected at")
    shipping = forms.DecimalField(required=False, min_value=0, max_digits=10, decimal_places=3, label="Shipping charge")
    tax_rate = forms.DecimalField(
        required=False, min_value=0, max_value=99, max_digits=5, decimal_places=2, label="Tax, percent"
    )
    promo_codes = forms.CharField(required=False, max_length=200, help_text="Spaces between several.")
    payment = forms.ChoiceField(choices=PAID, label="Paid?")
    amount = forms.DecimalField(
        required=False, min_value=0, max_digits=14, decimal_places=3, help_text="All of it if empty."
    )
    reference = forms.CharField(required=False, max_length=120)
    tender = forms.CharField(required=False, max_length=40, label="Paid by")
    note = forms.CharField(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        """`initial` fills an unbound form with what was typed so far."""
        super().__init__(data, initial={**fresh(), **(initial or {})})
        address = {k.removeprefix("address-"): v for k, v in (initial or {}).items() if k.startswith("address-")}
        self.address = AddressForm(data, prefix="address", initial=address)
        self.fields["channel"].queryset = Channel.objects.filter(kind__in=BY_HAND, active=True).order_by("name")
        self.fields["pickup_location"].queryset = Location.objects.filter(collects=True, active=True).order_by("name")
        self.size = rows_in(data if data is not None else initial or {})
        for n in range(self.size):
            self.fields[f"sku-{n}"] = forms.CharField(required=False, max_length=80, label="SKU")
            self.fields[f"units-{n}"] = forms.IntegerField(required=False, min_value=1, max_value=99_999, label="Units")
            self.fields[f"price-{n}"] = forms.DecimalField(
                required=False, min_value=0, max_digits=12, decimal_places=3, label="Price"
            )

    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        for n in range(self.size):
            yield self[f"sku-{n}"], self[f"units-{n}"], self[f"price-{n}"]

    def is_valid(self) -> bool:
        valid = super().is_valid()
        needs_address = self.data.get("method") == Method.SHIP
        return (not needs_address or self.address.is_valid()) and valid

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self.typed = self._typed(said)
        if not self.typed and not self.errors:
            raise forms.ValidationError("Add at least one SKU.")
        if said.get("method") == Method.PICKUP and not said.get("pickup_location"):
            self.add_error("pickup_location", "Choose the store.")
        if said.get("method") == Method.DIGITAL and not said.get("email"):
            self.add_error("email", "Downloads are sent by mail.")
        if not said.get("email") and not said.get("phone") and "email" not in self.errors:
            self.add_error("email", "Give an e-mail address or a phone number.")
        if self.typed and said.get("channel"):
            for problem in self.quote().problems:
                self.add_error("promo_codes", problem)
        return said

    def quote(self) -> pricing.Quote:
        said, currency = self.cleaned_data, self.currency
        customer = Customer.objects.filter(email__iexact=said["email"]).first() if said.get("email") else None
        return pricing.quote(
            [ExternalLine(row.sku.code, row.units, row.price, name=row.sku.name) for row in self.typed],
            currency=currency,
            shipping=quantize(said.get("shipping") or Decimal(0), currency),
            promo_codes=self.codes,
            tax_rate=(said.get("tax_rate") or Decimal(0)) / 100,
            customer_id=customer.pk if customer else None,
        )

    @property
    def currency(self) -> str:
        channel = self.cleaned_data.get("channel")
        return channel.currency if channel else "EUR"

    @property
    def codes(self) -> tuple[str, ...]:
        words = re.split(r"[\s,;]+", self.cleaned_data.get("promo_codes") or "")
        return tuple(dict.fromkeys(word.upper() for word in words if word))

    def external(self) -> ExternalOrder:
        """The order in the words of every channel; call after is_valid."""
        said, quote = self.cleaned_data, self.quote()
        amount = said["amount"] if said["amount"] is not None else quote.total
        return ExternalOrder(
            external_id=str(said["entry"]),
            placed_at=timezone.now().replace(microsecond=0),
            currency=self.currency,
            lines=quote.lines,
            customer_name=said["customer_name"],
            email=said["email"],
            phone=said["phone"],
            shipping_address=self.address.postal if said["method"] == Method.SHIP else None,
            method=said["method"],
            pickup_location=said["pickup_location"].code if said["method"] == Method.PICKUP else "",
            service_level=said["service_level"] if said["method"] == Method.SHIP else "",
            shipping=quote.shipping,
            promo_codes=self.codes,
            payment=ExternalPayment(said["payment"], quantize(amount, self.currency), said["reference"], said["tender"])
            if said["payment"] != "unpaid"
            else ExternalPayment(),
            note=said["note"],
        )

    def _typed(self, said: Mapping[str, Any]) -> list[Typed]:
        """Rows that mean something; what is wrong with the others stands beside them."""
        codes = {n: said.get(f"sku-{n}") for n in range(self.size) if said.get(f"sku-{n}")}
        skus = intake.find_skus(list(codes.values()))
        there = availability.ats([sku.pk for sku in skus.values()])
        found = []
        for n, code in codes.items():
            sku = skus.get(code.upper())
            try:
                found.append(self._row(sku, said, n, there))
            except Invalid as e:
                self.add_error(f"{e.field}-{n}", str(e))
        return found

    def _row(self, sku: Sku | None, said: Mapping[str, Any], n: int, there: Mapping[int, int]) -> Typed:
        if sku is None or not sku.active:
            raise Invalid("There is no such SKU for sale.", field="sku")
        price = said.get(f"price-{n}")
        if price is None and sku.currency != self.currency:
            raise Invalid(f"It has no price in {self.currency}: enter one.", field="price")
        price = quantize(sku.price if price is None else price, self.currency)
        return Typed(sku, said.get(f"units-{n}") or 1, price, None if sku.digital else there.get(sku.pk, 0))


def rows_in(data: Mapping[str, Any]) -> int:
    """As many rows as are filled, and one more to type into."""
    filled = [int(key[4:]) for key in data if re.fullmatch(r"sku-\d{1,2}", key) and data.get(key)]
    return min(max(LEAST_ROWS, max(filled, default=-1) + 2), MOST_ROWS)


def fresh() -> dict[str, Any]:
    return {"entry": uuid.uuid4(), "method": Method.SHIP, "payment": "unpaid", "service_level": "standard"}


def priced(rows: list[Typed], currency: str) -> list[dict[str, Any]]:
    """For the live totals."""
    return [
        {"row": row, "price": Money(row.price, currency), "total": Money(row.price * row.units, currency)}
        for row in rows
    ]
