from datetime import UTC, timedelta

from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncDate

BATCH = 2_000
ALIKE = ("marketplace", "family", "day", "tag", "currency", "direct", "back", "shelf")
COLUMNS = (
    *("marketplace", "family", "day", "tag", "currency", "is_direct", "is_back", "category_id"),
    *("ordered", "shipped", "returned", "revenue", "fees", "squares"),
)


def take_the_time_it_takes(apps, schema_editor):
    """Matching a year takes longer than a statement of a page may."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")


def match_what_is_known(apps, schema_editor):
    """The gift and the last click of each line that was imported before."""
    database = schema_editor.connection.alias
    lines, clicks, gifts = (
        apps.get_model(*name).objects.using(database)
        for name in (
            ("affiliates", "ReportedItem"),
            ("affiliates", "Click"),
            ("catalog", "Product"),
        )
    )
    gift = gifts.filter(marketplace=OuterRef("marketplace"), asin=OuterRef("asin"))
    lines.filter(family__in=("orders", "earnings")).exclude(is_direct=False).exclude(
        asin=""
    ).update(product=Subquery(gift.order_by().values("pk")[:1]))

    def midnight(days):
        moment = OuterRef("day") + timedelta(days=days)
        return models.ExpressionWrapper(moment, output_field=models.DateTimeField())

    last = (
        clicks.filter(is_counted=True, product=OuterRef("product"))
        .filter(marketplace=OuterRef("marketplace"), partner_tag=OuterRef("tag"))
        .filter(created_at__gte=midnight(-90), created_at__lt=midnight(1))
        .order_by("-product_id", "-partner_tag", "-created_at")
        .values(on=TruncDate("created_at", tzinfo=UTC))[:1]
    )
    lines.filter(product__isnull=False).update(clicked_on=Subquery(last))


def sum_up_what_is_known(apps, schema_editor):
    """The sums over what was imported before."""
    database = schema_editor.connection.alias
    lines = apps.get_model("affiliates", "ReportedItem").objects.using(database)
    tally = apps.get_model("affiliates", "SalesTally")
    is_direct = Q(is_direct__isnull=False, is_direct=True) | Q(
        is_direct__isnull=True, clicked_on__isnull=False
    )
    flag = models.BooleanField()
    groups = (
        lines.order_by()
        .annotate(
            direct=models.ExpressionWrapper(is_direct, output_field=flag),
            back=models.ExpressionWrapper(Q(fees__lt=0), output_field=flag),
            shelf=models.Case(models.When(is_direct, then=F("product__category"))),
        )
        .values_list(*ALIKE)
        .annotate(
            Sum("ordered"),
            Sum("shipped"),
            Sum("returned"),
            Sum("revenue"),
            Sum("fees"),
            squares=Sum(F("fees") * F("fees")),
        )
    )
    rows = [tally(**dict(zip(COLUMNS, row, strict=True))) for row in groups]
    tally.objects.using(database).bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("affiliates", "0010_sales_summed_up")]

    operations = [
        migrations.RunPython(take_the_time_it_takes, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(match_what_is_known, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(sum_up_what_is_known, migrations.RunPython.noop, elidable=True),
    ]
