"""Accounts as their providers need them, and the health that each answer tells."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from carriers import tariffs
from carriers.models import CarrierAccount, Service
from carriers.providers import get
from carriers.providers.base import AccountFacts, CarrierError, Provider, ServiceFact
from carriers.statuses import Health
from oms.common import audit, cases
from oms.common.actors import SYSTEM

UNWELL_AFTER = 3  # failures in a row before a working account is called failing


def facts_of(account: CarrierAccount) -> AccountFacts:
    return AccountFacts(
        id=account.pk,
        name=account.name,
        currency=account.currency,
        credentials=account.credentials or {},
        config=account.config or {},
        dim_divisor=account.dim_divisor,
        label_format=account.label_format,
    )


def provider_of(account: CarrierAccount) -> Provider:
    return providers_of([account])[account.pk]


def providers_of(accounts: Collection[CarrierAccount]) -> dict[int, Provider]:
    """Reads all they need from the database now; what it returns may be handed to threads."""
    kinds = {account.pk: get(account.provider) for account in accounts}
    lists = tariffs.load_all([account for account in accounts if kinds[account.pk].has_tariff])
    return {
        account.pk: kinds[account.pk](facts_of(account), *([lists[account.pk]] if account.pk in lists else []))
        for account in accounts
    }


def note_answer(account: CarrierAccount, *, message: str = "") -> None:
    """It answered. Written only when that is news."""
    changed = CarrierAccount.objects.filter(pk=account.pk).exclude(health=Health.OK, failures=0)
    values = {"health_message": message[:300]} if message else {"health_message": ""}
    if changed.update(health=Health.OK, failures=0, health_at=timezone.now(), **values):
        cases.resolve_case(_case_key(account), by=SYSTEM, resolution="It answers again")


def note_failure(account: CarrierAccount, error: CarrierError) -> None:
    """It did not answer, or refused our credentials. A refusal of one parcel is not the account's trouble."""
    if error.permanent and not error.sign_in:
        return
    CarrierAccount.objects.filter(pk=account.pk).update(
        failures=F("failures") + 1, health_message=str(error)[:300], health_at=timezone.now()
    )
    account.refresh_from_db(fields=["failures", "health"])
    if error.sign_in:
        _turn(account, Health.NEEDS_SIGN_IN, error)
    elif account.failures >= UNWELL_AFTER and account.health != Health.NEEDS_SIGN_IN:
        _turn(account, Health.FAILING, error)


def test_connection(account: CarrierAccount, *, by: Any) -> str:
    """Ask the carrier who we are to them; raises CarrierError with its refusal. Not in a transaction."""
    try:
        said = provider_of(account).check()
    except CarrierError as e:
        CarrierAccount.objects.filter(pk=account.pk).update(
            health=Health.NEEDS_SIGN_IN if e.sign_in else Health.FAILING,
            health_message=str(e)[:300],
            health_at=timezone.now(),
        )
        raise
    note_answer(account)
    CarrierAccount.objects.filter(pk=account.pk).update(health_message=said[:300], health_at=timezone.now())
    return said


def take_services(account: CarrierAccount, *, by: Any) -> list[Service]:
    """Add the services that the carrier lists and we do not have yet, switched off until somebody wants them."""
    listed = provider_of(account).services()
    with transaction.atomic():
        known = set(account.services.values_list("code", flat=True))
        made = Service.objects.bulk_create([_service(account, fact) for fact in listed if fact.code not in known])
        if made:
            audit.record_change(account, {}, {"services": [service.code for service in made]}, by=by)
    return made


def _service(account: CarrierAccount, fact: ServiceFact) -> Service:
    return Service(
        account=account,
        code=fact.code,
        name=fact.name,
        transit_min_days=fact.transit_min_days,
        transit_max_days=fact.transit_max_days,
        returns=fact.returns,
        active=False,
    )


def _turn(account: CarrierAccount, health: str, error: CarrierError) -> None:
    CarrierAccount.objects.filter(pk=account.pk).update(health=health)
    cases.open_case(
        "carrier_unwell",
        f"carrier:{account.pk}",
        title=f"{account} {Health(health).label.lower()}",
        detail=str(error),
        key=_case_key(account),
        action_label="Open the account",
        action_url=account.get_absolute_url(),
        severity="high",
        sla_minutes=60,
        by=SYSTEM,
    )


def _case_key(account: CarrierAccount) -> str:
    return f"carrier_unwell:{account.pk}"
