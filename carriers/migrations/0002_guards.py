"""News of a parcel is never edited; a tracking number is found by any part of it."""

from django.db import migrations

from oms.common.guards import append_only

TRIGRAMS = [
    migrations.RunSQL(
        f"CREATE INDEX {table}_number_trgm ON {table} USING gin (tracking_number gin_trgm_ops)",
        f"DROP INDEX {table}_number_trgm",
    )
    for table in ("carriers_label", "carriers_tracker")
]


class Migration(migrations.Migration):
    dependencies = [("carriers", "0001_initial"), ("common", "0002_guards")]
    operations = [append_only("carriers_trackingevent"), *TRIGRAMS]
