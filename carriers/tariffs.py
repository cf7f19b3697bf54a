"""The rate tables of an account, read once as the plain data that prices are worked out from."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.utils import timezone

from carriers.models import CarrierAccount, Rate, RateTable, Service, Surcharge, Zone
from carriers.providers.manual import tariff


def load(account: CarrierAccount) -> tariff.Tariff:
    """Every table of every active service: which is in force depends on the day a parcel leaves."""
    zones = tuple(
        tariff.Zone(zone.pk, zone.name, tuple(zone.countries), tuple(zone.postal_prefixes))
        for zone in Zone.objects.filter(account=account).order_by("name")
    )
    tables = _tables(account)
    services = tuple(
        tariff.ServicePrices(service.code, service.name, tuple(tables.get(service.pk, ())))
        for service in Service.objects.filter(account=account, active=True).order_by("name")
    )
    return tariff.Tariff(account.currency, account.dim_divisor, zones, services, _extras(account))


def table_in_force(service: Service, day: date | None = None) -> RateTable | None:
    day = day or timezone.localdate()
    return RateTable.objects.filter(service=service, valid_from__lte=day).order_by("-valid_from").first()


def _tables(account: CarrierAccount) -> dict[int, list[tariff.Table]]:
    cells: dict[int, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for rate in Rate.objects.filter(table__service__account=account).order_by("max_weight_g"):
        cells[rate.table_id][rate.zone_id].append((rate.max_weight_g, rate.price))
    found: dict[int, list[tariff.Table]] = defaultdict(list)
    for table in RateTable.objects.filter(service__account=account, service__active=True):
        by_zone = {zone: tuple(row) for zone, row in cells[table.pk].items()}
        found[table.service_id].append(tariff.Table(table.valid_from, by_zone))
    return found


def _extras(account: CarrierAccount) -> tuple[tariff.Extra, ...]:
    rows = Surcharge.objects.filter(account=account, active=True).select_related("service").order_by("pk")
    return tuple(
        tariff.Extra(
            name=row.name,
            basis=row.basis,
            amount=row.amount,
            service_code=row.service.code if row.service else "",
            residential_only=row.residential_only,
            countries=tuple(row.countries),
            postal_prefixes=tuple(row.postal_prefixes),
            above_weight_g=row.above_weight_g,
            above_length_mm=row.above_length_mm,
            above_girth_mm=row.above_girth_mm,
            above_value=row.above_value,
            from_date=row.from_date,
            to_date=row.to_date,
        )
        for row in rows
    )
