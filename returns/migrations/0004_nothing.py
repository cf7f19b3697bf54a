"""A refund of nothing counts units that were free."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("returns", "0003_pieces")]

    operations = [
        migrations.RemoveConstraint("refund", "refund_is_positive"),
        migrations.AddConstraint(
            "refund",
            models.CheckConstraint(
                condition=Q(amount__gt=0) | Q(amount=0, state="succeeded"), name="refund_is_positive_or_over"
            ),
        ),
    ]
