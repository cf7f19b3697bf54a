"""Units of an order on their way to the place where its parts meet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fulfillment", "0009_lean"),
    ]

    operations = [
        migrations.CreateModel(
            name="Part",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("coming", "On its way"), ("arrived", "Arrived"), ("given_up", "Given up")],
                        default="coming",
                        max_length=10,
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("arrived", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "decision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="fulfillment.sourcingdecision",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="orders.orderline"
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.sku",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="inventory.transfer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("state", "coming")), fields=["sku"], name="part_coming")],
                "constraints": [
                    models.UniqueConstraint(fields=("transfer", "order_line"), name="part_once_a_transfer"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrived__lte", models.F("quantity")),
                            models.Q(
                                models.Q(("state", "coming"), _negated=True),
                                models.Q(("arrived", 0), ("quantity__gt", 0)),
                                _connector="OR",
                            ),
                        ),
                        name="part_steps_in_order",
                    ),
                ],
            },
        ),
    ]
