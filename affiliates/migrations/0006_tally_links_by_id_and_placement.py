from datetime import UTC
from typing import Any

from django.db import migrations, models
from django.db.models import Min


def count_anew(apps: Any, schema_editor: Any) -> None:
    """Tallies made so far lack the new grouping: the next runs count what clicks there are.

    Until then reports read these days from the clicks. Days whose clicks were purged keep theirs.
    """
    first = apps.get_model("affiliates", "Click").objects.aggregate(at=Min("created_at"))["at"]
    if first is None:
        return
    day = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    marks = apps.get_model("affiliates", "TallyMark").objects
    marks.filter(counted_until__gt=day).update(counted_until=day)


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0005_tallies_and_link_findings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clicktally",
            name="dimension",
            field=models.CharField(
                choices=[
                    ("hour", "Hour of the day (UTC)"),
                    ("kind", "Kind"),
                    ("placement", "Placement"),
                    ("tracking_id", "Tracking id"),
                    ("reason", "Reason"),
                    ("store", "Store"),
                    ("version", "Version of the recommender"),
                    ("link", "Tracking id and placement"),
                ],
                max_length=16,
                verbose_name="grouped by",
            ),
        ),
        migrations.AlterField(
            model_name="clicktally",
            name="key",
            field=models.CharField(blank=True, max_length=100, verbose_name="value"),
        ),
        migrations.RunPython(count_anew, migrations.RunPython.noop),
    ]
