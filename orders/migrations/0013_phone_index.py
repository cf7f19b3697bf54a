"""The end of a phone number is looked up in words that the database can see to fit its index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0012_lean"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ordersearch",
            name="order_search_phone",
        ),
        migrations.AddIndex(
            model_name="ordersearch",
            index=models.Index(
                condition=models.Q(("phone__gt", "")),
                fields=["phone"],
                name="order_search_phone",
                opclasses=["varchar_pattern_ops"],
            ),
        ),
    ]
