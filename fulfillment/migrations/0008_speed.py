"""Indexes for what is asked of a million pieces of work: any case of a number, and the list by the day to leave."""

import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("carriers", "0002_guards"),
        ("fulfillment", "0007_parcel_serials"),
        ("inventory", "0013_serials"),
        ("orders", "0005_speed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="fulfillmentorder",
            index=models.Index(
                models.OrderBy(models.F("ship_by")),
                models.OrderBy(models.F("id"), descending=True),
                name="fulfillment_by_ship_by",
            ),
        ),
        migrations.AddIndex(
            model_name="fulfillmentorder",
            index=models.Index(django.db.models.functions.text.Upper("number"), name="fulfillment_any_case"),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                django.db.models.functions.text.Upper("tracking_number"), name="parcel_tracking_any_case"
            ),
        ),
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(django.db.models.functions.text.Upper("number"), name="shipment_any_case"),
        ),
    ]
