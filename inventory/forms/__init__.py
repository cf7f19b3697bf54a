"""What people type about stock. Each form reads and checks; the verbs decide."""

from django.core.validators import RegexValidator

MOST_UNITS = 10_000_000
CODE = RegexValidator(r"^[^\s/\\?#%]+$", "Without spaces and without / \\ ? # %%.")
