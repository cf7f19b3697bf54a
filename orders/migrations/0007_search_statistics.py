"""What is known of words in the search text is finer, so that a first name is looked for otherwise than an e-mail."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_owing")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE orders_order ALTER COLUMN search_text SET STATISTICS 1000",
            "ALTER TABLE orders_order ALTER COLUMN search_text SET STATISTICS -1",
        )
    ]
