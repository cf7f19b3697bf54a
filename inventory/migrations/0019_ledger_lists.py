"""The ledger is narrowed to what is rare in it, and searched by reasons, without reading all of it."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0018_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(
                condition=models.Q(("kind__in", ["allocated", "picked", "shipped"]), _negated=True),
                fields=["kind", "-id"],
                name="movement_of_rare_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(condition=models.Q(("reason__gt", "")), fields=["-id"], name="movement_with_reason"),
        ),
    ]
