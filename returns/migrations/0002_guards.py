"""What a unit turned out to be is a record of what was seen: it is never edited."""

from django.db import migrations

from oms.common.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("returns", "0001_initial"), ("common", "0002_guards")]

    operations = [append_only("returns_inspection")]
