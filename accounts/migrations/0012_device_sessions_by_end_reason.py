"""An index for the rarer reasons of the list of devices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_words_of_users"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="devicesession",
            index=models.Index(
                condition=models.Q(("end_reason", ""), _negated=True),
                fields=["end_reason"],
                name="device_session_by_end",
            ),
        ),
    ]
