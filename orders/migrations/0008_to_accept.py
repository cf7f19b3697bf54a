"""Received orders that nobody has looked at are found without a search."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_lean_indexes"),
        ("inventory", "0014_speed"),
        ("orders", "0007_search_statistics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("hold_state", "none"), ("state", "received")),
                fields=["placed_at", "id"],
                name="order_to_accept",
            ),
        ),
    ]
