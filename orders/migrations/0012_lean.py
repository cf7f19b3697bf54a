"""Indexes that no question asks for, or another one answers: each costs a write at every step of an order."""

from django.conf import settings
from django.db import migrations, models

import oms.common.numbered


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_lean_indexes"),
        ("inventory", "0017_room"),
        ("orders", "0011_kit_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="order",
            name="order_by_state",
        ),
        migrations.RemoveIndex(
            model_name="order",
            name="order_number_any_case",
        ),
        migrations.RemoveIndex(
            model_name="orderevent",
            name="order_event_by_verb",
        ),
        migrations.AlterField(
            model_name="order",
            name="number",
            field=oms.common.numbered.NumberField(max_length=20),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=["state", "-placed_at", "-id"],
                name="order_live_by_state",
            ),
        ),
    ]
