"""Which orders have a SKU is told by the index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0018_answers"),
        ("orders", "0013_phone_index"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="orderline",
            name="order_line_by_sku",
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["sku", "order"], name="order_line_of_sku"),
        ),
    ]
