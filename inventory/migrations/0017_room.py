"""Room of bins by volume."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0016_counts_by_lot")]

    operations = [
        migrations.AddField("bin", "litres", models.PositiveIntegerField(blank=True, null=True)),
    ]
