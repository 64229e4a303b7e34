"""Of two rates of one store and category, the days never overlap."""

from django.db import migrations

NONE = "'00000000-0000-0000-0000-000000000000'::uuid"
POSTGRES = f"""
ALTER TABLE affiliates_commissionrate ADD CONSTRAINT rate_days_do_not_overlap EXCLUDE USING gist (
    marketplace WITH =,
    (COALESCE(category_id, {NONE})) WITH =,
    (daterange(valid_from, valid_until)) WITH &&
)
"""
# The same in words that SQLite has. Renewed by hand if the table is ever made anew.
SQLITE = """
CREATE TRIGGER rate_days_do_not_overlap_{event} BEFORE {event} ON affiliates_commissionrate
WHEN EXISTS (
    SELECT 1 FROM affiliates_commissionrate AS other
    WHERE other.id <> NEW.id
    AND other.marketplace = NEW.marketplace
    AND other.category_id IS NEW.category_id
    AND other.valid_from < COALESCE(NEW.valid_until, '9999-12-31')
    AND NEW.valid_from < COALESCE(other.valid_until, '9999-12-31')
)
BEGIN SELECT RAISE(ABORT, 'rate_days_do_not_overlap'); END
"""


def end_where_the_next_begins(apps, schema_editor):
    """The newest in force has won so far: an older one ends on its first day."""
    rates = apps.get_model("affiliates", "CommissionRate").objects
    later = {}
    for rate in rates.order_by("marketplace", "category_id", "-valid_from"):
        key = (rate.marketplace, rate.category_id)
        begins = later.get(key)
        if begins is not None and (rate.valid_until is None or rate.valid_until > begins):
            rate.valid_until = begins
            rate.save(update_fields=["valid_until"])
        later[key] = rate.valid_from


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(POSTGRES)
    else:
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(SQLITE.format(event=event))


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE affiliates_commissionrate DROP CONSTRAINT rate_days_do_not_overlap"
        )
    else:
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(f"DROP TRIGGER rate_days_do_not_overlap_{event}")


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0003_earnings_and_tracking_ids")]
    operations = [
        migrations.RunPython(end_where_the_next_begins, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(forbid, allow),
    ]
