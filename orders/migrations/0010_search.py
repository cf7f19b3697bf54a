"""What an order is found by moves beside it: a change of state no longer writes the dearest index there is."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

COPY = r"""
INSERT INTO orders_ordersearch (order_id, text, phone)
SELECT id, search_text, reverse(regexp_replace(phone, '\D', '', 'g')) FROM orders_order ORDER BY id
"""
BACK = """
UPDATE orders_order o SET search_text = s.text FROM orders_ordersearch s WHERE s.order_id = o.id
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_state_statistics")]
    operations = [
        migrations.CreateModel(
            name="OrderSearch",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("text", models.TextField()),
                ("phone", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.RunSQL(COPY, BACK),
        migrations.RemoveIndex(model_name="order", name="order_search"),
        migrations.RemoveField(model_name="order", name="search_text"),
        migrations.AddIndex(
            model_name="ordersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["text"], name="order_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="ordersearch",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True),
                fields=["phone"],
                name="order_search_phone",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE orders_ordersearch ALTER COLUMN text SET STATISTICS 1000",
            "ALTER TABLE orders_ordersearch ALTER COLUMN text SET STATISTICS -1",
        ),
    ]
