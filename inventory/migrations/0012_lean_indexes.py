"""Indexes that another one covers are gone: each costs a write at every change of its row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from oms.common.guards import room_for_updates


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0011_kits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="stocklevel",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="levels",
                to="inventory.location",
            ),
        ),
        migrations.AlterField(
            model_name="stocklevel",
            name="sku",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="levels", to="inventory.sku"
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="from_bin",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.bin",
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="inventory.location",
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="sku",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="inventory.sku",
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="to_bin",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.bin",
            ),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("from_bin__isnull", False)), fields=["from_bin"], name="movement_from_bin"
            ),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("to_bin__isnull", False)), fields=["to_bin"], name="movement_to_bin"
            ),
        ),
        room_for_updates("inventory_stocklevel", 30),
        room_for_updates("inventory_binstock", 30),
    ]
