"""A sourcing decision is a record of what was known then: it is never edited."""

from django.db import migrations

from oms.common.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0001_initial"), ("common", "0002_guards")]

    operations = [append_only("fulfillment_sourcingdecision")]
