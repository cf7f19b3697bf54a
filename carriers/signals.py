"""News that goes up, as an id, after its transaction is committed."""

from django.dispatch import Signal

tracker_updated = Signal()  # tracker_id: what is known of a parcel has changed
label_settled = Signal()  # label_id: a label was bought, refused or voided
