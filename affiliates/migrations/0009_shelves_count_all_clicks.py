import django.db.models.deletion
from django.db import migrations, models
from uuid_utils.compat import uuid7

BATCH = 1_000


def take_the_time_it_takes(apps, schema_editor):
    """An index on ten million rows takes longer than a page may."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")


def vacuum_by_rows_added(apps, schema_editor):
    """What is new is read from the index alone once it has been vacuumed: every few days, and not
    when a fifth has been added, which is after months."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE affiliates_producttally SET (autovacuum_vacuum_insert_threshold = 100000, "
            "autovacuum_vacuum_insert_scale_factor = 0)"
        )


def vacuum_as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE affiliates_producttally RESET (autovacuum_vacuum_insert_threshold, "
            "autovacuum_vacuum_insert_scale_factor)"
        )


def begin_with_counted_clicks(apps, schema_editor):
    database = schema_editor.connection.alias
    shelves = apps.get_model("affiliates", "ShelfTally").objects.using(database)
    shelves.update(clicks=models.F("counted"))


def add_clicks_that_do_not_count(apps, schema_editor):
    """Of the spans that are tallied by product, under the categories of today.

    Summed by the database, however many products; what comes of it is a row for each category and
    span.
    """
    database = schema_editor.connection.alias
    products = apps.get_model("affiliates", "ProductTally").objects.using(database)
    shelves = apps.get_model("affiliates", "ShelfTally").objects.using(database)
    shelf = ("span", "start", "category_id", "currency")
    found = {tuple(getattr(row, name) for name in shelf): row for row in shelves.iterator()}
    groups = (
        products.filter(clicks__gt=models.F("counted"))
        .order_by()
        .values_list("span", "start", "product__category_id", "product__currency")
        .annotate(uncounted=models.Sum(models.F("clicks") - models.F("counted")))
    )
    for *key, uncounted in groups:
        row = found.get(tuple(key))
        if row is None:
            nothing = {"clicks": 0, "counted": 0, "priced": 0, "amount": 0}
            row = shelves.model(id=uuid7(), **dict(zip(shelf, key, strict=True)), **nothing)
            found[tuple(key)] = row
        row.clicks += int(uncounted)
    shelves.bulk_create(
        found.values(),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["clicks"],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("affiliates", "0008_clicks_by_shelf"),
        ("catalog", "0005_offers_by_age"),
    ]

    operations = [
        migrations.RunPython(take_the_time_it_takes, migrations.RunPython.noop),
        migrations.RunPython(vacuum_by_rows_added, vacuum_as_before),
        migrations.AddField(
            model_name="shelftally",
            name="clicks",
            field=models.PositiveBigIntegerField(default=0, verbose_name="clicks"),
            preserve_default=False,
        ),
        migrations.RunPython(begin_with_counted_clicks, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="shelftally",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted__lte", models.F("clicks"))),
                name="shelf_tally_counts_some_of_all",
            ),
        ),
        migrations.AlterField(
            model_name="shelftally",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="click_tallies",
                to="catalog.category",
            ),
        ),
        migrations.AddIndex(
            model_name="producttally",
            index=models.Index(
                condition=models.Q(("counted__gt", 0)),
                fields=["span", "start", "-counted", "-clicks", "product"],
                name="product_tally_most_counted",
            ),
        ),
        # Last: PostgreSQL changes no table with new rows whose foreign keys are not checked yet.
        migrations.RunPython(
            add_clicks_that_do_not_count, migrations.RunPython.noop, elidable=True
        ),
    ]
