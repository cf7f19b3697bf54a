"""A file of SKUs, bins or stock."""

from typing import Any

from django import forms

from inventory import importing
from inventory.statuses import AdjustmentReason, ImportMode

REASONS = (AdjustmentReason.COUNTED, AdjustmentReason.OPENING, AdjustmentReason.CORRECTION)


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label="What is in it")
    file = forms.FileField(label="CSV file", widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    mode = forms.ChoiceField(label="Units of stock mean", choices=ImportMode, required=False)
    reason = forms.ChoiceField(
        label="Why stock changes", choices=[(reason.value, reason.label) for reason in REASONS], required=False
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = importing.kinds_for(user)

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or ImportMode.SET

    def clean_reason(self) -> str:
        return self.cleaned_data["reason"] or AdjustmentReason.COUNTED

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > importing.LARGEST:
            raise forms.ValidationError(f"At most {importing.LARGEST // 1024 // 1024} MB. Split the file.")
        return file
