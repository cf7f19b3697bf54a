"""Wishes: who asked first."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0014_speed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Wish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder", models.CharField(max_length=160)),
                ("units", models.PositiveIntegerField()),
                ("minutes", models.PositiveSmallIntegerField(default=15)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "In the queue"),
                            ("granted", "Kept back"),
                            ("refused", "Sold out"),
                            ("used", "Ordered"),
                            ("dropped", "Given up"),
                            ("expired", "Run out"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wishes",
                        to="inventory.stocklevel",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wishes",
                        to="inventory.sku",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["id"], name="wish_queue"),
                    models.Index(condition=models.Q(("state", "granted")), fields=["expires_at"], name="wish_expiry"),
                    models.Index(condition=models.Q(("state", "granted")), fields=["level"], name="wish_by_level"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "granted", "used"])),
                        fields=("holder", "sku"),
                        name="wish_once_a_holder",
                    ),
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="wish_for_something"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "granted"), _negated=True), ("level__isnull", False), _connector="OR"
                        ),
                        name="wish_granted_somewhere",
                    ),
                ],
            },
        ),
    ]
