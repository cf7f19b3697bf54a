"""Indexes for what is asked of a million orders: any case of a number, what is late, under way, or waits for stock."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_lean_indexes"),
        ("inventory", "0012_lean_indexes"),
        ("orders", "0004_lean_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="order",
            name="order_promise_open",
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("email"), "gin_trgm_ops"),
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("phone"), "gin_trgm_ops"),
                name="customer_search",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("received", "confirmed")),
                    models.Q(("fulfillment_state__in", ("shipped", "partially_delivered", "delivered")), _negated=True),
                ),
                fields=["promised_ship_by"],
                name="order_to_leave",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("fulfillment_state__in", ["delivered", "cancelled"]), _negated=True),
                fields=["fulfillment_state", "-placed_at", "-id"],
                name="order_under_way",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(django.db.models.functions.text.Upper("number"), name="order_number_any_case"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(django.db.models.functions.text.Upper("external_id"), name="order_external_any_case"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(django.db.models.functions.text.Upper("email"), name="order_email_any_case"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(condition=models.Q(("backordered__gt", 0)), fields=["order"], name="order_line_waiting"),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                django.db.models.functions.text.Upper("sku_code"),
                condition=models.Q(("sku", None)),
                name="order_line_unknown",
            ),
        ),
    ]
