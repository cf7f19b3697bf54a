"""Days a supplier has to answer; rules buy at least so many, in whole multiples."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("inventory", "0017_room")]

    operations = [
        migrations.AddField("supplier", "answer_days", models.PositiveSmallIntegerField(default=2)),
        migrations.AddField("reorderrule", "minimum", models.PositiveIntegerField(default=1)),
        migrations.AddField("reorderrule", "multiple", models.PositiveIntegerField(default=1)),
        migrations.AddConstraint(
            "reorderrule",
            models.CheckConstraint(condition=Q(multiple__gt=0, minimum__gt=0), name="reorder_in_whole_multiples"),
        ),
    ]
