"""What people type about carriers."""

from carriers.forms.accounts import AccountForm, ProviderForm, ServiceForm
from carriers.forms.moving import NewsForm
from carriers.forms.tariffs import RatesFileForm, RatesForm, SurchargeForm, ZoneForm
from carriers.forms.trying import TryForm

__all__ = [
    "AccountForm",
    "NewsForm",
    "ProviderForm",
    "RatesFileForm",
    "RatesForm",
    "ServiceForm",
    "SurchargeForm",
    "TryForm",
    "ZoneForm",
]
