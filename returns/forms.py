"""What people type about returns. Each form reads and checks; the verbs decide."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inventory.forms import AnywayField
from inventory.models import Bin
from inventory.statuses import PICKABLE
from inventory.stock import room
from oms.common import addresses, money
from oms.common.addresses import PostalAddress
from orders.models import Order, OrderLine
from returns import eligibility
from returns.eligibility import Want
from returns.models import ReturnLine
from returns.statuses import Disposition, Reason


class RequestForm(forms.Form):
    """Units and reason a line; `wants` is what was chosen."""

    note = forms.CharField(
        max_length=2000, required=False, label="Note for the returns desk", widget=forms.Textarea(attrs={"rows": 2})
    )
    override = forms.CharField(
        max_length=200,
        required=False,
        label="Allow it all the same, because",
        help_text="Only needed where the policy says no.",
    )

    def __init__(self, data: Any = None, *, lines: list[OrderLine]) -> None:
        super().__init__(data)
        self.lines = lines
        for line in lines:
            if can := eligibility.returnable(line):
                self.fields[f"units-{line.pk}"] = forms.IntegerField(
                    label=f"Units of {line.sku_code}", min_value=0, max_value=can, required=False, initial=0
                )
                self.fields[f"reason-{line.pk}"] = forms.ChoiceField(
                    label=f"Why {line.sku_code} comes back", choices=[("", "Choose"), *Reason.choices], required=False
                )
                self.fields[f"comment-{line.pk}"] = forms.CharField(
                    label=f"What the customer says of {line.sku_code}", max_length=300, required=False
                )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every line of the order; those that can't come back say why."""
        for line in self.lines:
            open_ = f"units-{line.pk}" in self.fields
            names = ("units", "reason", "comment") if open_ else ()
            yield {
                "line": line,
                "can": eligibility.returnable(line),
                "why_not": eligibility.why_not(line),
                **{name: self[f"{name}-{line.pk}"] for name in names},
            }

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for line in self.lines:
            if said.get(f"units-{line.pk}") and not said.get(f"reason-{line.pk}"):
                self.add_error(f"reason-{line.pk}", f"Say why {line.sku_code} comes back.")
        if not self.errors and not any(said.get(f"units-{line.pk}") for line in self.lines):
            raise ValidationError("Choose at least one unit to send back.")
        return said

    @property
    def wants(self) -> list[Want]:
        said = self.cleaned_data
        return [
            Want(line.pk, said[f"units-{line.pk}"], said[f"reason-{line.pk}"], said[f"comment-{line.pk}"])
            for line in self.lines
            if said.get(f"units-{line.pk}")
        ]


class ApproveForm(forms.Form):
    override = forms.CharField(max_length=200, label="Allow it all the same, because")


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, label="Why")


class OptionalReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, label="Why", required=False)


class InspectForm(forms.Form):
    quantity = forms.IntegerField(min_value=1, label="Units")
    disposition = forms.ChoiceField(choices=Disposition.choices, widget=forms.RadioSelect, label="Where they go")
    accepted = forms.BooleanField(
        required=False,
        initial=True,
        label="The customer gets the money",
        help_text="Never for units that go back to the customer.",
    )
    bin = forms.ModelChoiceField(
        Bin.objects.none(),
        required=False,
        to_field_name="code",
        label="Shelf",
        help_text="For what goes back to stock.",
    )
    which = forms.ChoiceField(required=False, label="Which one", help_text="Of several lots or numbers that wait.")
    anyway = AnywayField()
    note = forms.CharField(max_length=300, required=False, label="What you see")

    def __init__(self, data: Any = None, *, line: ReturnLine, suggested: Bin | None, user: Any) -> None:
        super().__init__(data)
        if not user.can(room.OVERRIDE):
            del self.fields["anyway"]
        shelves = Bin.objects.filter(location=line.rma.location, kind__in=PICKABLE)
        self.fields["bin"].queryset = shelves.order_by("pick_sequence", "code")
        self.fields["bin"].initial = suggested.code if suggested else None
        self.fields["quantity"].initial = line.undecided
        self.fields["quantity"].max_value = line.undecided
        self.fields["quantity"].widget.attrs["max"] = line.undecided
        waiting = [(piece.code, f"{piece} ({piece.undecided})") for piece in line.waiting]
        self.fields["which"].choices = [*([("", "Choose")] if len(waiting) > 1 else []), *waiting]
        if not waiting:
            del self.fields["which"]


class AmountForm(forms.Form):
    amount = forms.DecimalField(min_value=Decimal("0.001"), max_digits=14, decimal_places=3)
    reason = forms.CharField(max_length=200, label="Why")

    def __init__(self, data: Any = None, *, order: Order) -> None:
        super().__init__(data)
        self.order = order
        self.fields["amount"].label = f"Amount in {order.currency}"
        self.fields["amount"].help_text = f"Up to {order.refundable}."

    def clean_amount(self) -> Decimal:
        amount = self.cleaned_data["amount"]
        if amount != money.quantize(amount, self.order.currency):
            raise ValidationError(f"{self.order.currency} has no such small coins.")
        return amount


class SettleForm(forms.Form):
    reference = forms.CharField(
        max_length=120, label="Reference", help_text="Of the bank transfer or the card refund: what proves it was paid."
    )


class FailForm(forms.Form):
    why = forms.CharField(max_length=300, label="Why it can't be paid")


class WordsField(forms.CharField):
    """Words between commas, spaces or lines, as a list."""

    def __init__(self, *, upper: bool = True, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.upper = upper

    def prepare_value(self, value: Any) -> str:
        return ", ".join(value) if isinstance(value, list) else value or ""

    def clean(self, value: Any) -> list[str]:
        words = super().clean(value).replace(",", " ").split()
        return list(dict.fromkeys(word.upper() if self.upper else word for word in words))


class PolicyForm(forms.Form):
    name = forms.CharField(max_length=80)
    countries = WordsField(label="Countries", help_text="Two letters each, as DE AT CH. Empty means everywhere.")
    window_days = forms.IntegerField(min_value=0, max_value=3650, initial=30, label="Days from delivery")
    final_sale_skus = WordsField(label="Sold for good", help_text="SKU codes that never come back; SALE-* means many.")
    fee = forms.DecimalField(
        min_value=Decimal(0), max_digits=14, decimal_places=3, initial=0, help_text="Kept back, once a return."
    )
    free_reasons = forms.MultipleChoiceField(
        choices=Reason.choices, required=False, widget=forms.CheckboxSelectMultiple, label="No fee when"
    )
    refund_shipping = forms.BooleanField(
        required=False, label="Pay shipping back", help_text="When the whole order comes back."
    )
    auto_approve = forms.BooleanField(
        required=False, initial=True, label="Authorise at once", help_text="Where every rule agrees."
    )
    label_included = forms.BooleanField(required=False, initial=True, label="Send the customer a label")
    rma_valid_days = forms.IntegerField(min_value=1, max_value=365, initial=21, label="Days to send it back")
    position = forms.IntegerField(
        min_value=0, max_value=999, initial=0, label="Position", help_text="The first that covers an order counts."
    )

    def clean_countries(self) -> list[str]:
        codes = self.cleaned_data["countries"]
        strange = [c for c in codes if addresses.check(PostalAddress(country=c))[0].field == "country"]
        if strange:
            raise ValidationError(f"{strange[0]} is not a country's code.")
        return codes
