"""What people and other apps ask for. Nothing here speaks to a carrier; a row and an outbox message are left behind."""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from carriers import signals
from carriers.models import CarrierAccount, Label, Manifest, Service
from carriers.providers.base import LabelRequest
from carriers.statuses import LABEL_MOVES, LIVE_LABELS, LabelState
from carriers.transit import Leg, why_not
from oms.common import outbox, states
from oms.common.actors import Actor
from oms.common.errors import Invalid, Refused
from oms.common.locking import lock
from oms.common.money import Money

BUY, VOID = "carrier.label", "carrier.void"


class AlreadyLabelled(Refused):
    code = "already_labelled"


class OverLimit(Refused):
    code = "over_limit"


@transaction.atomic
def request(asked: LabelRequest, *, account: CarrierAccount, quoted: Decimal | None = None, by: Any) -> Label:
    """Have a worker buy a label for this box. The same box asked for again is the label it has.

    Refused when the box has a live label of another kind, when the service does not take it, and over a spend limit.
    """
    service = _service(account, asked)
    if live := _live(asked.reference):
        return _same(live, account, asked)
    _refuse_over_limit(account, quoted)
    label = _new(asked, account, service, quoted, by=by)
    try:
        with transaction.atomic():
            label.save()
    except IntegrityError:
        if live := _live(asked.reference):
            return _same(live, account, asked)  # somebody asked in this moment
        raise
    outbox.post(BUY, f"label:{label.pk}", {"label": label.pk})
    return label


@transaction.atomic
def void(label_id: int, *, by: Any) -> Label:
    """We don't want it any more. One that nobody asked a carrier for is void at once, others when the carrier agrees.

    Quiet the second time and for labels that never came to be. Refused once its manifest has been closed.
    """
    Actor.of(by)
    lock(Manifest.objects.filter(labels=label_id))  # so that it is not closed with this label on it in this moment
    label = lock(Label.objects.filter(pk=label_id))[0]
    if not label.is_live:
        return label
    if label.manifest and not label.manifest.is_open:
        raise Refused(f"{label} is on manifest {label.manifest}, which is closed.", code="manifested")
    label.void_asked_at, label.manifest = timezone.now(), None
    if label.state == LabelState.REQUESTED and label.asked_at is None and not _is_leased(label):
        states.advance(label, LabelState.VOIDED, moves=LABEL_MOVES)
        label.voided_at = label.void_asked_at
        tell(label)
    label.save()
    if label.is_bought:
        outbox.post(VOID, f"void:{label.pk}", {"label": label.pk})
    return label


@transaction.atomic
def give_up(label_id: int, *, by: Any) -> Label:
    """A person has made sure that an unknown label was never bought: the box may get another."""
    label = lock(Label.objects.filter(pk=label_id))[0]
    if label.state != LabelState.UNKNOWN:
        raise Refused(f"{label} is {label.get_state_display().lower()}: there is nothing to decide.")
    states.advance(label, LabelState.FAILED, moves=LABEL_MOVES)
    label.problem = f"{Actor.of(by).label} made sure that it was not bought."
    label.retry_at = None
    label.save()
    tell(label)
    return label


def printed(label: Label) -> None:
    """Count that it was opened to print."""
    Label.objects.filter(pk=label.pk).update(printed=F("printed") + 1)


def tell(label: Label) -> None:
    """Send the news of a settled label up, after commit."""
    pk = label.pk
    transaction.on_commit(lambda: signals.label_settled.send(sender=Label, label_id=pk))


def spent_today(account: CarrierAccount) -> Decimal:
    """Bought or being bought since midnight, in the account's currency."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Label.objects.filter(account=account, state__in=LIVE_LABELS, created_at__gte=today)
    return mine.aggregate(sum=Sum(Coalesce("cost", "quoted")))["sum"] or Decimal(0)


def _service(account: CarrierAccount, asked: LabelRequest) -> Service:
    service = account.services.filter(code=asked.service_code, active=True).first()
    if service is None or not account.active:
        raise Invalid(f"{account} does not offer “{asked.service_code}” now.", field="service_code")
    if reason := why_not(service, asked.rate_request()):
        raise Invalid(f"{service} does not take {asked.reference}: {reason}.", field="service_code")
    return service


def _live(reference: str) -> Label | None:
    return next(iter(lock(Label.objects.live().filter(parcel_reference=reference))), None)


def _same(live: Label, account: CarrierAccount, asked: LabelRequest) -> Label:
    if live.account_id == account.pk and live.fingerprint == asked.fingerprint:
        return live
    raise AlreadyLabelled(f"{asked.reference} has a label already. Take it back before another is bought.")


def _refuse_over_limit(account: CarrierAccount, quoted: Decimal | None) -> None:
    if quoted is None:
        return
    if account.label_limit is not None and quoted > account.label_limit:
        limit = Money(account.label_limit, account.currency)
        raise OverLimit(f"{Money(quoted, account.currency)} is over the limit of {limit} a label for {account}.")
    if account.daily_limit is not None and spent_today(account) + quoted > account.daily_limit:
        raise OverLimit(f"{account} has reached its limit of {Money(account.daily_limit, account.currency)} a day.")


def _new(asked: LabelRequest, account: CarrierAccount, service: Service, quoted: Decimal | None, *, by: Any) -> Label:
    earlier = Label.objects.filter(parcel_reference=asked.reference).count()
    told = asked.renamed(f"{asked.reference}-{earlier + 1}") if earlier else asked
    return Label(
        account=account,
        parcel_reference=asked.reference,
        reference=told.reference,
        direction=asked.direction,
        service_code=service.code,
        service_name=service.name,
        format=asked.format or account.label_format,
        request=told.as_json(),
        fingerprint=asked.fingerprint,
        quoted=quoted,
        currency=account.currency,
        deliver_by=Leg.of(service).arrives(asked.ship_at),
        requested_by_label=Actor.of(by).label,
    )


def _is_leased(label: Label) -> bool:
    return Label.objects.filter(pk=label.pk, lease_until__gt=Now()).exists()
