"""What people type about orders. Each form reads and checks; the verbs decide."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from inventory import skus
from oms.accounts.models import User
from oms.common import addresses
from oms.common.addresses import PostalAddress
from orders.models import Hold, Order, Payment
from orders.statuses import HoldType

BY_HAND = [(HoldType.CUSTOMER.value, HoldType.CUSTOMER.label), (HoldType.REVIEW.value, HoldType.REVIEW.label)]
BY_HAND += [(HoldType.STOCK.value, HoldType.STOCK.label), (HoldType.FRAUD.value, HoldType.FRAUD.label)]
DAY = forms.DateInput(attrs={"type": "date"})


def start_of_work(day: Any) -> datetime | None:
    """Nine in the morning of that day."""
    return timezone.make_aware(datetime.combine(day, time(9))) if day else None


def colleagues() -> Any:
    """Who can look after a hold."""
    return User.objects.filter(is_active=True, role__in=User.roles_with("orders.release_hold")).order_by("name")


class BulkHoldForm(forms.Form):
    type = forms.ChoiceField(label="Why", choices=BY_HAND)
    reason = forms.CharField(max_length=200, help_text="One sentence that a colleague understands.")


class BulkReleaseForm(forms.Form):
    note = forms.CharField(max_length=200, label="Why they may go on")


class HoldForm(BulkHoldForm):
    review_on = forms.DateField(required=False, label="Look at it again on", widget=DAY, help_text="Tomorrow if empty.")
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label="Who looks after it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues()


class ReleaseForm(forms.Form):
    note = forms.CharField(max_length=200, label="Why it may go on")


class PostponeForm(forms.Form):
    review_on = forms.DateField(label="Look at it again on", widget=DAY)
    owner = forms.ModelChoiceField(User.objects.none(), required=False, label="Who looks after it")

    def __init__(self, *args: Any, hold: Hold, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues()
        self.fields["owner"].initial = hold.owner_id
        self.fields["review_on"].initial = hold.review_at and timezone.localdate(hold.review_at)

    def clean_review_on(self) -> Any:
        if self.cleaned_data["review_on"] < timezone.localdate():
            raise forms.ValidationError("That day is over.")
        return self.cleaned_data["review_on"]


class NoteForm(forms.Form):
    body = forms.CharField(label="Note", max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    pinned = forms.BooleanField(required=False, label="Keep it at the top")


class PaymentForm(forms.Form):
    kind = forms.ChoiceField(label="What happened", choices=Payment.Kind.choices, initial=Payment.Kind.PAID)
    amount = forms.DecimalField(min_value=Decimal("0.001"), max_digits=14, decimal_places=3)
    reference = forms.CharField(max_length=120, required=False, help_text="The same reference is counted once.")
    tender = forms.CharField(max_length=40, required=False, label="Paid by", help_text="Card, cash, bank transfer …")


class AddressForm(forms.Form):
    """Reads into a PostalAddress; what a country needs is asked of oms.common.addresses."""

    name = forms.CharField(max_length=120, required=False)
    company = forms.CharField(max_length=120, required=False)
    line1 = forms.CharField(max_length=120, required=False, label="Street and number")
    line2 = forms.CharField(max_length=120, required=False, label="Addition")
    postal_code = forms.CharField(max_length=20, required=False, label="Postcode")
    city = forms.CharField(max_length=120, required=False)
    region = forms.CharField(max_length=120, required=False)
    country = forms.CharField(max_length=2, required=False, help_text="Two letters, such as DE.")
    phone = forms.CharField(max_length=40, required=False)
    sure = forms.BooleanField(required=False, label="The customer has confirmed it as it is")

    @property
    def postal(self) -> PostalAddress:
        return addresses.normalise(addresses.from_dict(self.cleaned_data))

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for problem in addresses.check(addresses.from_dict(said)):
            if not (problem.is_warning and said.get("sure")):
                self.add_error(problem.field, problem.message)
        return said


class ContactForm(forms.Form):
    customer_name = forms.CharField(max_length=160, required=False, label="Name")
    email = forms.EmailField(required=False, label="E-mail")
    phone = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not said.get("email") and not said.get("phone") and not self.errors:
            raise forms.ValidationError("Give an e-mail address or a phone number.")
        return said


class SkuMappingForm(forms.Form):
    """Which SKU of ours a line means whose code we don't know."""

    sku = forms.CharField(max_length=80, label="Our SKU")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Any = None

    def clean_sku(self) -> str:
        found = skus.scanned(self.cleaned_data["sku"])
        if found is None or not found[0].active:
            raise forms.ValidationError("There is no such SKU for sale.")
        if found[0].is_kit:
            raise forms.ValidationError(f"{found[0].code} is a kit: name one of its parts, or take the order anew.")
        self.found = found[0]
        return self.found.code


class ResendForm(forms.Form):
    """Which of the mails that were written is sent once more, and where."""

    mail = forms.ModelChoiceField(None)
    to = forms.EmailField(label="To")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mail"].queryset = order.mails.order_by("-pk")
        self.fields["to"].initial = order.email
