"""Indexes that another one covers are gone: each costs a write at every change of its row."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from oms.common.guards import room_for_updates


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0005_picked_lots"),
        ("inventory", "0012_lean_indexes"),
        ("orders", "0004_lean_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="decision",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfillment_orders",
                to="fulfillment.sourcingdecision",
            ),
        ),
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="location",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfillment_orders",
                to="inventory.location",
            ),
        ),
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="number",
            field=models.CharField(max_length=20),
        ),
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="pinned_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="wave",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fulfillment_orders",
                to="fulfillment.wave",
            ),
        ),
        migrations.AlterField(
            model_name="fulfillmentorderline",
            name="fulfillment_order",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="fulfillment.fulfillmentorder",
            ),
        ),
        migrations.AlterField(
            model_name="fulfillmentorderline",
            name="sku",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.sku"
            ),
        ),
        migrations.AddIndex(
            model_name="fulfillmentorder",
            index=models.Index(
                condition=models.Q(("wave__isnull", False)), fields=["wave"], name="fulfillment_by_wave"
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfillmentorder",
            constraint=models.UniqueConstraint(fields=("number",), name="fulfillment_number_once"),
        ),
        room_for_updates("fulfillment_fulfillmentorder", 15),
        room_for_updates("fulfillment_fulfillmentorderline", 25),
    ]
