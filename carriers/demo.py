"""The carriers of the demo world: own vans with a price list, and the fake carrier when this copy runs one."""

from datetime import date, time
from decimal import Decimal
from typing import Any

from django.conf import settings

from carriers import setup
from carriers.models import CarrierAccount, Service, Surcharge, Zone

ZONES = {
    "Germany": (["DE"], []),
    "German islands": (
        ["DE"],
        ["18565", "25849", "25859", "26465", "26474", "26486", "26548", "26571", "26579", "27498"],
    ),
    "Neighbours": (["AT", "BE", "CH", "CZ", "DK", "FR", "LU", "NL", "PL"], []),
    "Europe": (["ES", "FI", "GB", "IE", "IT", "PT", "SE"], []),
    "Elsewhere": (["*"], []),
}
STANDARD = {  # up to so many grams: a price for each zone, in the order above
    1000: ("4.20", "9.20", "8.90", "11.50", "24.00"),
    2000: ("4.90", "9.90", "9.80", "13.20", "31.00"),
    5000: ("6.30", "11.30", "12.40", "17.90", "52.00"),
    10000: ("8.70", "13.70", "16.90", "24.50", "88.00"),
    30000: ("16.40", "21.40", "29.00", "42.00", "190.00"),
}
EXPRESS = {1000: ("9.40",), 5000: ("12.90",), 20000: ("21.50",)}
FAKE_SERVICES = (
    ("economy", "Fake Economy", 3, 5),
    ("standard", "Fake Standard", 2, 3),
    ("express", "Fake Express", 1, 1),
)


def lay_out(*, by: Any) -> list[CarrierAccount]:
    """Quiet when it was done before. The fake carrier need not be up: a sweep tells it our address later."""
    accounts = [_vans(by=by)]
    if settings.FAKE_CARRIER_URL:
        accounts.append(_fake(by=by))
    return accounts


def _vans(*, by: Any) -> CarrierAccount:
    if known := CarrierAccount.objects.filter(name="Parcel Post").first():
        return known
    account = CarrierAccount(name="Parcel Post", provider="manual", currency="EUR")
    setup.save_account(account, config={"prefix": "PP", "tracking_url": ""}, secrets_given={}, by=by)
    zones = [
        setup.save_zone(Zone(account=account, name=name, countries=countries, postal_prefixes=prefixes), by=by)
        for name, (countries, prefixes) in ZONES.items()
    ]
    standard = Service(account=account, code="standard", name="Parcel Post Standard", transit_max_days=2)
    express = Service(account=account, code="express", name="Parcel Post Express", transit_max_days=1)
    express.scope, express.max_weight_g, standard.cut_off, express.cut_off = "domestic", 20000, time(17), time(15)
    for service, prices in ((standard, STANDARD), (express, EXPRESS)):
        setup.save_service(service, by=by)
        cells = {
            (zone.pk, grams): Decimal(price)
            for grams, row in prices.items()
            for zone, price in zip(zones, row, strict=False)
        }
        setup.save_rates(service, date(2026, 1, 1), cells, by=by)
    _surcharge(account, "Fuel", "fuel", "rate", "6.5", by=by)
    _surcharge(account, "Delivery to a home", "residential", "fixed", "0.30", residential_only=True, by=by)
    _surcharge(account, "Large parcel", "oversize", "fixed", "9.90", above_length_mm=1200, by=by)
    return account


def _fake(*, by: Any) -> CarrierAccount:
    if known := CarrierAccount.objects.filter(provider="fake").first():
        return known
    account = CarrierAccount(name="Fake Parcel", provider="fake", currency="EUR")
    setup.save_account(account, config={"base_url": ""}, secrets_given={"api_key": "fake-key"}, by=by)
    for code, name, least, most in FAKE_SERVICES:
        service = Service(account=account, code=code, name=name, transit_min_days=least, transit_max_days=most)
        setup.save_service(service, by=by)
    return account


def _surcharge(account: CarrierAccount, name: str, kind: str, basis: str, amount: str, *, by: Any, **more: Any) -> None:
    row = Surcharge(account=account, name=name, kind=kind, basis=basis, amount=Decimal(amount), **more)
    setup.save_surcharge(row, by=by)
