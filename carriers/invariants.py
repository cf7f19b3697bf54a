"""What must be true of labels, manifests and parcels on their way at every moment."""

from carriers.models import Label, Tracker
from carriers.projection import project
from carriers.statuses import LABEL_MOVES
from oms.common.invariants import rule, sql

CHUNK = 500

sql(
    "I7",
    "A parcel has at most one label that is wanted",
    """SELECT parcel_reference, count(*) FROM carriers_label
       WHERE state IN ('requested', 'unknown', 'bought') AND void_asked_at IS NULL
       GROUP BY parcel_reference HAVING count(*) > 1""",
)
sql(
    "I7",
    "A bought label has its paper, its price and its tracker",
    """SELECT l.id, l.reference FROM carriers_label l LEFT JOIN carriers_tracker t ON t.id = l.tracker_id
       WHERE l.state = 'bought' AND (l.cost IS NULL OR octet_length(l.pdf) = 0 OR t.id IS NULL
             OR t.tracking_number <> l.tracking_number OR t.account_id <> l.account_id)""",
)
sql(
    "I7",
    "Only bought labels are on a manifest, with the account of the manifest",
    """SELECT l.id, l.reference, m.number FROM carriers_label l JOIN carriers_manifest m ON m.id = l.manifest_id
       WHERE l.state <> 'bought' OR l.account_id <> m.account_id""",
)
sql(
    "I7",
    "A closed manifest has its paper",
    "SELECT id, number FROM carriers_manifest WHERE state = 'closed' AND octet_length(pdf) = 0",
)
sql(
    "I10",
    "No label is leased further ahead than a lease is long",
    "SELECT id, reference, lease_until FROM carriers_label WHERE lease_until > now() + interval '120 seconds'",
)
sql(
    "I10",
    "No label has been in doubt for half an hour without a person being asked",
    """SELECT l.id, l.reference, l.state FROM carriers_label l
       WHERE l.state = 'unknown' AND l.asked_at < now() - interval '30 minutes'
         AND NOT EXISTS (SELECT 1 FROM common_exceptioncase c WHERE c.key = 'label_unknown:' || l.id)""",
)
sql(
    "I10",
    "No label that is asked for has been left alone for ten minutes after its turn",
    """SELECT id, reference, state FROM carriers_label WHERE state IN ('requested', 'unknown')
         AND coalesce(retry_at, created_at) < now() - interval '10 minutes'
         AND (lease_until IS NULL OR lease_until < now() - interval '10 minutes')""",
)
sql(
    "I10",
    "Every message of a carrier is read within ten minutes, or waits for another try",
    """SELECT id, account_id, key FROM carriers_carriermessage
       WHERE state = 'new' AND next_at IS NULL AND received_at < now() - interval '10 minutes'""",
)


@rule("I8", "Every tracker says what its news says")
def trackers_are_projected() -> list[str]:
    wrong = []
    for tracker in Tracker.objects.prefetch_related("events").order_by("pk").iterator(chunk_size=CHUNK):
        known = project(tracker.events.all())
        if known and known.status != tracker.status:
            wrong.append(f"{tracker}: {tracker.status}, and its news say {known.status}")
    return wrong


@rule("I8", "Every label is in a state that the table of moves knows")
def labels_are_in_known_states() -> list[str]:
    return [str(label) for label in Label.objects.exclude(state__in=LABEL_MOVES).only("reference")]
