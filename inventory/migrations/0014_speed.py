"""SKUs are found by part of code or name in any case, by an index."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0013_serials"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="sku",
            name="sku_code_trgm",
        ),
        migrations.RemoveIndex(
            model_name="sku",
            name="sku_name_trgm",
        ),
        migrations.AddIndex(
            model_name="sku",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("code"), "gin_trgm_ops"),
                name="sku_code_any_case",
            ),
        ),
        migrations.AddIndex(
            model_name="sku",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                name="sku_name_any_case",
            ),
        ),
    ]
