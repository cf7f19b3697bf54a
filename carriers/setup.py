"""What an admin sets: accounts, their services, zones, rate tables and surcharges. Every change leaves a trace."""

import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from carriers import accounts
from carriers.models import CarrierAccount, Rate, RateTable, Service, Surcharge, Zone
from carriers.providers import get
from carriers.providers.base import CarrierError
from oms.common import audit
from oms.common.errors import Refused

ACCOUNT_FACTS = ("name", "provider", "currency", "active", "dim_divisor", "label_format", "label_limit", "daily_limit")
SERVICE_FACTS = (
    "code", "name", "transit_min_days", "transit_max_days", "cut_off", "saturday", "scope", "returns",
    "max_weight_g", "max_length_mm", "max_girth_mm", "active",
)  # fmt: skip
ZONE_FACTS = ("name", "countries", "postal_prefixes")
SURCHARGE_FACTS = (
    "kind", "name", "basis", "amount", "residential_only", "countries", "postal_prefixes", "above_weight_g",
    "above_length_mm", "above_girth_mm", "above_value", "from_date", "to_date", "active",
)  # fmt: skip
Cells = Mapping[tuple[int, int], Decimal]  # (zone, up to so many grams) → price


@transaction.atomic
def save_account(
    account: CarrierAccount, *, config: Mapping[str, Any], secrets_given: Mapping[str, str], by: Any
) -> CarrierAccount:
    """A secret that is not given again stays as it is. What is stored is masked in the trace."""
    before = _account_facts(CarrierAccount.objects.get(pk=account.pk)) if account.pk else {}
    account.config = {**(account.config or {}), **config}
    account.credentials = {**(account.credentials or {}), **{k: v for k, v in secrets_given.items() if v}}
    account.save()
    audit.record_change(account, before, _account_facts(account), by=by)
    return account


@transaction.atomic
def save_service(service: Service, *, by: Any) -> Service:
    return _save(service, SERVICE_FACTS, f"carrier:{service.account} {service.code}", by=by)


@transaction.atomic
def save_zone(zone: Zone, *, by: Any) -> Zone:
    return _save(zone, ZONE_FACTS, f"carrier:{zone.account} zone {zone.name}", by=by)


@transaction.atomic
def remove_zone(zone: Zone, *, by: Any) -> None:
    """Refused while prices are set for it: they would go with it."""
    if zone.rates.exists():
        raise Refused(f"{zone} has prices. Empty its column in every rate table first.")
    audit.record_change(f"carrier:{zone.account} zone {zone.name}", audit.facts(zone, *ZONE_FACTS), {}, by=by)
    zone.delete()


@transaction.atomic
def save_surcharge(surcharge: Surcharge, *, by: Any) -> Surcharge:
    return _save(surcharge, SURCHARGE_FACTS, f"carrier:{surcharge.account} surcharge {surcharge.name}", by=by)


@transaction.atomic
def save_rates(service: Service, valid_from: date, cells: Cells, *, by: Any) -> RateTable:
    """The whole table of a service from a day on. Another day is another table; the earlier ones are kept."""
    table, _ = RateTable.objects.select_for_update().get_or_create(service=service, valid_from=valid_from)
    before = _cells_of(table)
    table.rates.all().delete()
    Rate.objects.bulk_create(
        Rate(table=table, zone_id=zone, max_weight_g=grams, price=price) for (zone, grams), price in cells.items()
    )
    subject = f"carrier:{service.account} rates of {service.code} from {valid_from}"
    audit.record_change(subject, before, _cells_of(table), by=by)
    return table


def webhook_url(account: CarrierAccount) -> str:
    return settings.BASE_URL + reverse("carriers:webhook", args=[account.webhook_token])


def connect(account: CarrierAccount, *, by: Any) -> str:
    """Sign in, take in new services, tell the carrier where to send news. Raises CarrierError. Not in a transaction."""
    said = accounts.test_connection(account, by=by)
    if not get(account.provider).has_tariff:
        accounts.take_services(account, by=by)
    register_webhook(account)
    return said


def register_webhook(account: CarrierAccount) -> bool:
    """Once an address: asked again only after the address or the carrier's has changed."""
    url, kind = webhook_url(account), get(account.provider)
    place = f"{url} at {(account.config or {}).get('base_url') or settings.FAKE_CARRIER_URL}"
    if not kind.sends_webhooks or (account.config or {}).get("webhook") == place:
        return False
    secret = (account.credentials or {}).get("webhook_secret") or secrets.token_urlsafe(32)
    accounts.provider_of(account).register_webhook(url, secret)
    with transaction.atomic():
        row = CarrierAccount.objects.select_for_update().get(pk=account.pk)
        row.config = {**(row.config or {}), "webhook": place}
        row.credentials = {**(row.credentials or {}), "webhook_secret": secret}
        row.save(update_fields=["config", "credentials"])
    account.refresh_from_db()
    return True


def register_webhooks() -> int:
    """Accounts whose carrier does not know where to send news yet, also because it was away. How many do now."""
    done = 0
    for account in CarrierAccount.objects.active().order_by("pk"):
        try:
            done += register_webhook(account)
        except CarrierError as e:
            accounts.note_failure(account, e)
    return done


def _save(row: Any, names: tuple[str, ...], subject: str, *, by: Any) -> Any:
    before = audit.facts(type(row).objects.get(pk=row.pk), *names) if row.pk else {}
    row.save()
    audit.record_change(subject, before, audit.facts(row, *names), by=by)
    return row


def _account_facts(account: CarrierAccount) -> dict[str, Any]:
    return {
        **audit.facts(account, *ACCOUNT_FACTS, "config"),
        **{f"secret {k}": v for k, v in account.credentials.items()},
    }


def _cells_of(table: RateTable) -> dict[str, str]:
    rates = table.rates.select_related("zone").order_by("zone__name", "max_weight_g")
    return {f"{rate.zone} to {rate.max_weight_g} g": f"{rate.price.normalize():f}" for rate in rates}
