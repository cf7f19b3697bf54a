"""What people type about stock. Each form reads and checks; the verbs decide."""

from django import forms
from django.core.validators import RegexValidator

MOST_UNITS = 10_000_000
CODE = RegexValidator(r"^[^\s/\\?#%]+$", "Without spaces and without / \\ ? # %%.")


class AnywayField(forms.CharField):
    """Why a full bin takes units all the same; only leads are asked."""

    def __init__(self) -> None:
        super().__init__(
            max_length=60,
            required=False,
            label="Into a full bin, because",
            help_text="Only needed where the bin has no room.",
        )
