"""An index for orders that are not paid yet, the newest first."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_lean_indexes"),
        ("inventory", "0012_lean_indexes"),
        ("orders", "0005_speed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("payment_state__in", ["unpaid", "partially_paid"])),
                fields=["-placed_at", "-id"],
                name="order_owing",
            ),
        ),
    ]
