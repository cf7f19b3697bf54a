"""Indexes of what is done or found by another index are gone: each costs a write at every step of an order."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import oms.common.numbered


class Migration(migrations.Migration):
    dependencies = [
        ("carriers", "0002_guards"),
        ("fulfillment", "0008_speed"),
        ("inventory", "0016_counts_by_lot"),
        ("orders", "0010_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="fulfillmentorder",
            name="fulfillment_queue",
        ),
        migrations.RemoveIndex(
            model_name="fulfillmentorder",
            name="fulfillment_by_state",
        ),
        migrations.RemoveIndex(
            model_name="fulfillmentorder",
            name="fulfillment_any_case",
        ),
        migrations.RemoveIndex(
            model_name="shipment",
            name="shipment_any_case",
        ),
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="number",
            field=oms.common.numbered.NumberField(max_length=20),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="shipment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parcels",
                to="fulfillment.shipment",
            ),
        ),
        migrations.AlterField(
            model_name="parcel",
            name="tracking_number",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AlterField(
            model_name="parcelline",
            name="parcel",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="fulfillment.parcel",
            ),
        ),
        migrations.AlterField(
            model_name="shipment",
            name="location",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shipments",
                to="inventory.location",
            ),
        ),
        migrations.AlterField(
            model_name="shipment",
            name="number",
            field=oms.common.numbered.NumberField(max_length=20),
        ),
        migrations.AddIndex(
            model_name="fulfillmentorder",
            index=models.Index(
                condition=models.Q(("state", "completed"), _negated=True),
                fields=["location", "state", "ship_by", "id"],
                name="fulfillment_live_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="fulfillmentorder",
            index=models.Index(
                condition=models.Q(("state", "completed"), _negated=True),
                fields=["state", "ship_by", "id"],
                name="fulfillment_live_by_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="shipment",
            constraint=models.UniqueConstraint(fields=("number",), name="shipment_number_once"),
        ),
    ]
