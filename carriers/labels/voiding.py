"""Taking a bought label back at its carrier."""

from django.db import transaction
from django.utils import timezone

from carriers import accounts, tracking
from carriers.labels.asking import tell
from carriers.models import Label
from carriers.providers.base import CarrierError, TrackingNews
from carriers.statuses import LABEL_MOVES, LabelState, TrackingStatus
from oms.common import cases, states
from oms.common.actors import SYSTEM
from oms.common.crash import crash_point
from oms.common.locking import lock


def take_back(label_id: int) -> Label:
    """Void at the carrier what is not wanted any more. Raises CarrierError when it has to be tried again.

    Voiding twice is quiet at the carrier, so a lost answer costs nothing. A refusal for good is a person's case.
    """
    label = Label.objects.select_related("account", "tracker").get(pk=label_id)
    if not (label.is_bought and label.void_asked_at):
        return label
    try:
        accounts.provider_of(label.account).void(label.carrier_label_id, label.tracking_number)
    except CarrierError as e:
        accounts.note_failure(label.account, e)
        if not e.permanent or e.sign_in:
            raise
        return _refused(label, e)
    crash_point("label.after_void")
    return _voided(label)


@transaction.atomic
def _voided(label: Label) -> Label:
    row = lock(Label.objects.filter(pk=label.pk))[0]
    if row.state != LabelState.BOUGHT:
        return row
    states.advance(row, LabelState.VOIDED, moves=LABEL_MOVES)
    row.voided_at, row.problem = timezone.now(), ""
    row.save()
    if label.tracker:
        said = TrackingNews(row.voided_at, TrackingStatus.CANCELLED, text="The label was voided", id=f"void:{row.pk}")
        tracking.record(label.tracker, [said])
    tell(row)
    return row


@transaction.atomic
def _refused(label: Label, error: CarrierError) -> Label:
    row = lock(Label.objects.filter(pk=label.pk))[0]
    row.problem = str(error)[:500]
    row.save(update_fields=["problem"])
    cases.open_case(
        "label_not_voided",
        f"label:{row.pk}",
        title=f"{label.account} does not take label {row.reference} back",
        detail=row.problem,
        key=f"label_not_voided:{row.pk}",
        action_label="Look at the label",
        action_url=row.get_absolute_url(),
        by=SYSTEM,
    )
    return row
