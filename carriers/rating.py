"""Offers of all carriers that fit, side by side. All are asked at once and nobody waits past the deadline.

Everything is read before and written after; the threads in between touch neither database nor lock. A carrier that is
late or away is stood in for by its last answer for a like parcel, and marked as such.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from carriers import accounts as health
from carriers.models import CarrierAccount, RateQuote, Service
from carriers.providers.base import CarrierError, Charge, Provider, RateOffer, RateRequest
from carriers.transit import Leg, why_not
from oms.common.money import Money

DEADLINE = 1.2
STANDS_IN_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
LANE_STEP_G = 500
_threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="rates")


@dataclass(frozen=True)
class Problem:
    """A carrier that gave no fresh answer, in a sentence."""

    account_id: int
    carrier: str
    text: str

    def __str__(self) -> str:
        return f"{self.carrier}: {self.text}"


@dataclass(frozen=True)
class Rates:
    """`offers`, the cheapest first; those in another currency than was asked for come last."""

    offers: tuple[RateOffer, ...]
    problems: tuple[Problem, ...] = ()


@dataclass
class _Asked:
    account: CarrierAccount
    provider: Provider
    services: dict[str, Service]
    offers: list[RateOffer] = field(default_factory=list)
    error: CarrierError | None = None
    milliseconds: int = 0


def offers(
    request: RateRequest, *, accounts: Iterable[CarrierAccount] | None = None, deadline: float = DEADLINE
) -> Rates:
    """Ask every active account (or those given) for all parcels together. Call it outside any transaction."""
    asked = _fitting(request, accounts)
    _ask_all(asked, request, deadline)
    for one in asked:
        _note(one)
    found = _kept([one for one in asked if one.error is None], request)
    for one in asked:
        found += _standing_in(one, request)
    problems = tuple(Problem(one.account.pk, one.account.name, str(one.error)) for one in asked if one.error)
    return Rates(tuple(sorted(found, key=lambda offer: _rank(offer, request.currency))), problems)


def forget_old() -> int:
    return RateQuote.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def lane_of(request: RateRequest, dim_divisor: int) -> str:
    """Where from, where to and how heavy, coarsely: such parcels cost about the same."""
    weight = sum(parcel.billable_g(dim_divisor) for parcel in request.parcels)
    ends = [
        f"{end.country}{end.postal_code.replace(' ', '')[:3].upper()}" for end in (request.origin, request.destination)
    ]
    return f"{ends[0]}>{ends[1]} {len(request.parcels)}x {-(-weight // LANE_STEP_G)} {request.direction}"[:64]


def _fitting(request: RateRequest, accounts: Iterable[CarrierAccount] | None) -> list[_Asked]:
    """Accounts with at least one service that takes these parcels; the others are not troubled."""
    services = Service.objects.filter(active=True).select_related("account").order_by("account", "pk")
    services = services.filter(account__active=True) if accounts is None else services.filter(account__in=accounts)
    fit: dict[CarrierAccount, dict[str, Service]] = {}
    for service in services:
        if not why_not(service, request):
            fit.setdefault(service.account, {})[service.code] = service
    providers = health.providers_of(fit.keys())
    return [_Asked(account, providers[account.pk], mine) for account, mine in fit.items()]


def _ask_all(asked: Sequence[_Asked], request: RateRequest, deadline: float) -> None:
    waiting: dict[Future, _Asked] = {
        _threads.submit(_ask, one.provider, request, deadline): one for one in asked if not one.provider.is_local
    }
    for one in asked:
        if one.provider.is_local:
            one.offers, one.error, one.milliseconds = _ask(one.provider, request, deadline)
    done, _ = wait(waiting, timeout=deadline)
    for future, one in waiting.items():
        if future in done:
            one.offers, one.error, one.milliseconds = future.result()
        else:
            future.cancel()
            one.error = CarrierError(f"no answer within {deadline:g} s", ambiguous=True)


def _ask(provider: Provider, request: RateRequest, deadline: float) -> tuple[list[RateOffer], CarrierError | None, int]:
    began = time.monotonic()
    try:
        return provider.rates(request, timeout=deadline), None, round((time.monotonic() - began) * 1000)
    except CarrierError as e:
        return [], e, round((time.monotonic() - began) * 1000)


def _note(one: _Asked) -> None:
    if one.provider.is_local:
        return
    if one.error is None:
        health.note_answer(one.account)
    else:
        health.note_failure(one.account, one.error)


def _kept(answered: Sequence[_Asked], request: RateRequest) -> list[RateOffer]:
    """Those of our services, with the day they arrive, each with its row."""
    fits = [
        (one, _dated(offer, one.services[offer.service_code], request))
        for one in answered
        for offer in one.offers
        if offer.service_code in one.services
    ]
    rows = RateQuote.objects.bulk_create([_row(offer, one, request) for one, offer in fits])
    return [replace(offer, quote_id=row.pk) for (_, offer), row in zip(fits, rows, strict=True)]


def _dated(offer: RateOffer, service: Service, request: RateRequest) -> RateOffer:
    """The carrier's own day and length where it names them, else ours."""
    return replace(
        offer,
        transit_days=service.transit_max_days if offer.transit_days is None else offer.transit_days,
        deliver_by=offer.deliver_by or Leg.of(service).arrives(request.ship_at),
    )


def _row(offer: RateOffer, one: _Asked, request: RateRequest) -> RateQuote:
    charges = [{"name": charge.name, "amount": str(charge.amount.amount)} for charge in offer.surcharges]
    return RateQuote(
        account=one.account,
        lane=lane_of(request, one.account.dim_divisor),
        service_code=offer.service_code,
        service_name=offer.service_name,
        price=offer.price.amount,
        currency=offer.price.currency,
        breakdown={"base": str(offer.base.amount), "surcharges": charges, "billable_g": offer.billable_g},
        transit_days=offer.transit_days,
        deliver_by=offer.deliver_by,
        expires_at=offer.expires_at,
        milliseconds=one.milliseconds,
    )


def _standing_in(one: _Asked, request: RateRequest) -> list[RateOffer]:
    """The last answer for a like parcel. After a refusal for good there is nothing to stand in for."""
    if one.error is None or one.error.permanent:
        return []
    rows = (
        RateQuote.objects.filter(
            account=one.account,
            lane=lane_of(request, one.account.dim_divisor),
            service_code__in=one.services,
            created_at__gt=timezone.now() - STANDS_IN_FOR,
        )
        .order_by("service_code", "-created_at")
        .distinct("service_code")
    )
    return [_remembered(row, one, request) for row in rows]


def _remembered(row: RateQuote, one: _Asked, request: RateRequest) -> RateOffer:
    told = row.breakdown
    return RateOffer(
        account_id=one.account.pk,
        service_code=row.service_code,
        service_name=row.service_name,
        carrier=one.account.name,
        price=row.money,
        base=Money(Decimal(told.get("base", row.price)), row.currency),
        surcharges=tuple(
            Charge(charge["name"], Money(Decimal(charge["amount"]), row.currency))
            for charge in told.get("surcharges", ())
        ),
        transit_days=row.transit_days,
        deliver_by=Leg.of(one.services[row.service_code]).arrives(request.ship_at),
        billable_g=told.get("billable_g", 0),
        expires_at=row.expires_at,
        quote_id=row.pk,
        standing_in=True,
    )


def _rank(offer: RateOffer, currency: str) -> tuple:
    return offer.price.currency != currency, offer.price.amount, offer.deliver_by or timezone.now(), offer.service_code
