"""Events and documents are written once."""

from django.db import migrations

from oms.common.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("common", "0002_guards")]
    operations = [append_only("orders_orderevent"), append_only("orders_document")]
