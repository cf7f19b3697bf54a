"""The rate tables of an account, read once as the plain data that prices are worked out from."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils import timezone

from carriers.models import CarrierAccount, Rate, RateTable, Service, Surcharge, Zone
from carriers.providers.manual import tariff
from oms.common.gathering import gather

OF_ACCOUNT = ("zones", "services", "surcharges")
Rows = dict[str, list[Any]]
Tables = dict[int, list[tariff.Table]]


def load(account: CarrierAccount) -> tariff.Tariff:
    return load_all([account])[account.pk]


def load_all(accounts: Collection[CarrierAccount]) -> dict[int, tariff.Tariff]:
    """Every table of every active service: which is in force depends on the day a parcel leaves."""
    if not accounts:
        return {}
    rows = gather(
        zones=Zone.objects.filter(account__in=accounts).order_by("name"),
        services=Service.objects.filter(account__in=accounts).order_by("name"),
        tables=RateTable.objects.filter(service__account__in=accounts, service__active=True).order_by("pk"),
        rates=Rate.objects.filter(table__service__account__in=accounts).order_by("max_weight_g"),
        surcharges=Surcharge.objects.filter(account__in=accounts, active=True).order_by("pk"),
    )
    tables, codes = _tables(rows), {service.pk: service.code for service in rows["services"]}
    return {account.pk: _tariff(account, rows, tables, codes) for account in accounts}


def _tariff(account: CarrierAccount, rows: Rows, tables: Tables, codes: dict[int, str]) -> tariff.Tariff:
    mine = {name: [row for row in rows[name] if row.account_id == account.pk] for name in OF_ACCOUNT}
    return tariff.Tariff(
        currency=account.currency,
        dim_divisor=account.dim_divisor,
        zones=tuple(
            tariff.Zone(zone.pk, zone.name, tuple(zone.countries), tuple(zone.postal_prefixes))
            for zone in mine["zones"]
        ),
        services=tuple(
            tariff.ServicePrices(service.code, service.name, tuple(tables.get(service.pk, ())))
            for service in mine["services"]
            if service.active
        ),
        extras=tuple(_extra(row, codes) for row in mine["surcharges"]),
    )


def table_in_force(service: Service, day: date | None = None) -> RateTable | None:
    day = day or timezone.localdate()
    return RateTable.objects.filter(service=service, valid_from__lte=day).order_by("-valid_from").first()


def _tables(rows: Rows) -> Tables:
    cells: dict[int, dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for rate in rows["rates"]:
        cells[rate.table_id][rate.zone_id].append((rate.max_weight_g, rate.price))
    found: Tables = defaultdict(list)
    for table in rows["tables"]:
        by_zone = {zone: tuple(row) for zone, row in cells[table.pk].items()}
        found[table.service_id].append(tariff.Table(table.valid_from, by_zone))
    return found


def _extra(row: Surcharge, codes: dict[int, str]) -> tariff.Extra:
    return tariff.Extra(
        name=row.name,
        basis=row.basis,
        amount=row.amount,
        service_code=codes[row.service_id] if row.service_id else "",
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
