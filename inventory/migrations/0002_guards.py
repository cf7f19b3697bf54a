"""The ledger is written once."""

from django.db import migrations

from oms.common.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("common", "0002_guards")]
    operations = [append_only("inventory_stockmovement")]
