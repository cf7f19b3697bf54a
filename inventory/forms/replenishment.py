"""Rules of buying again, suppliers, and what they sell."""

from typing import Any

from django import forms
from django.core.validators import MinValueValidator

from inventory.models import Location, ReorderRule, Sku, Supplier, SupplierItem
from inventory.statuses import LocationKind


class SkuCodeField(forms.CharField):
    """A code typed or scanned; gives the SKU."""

    def clean(self, value: Any) -> Sku | None:
        code = super().clean(value).strip()
        found = Sku.objects.filter(code__iexact=code, digital=False).first() if code else None
        if code and found is None:
            raise forms.ValidationError(f"{code[:40]} is not a SKU with stock.")
        return found


class RuleForm(forms.ModelForm):
    sku = SkuCodeField(label="SKU", max_length=80)

    class Meta:
        model = ReorderRule
        fields = ["sku", "location", "supplier", "point", "target", "minimum", "multiple", "lead_days", "active"]
        labels = {
            "location": "For",
            "point": "Buy when at most so many are left",
            "target": "Buy up to",
            "minimum": "At least",
            "multiple": "In multiples of",
            "lead_days": "Days until it comes",
            "active": "In use",
        }
        help_texts = {
            "point": "Available, plus what is due, minus what customers wait for.",
            "multiple": "12 buys 12, 24, 36: a layer, a pallet. The supplier's packs count beside it.",
            "lead_days": "Empty means the supplier's own.",
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("minimum", "multiple"):
            self.fields[name].required, self.fields[name].min_value = False, 1
            self.fields[name].validators.append(MinValueValidator(1))
        self.fields["location"].queryset = Location.objects.visible_to(user).active().order_by("name")
        self.fields["supplier"].queryset = Supplier.objects.filter(active=True).order_by("name")
        if self.instance.pk:
            self.initial["sku"] = self.instance.sku.code

    def clean_minimum(self) -> int:
        return self.cleaned_data["minimum"] or 1

    def clean_multiple(self) -> int:
        return self.cleaned_data["multiple"] or 1

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        point, target = cleaned.get("point"), cleaned.get("target")
        if point is not None and target is not None and target <= point:
            self.add_error("target", "Buy up to more than what is left when you buy.")
        sku, location = cleaned.get("sku"), cleaned.get("location")
        if sku and location:
            others = ReorderRule.objects.filter(sku=sku, location=location).exclude(pk=self.instance.pk)
            if others.exists():
                self.add_error("sku", f"{sku} has a rule for {location} already. Change that one.")
        return cleaned


class SupplierForm(forms.ModelForm):
    class Meta:
        model = Supplier
        fields = ["name", "email", "lead_days", "location", "answer_days", "active"]
        labels = {
            "lead_days": "Days until it comes",
            "active": "We buy from them",
            "email": "E-mail",
            "location": "They send to our customers from",
            "answer_days": "Days to answer",
        }
        help_texts = {
            "location": "A location of kind supplier, with a shelf. What its stock says, they send themselves.",
            "answer_days": "To accept what goes straight to a customer; then a person is asked to look elsewhere.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.filter(kind=LocationKind.SUPPLIER).order_by("name")
        self.fields["location"].queryset = places
        self.fields["answer_days"].required = False

    def clean_answer_days(self) -> int:
        said = self.cleaned_data["answer_days"]
        return self.instance.answer_days if said is None else said


class ItemForm(forms.ModelForm):
    sku = SkuCodeField(label="SKU", max_length=80)

    class Meta:
        model = SupplierItem
        fields = ["sku", "code", "cost", "currency", "pack", "minimum"]
        labels = {"code": "Their code", "cost": "Cost of one", "pack": "Units in a pack", "minimum": "Least units"}

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()

    def clean_pack(self) -> int:
        return self._at_least_one("pack")

    def clean_minimum(self) -> int:
        return self._at_least_one("minimum")

    def _at_least_one(self, name: str) -> int:
        if self.cleaned_data[name] < 1:
            raise forms.ValidationError("At least 1.")
        return self.cleaned_data[name]

    def validate_constraints(self) -> None:
        """Saving the same SKU again changes its row."""
