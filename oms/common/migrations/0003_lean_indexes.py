"""Indexes that another one covers are gone: each costs a write at every change of its row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0002_guards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="outboxmessage",
            name="key",
            field=models.CharField(max_length=200),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(fields=("key",), name="outbox_key_once"),
        ),
    ]
