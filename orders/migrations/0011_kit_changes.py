"""Kits of an order are changed as a whole."""

from django.db import migrations, models

KINDS = [
    ("set_quantity", "Quantity"),
    ("add_line", "Added line"),
    ("set_kit", "Kits"),
    ("set_price", "Price"),
    ("set_address", "Address"),
    ("set_method", "Method"),
    ("set_contact", "Contact"),
    ("set_shipping", "Shipping charge"),
]


class Migration(migrations.Migration):
    dependencies = [("orders", "0010_search")]

    operations = [
        migrations.AlterField("orderchangeaction", "kind", models.CharField(choices=KINDS, max_length=14)),
        migrations.AddField(
            "orderkit", "unit_price", models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True)
        ),
    ]
