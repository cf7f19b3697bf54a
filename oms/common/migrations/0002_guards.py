"""What the database itself must refuse, and the sequences behind the numbers."""

from django.db import migrations

from oms.common.guards import append_only

APPEND_ONLY = """
CREATE FUNCTION oms_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('oms.redact', true) = 'on' THEN
        RETURN COALESCE(NEW, OLD);
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
NUMBERS = ["order", "shipment", "return", "fulfillment", "wave", "purchase", "transfer", "manifest", "pick_list"]


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION oms_append_only()"),
        append_only("common_address"),
        append_only("common_configchange"),
        *[
            migrations.RunSQL(f"CREATE SEQUENCE oms_number_{kind} START 1001", f"DROP SEQUENCE oms_number_{kind}")
            for kind in NUMBERS
        ],
    ]
