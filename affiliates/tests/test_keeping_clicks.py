"""Partitions change nothing but speed, and old clicks go without taking their figures along."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from affiliates.models import Click
from affiliates.services import partitions
from affiliates.services.click_counts import clicks_by_day, clicks_by_product
from affiliates.services.purging import purge_clicks
from affiliates.services.raw_counts import Counts
from affiliates.services.tallying import rebuild_tallies, tally_clicks
from affiliates.tests.factories import ClickFactory, ProductFactory
from affiliates.tests.test_clicks import click

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
needs_postgres = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL has partitions"
)


@pytest.mark.django_db
def test_old_clicks_go_and_their_figures_stay():
    product = ProductFactory()
    for days in (0, 29, 30, 31, 500):
        ClickFactory(product=product, created_at=NOW - timedelta(days=days))
    before = clicks_by_day(first=date(2025, 1, 1), last=date(2026, 11, 22))
    assert purge_clicks(now=NOW, days=30) == 2
    assert Click.objects.count() == 3
    assert clicks_by_day(first=date(2025, 1, 1), last=date(2026, 11, 22)) == before
    rebuild_tallies(now=NOW)
    assert clicks_by_day(first=date(2025, 1, 1), last=date(2026, 11, 22)) == before
    assert clicks_by_product(first=date(2025, 1, 1), last=date(2026, 11, 22)) == {
        product.pk: Counts(5, 5)
    }


@pytest.mark.django_db
def test_whole_days_go(settings):
    settings.CLICK_RETENTION_DAYS = 10
    edge = datetime(2026, 11, 12, tzinfo=UTC)
    ClickFactory(created_at=edge - timedelta(microseconds=1))
    ClickFactory(created_at=edge)
    assert purge_clicks(now=NOW) == 1
    assert Click.objects.get().created_at == edge


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, -1])
def test_clicks_can_be_kept_for_ever(days):
    ClickFactory(created_at=NOW - timedelta(days=5_000))
    assert purge_clicks(now=NOW, days=days) == 0
    call_command("purge_clicks", days=days, stdout=(out := StringIO()))
    assert "for ever" in out.getvalue()
    assert Click.objects.exists()


@pytest.mark.django_db
def test_the_commands_say_what_they_did():
    ClickFactory(created_at=NOW - timedelta(days=60))
    call_command("tally_clicks", "--rebuild", stdout=(out := StringIO()))
    assert "counted until" in out.getvalue()
    call_command("purge_clicks", "--days", "30", stdout=(out := StringIO()))
    assert "1 clicks from before" in out.getvalue()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what happens without PostgreSQL")
@pytest.mark.django_db
def test_partitions_need_postgresql():
    with pytest.raises(CommandError, match="need PostgreSQL"):
        call_command("partition_clicks")


@needs_postgres
@pytest.mark.postgres
@pytest.mark.django_db
class TestPartitions:
    def parts(self):
        return [p.name.removeprefix("affiliates_click_") for p in partitions.listed()]

    def convert(self):
        partitions.convert(now=NOW)
        partitions.prepare(now=NOW, months=2)

    def test_the_table_becomes_the_first_of_them(self):
        kept = ClickFactory(created_at=NOW)
        self.convert()
        assert self.parts() == ["before", "2026_12", "2027_01", "default"]
        assert Click.objects.get() == kept

    def test_a_click_in_any_month_finds_its_place(self):
        self.convert()
        for month in (NOW, NOW + timedelta(days=30), NOW + timedelta(days=400)):
            click(ProductFactory(), now=month)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text FROM affiliates_click ORDER BY 1")
            places = [place.removeprefix("affiliates_click_") for (place,) in cursor]
        assert places == ["2026_12", "before", "default"]

    def test_clicks_are_judged_as_before(self):
        self.convert()
        product = ProductFactory()
        for month in (NOW, NOW + timedelta(days=30), NOW + timedelta(days=400)):
            first = click(product, now=month, key="k1").click
            assert click(product, now=month, key="k1").click.pk == first.pk
            assert click(product, now=month, key="k2").click.kind == "repeat"
        assert Click.objects.counted().count() == 3

    @pytest.mark.parametrize("days", [0, 30, 400])
    def test_the_database_itself_refuses_a_second_counted_click(self, days):
        self.convert()
        product, at = ProductFactory(), NOW + timedelta(days=days)
        ClickFactory(product=product, created_at=at, visitor_hash="a" * 64)
        with pytest.raises(IntegrityError), transaction.atomic():
            ClickFactory(product=product, created_at=at, visitor_hash="a" * 64)

    def test_months_made_later_take_their_clicks_from_the_default(self):
        partitions.convert(now=NOW)
        late = ClickFactory(created_at=NOW + timedelta(days=15))
        assert partitions.prepare(now=NOW + timedelta(days=15), months=0) == [
            "affiliates_click_2026_12"
        ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT tableoid::regclass::text, id FROM affiliates_click")
            assert cursor.fetchall() == [("affiliates_click_2026_12", late.pk)]
        assert partitions.prepare(now=NOW + timedelta(days=15), months=0) == []

    def test_old_months_go_in_one_piece_and_their_figures_stay(self):
        self.convert()
        for at in (NOW, NOW + timedelta(days=15), NOW + timedelta(days=50)):
            ClickFactory(created_at=at)
        now = NOW + timedelta(days=60)
        tally_clicks(now=now)
        before = clicks_by_day(first=date(2026, 1, 1), last=date(2027, 3, 1))
        assert purge_clicks(now=now, days=15) == 2
        assert self.parts() == ["2027_01", "default"]
        assert clicks_by_day(first=date(2026, 1, 1), last=date(2027, 3, 1)) == before

    def test_it_can_be_undone(self):
        keys = self.keys()
        self.convert()
        for days in (0, 30, 400):
            ClickFactory(created_at=NOW + timedelta(days=days))
        partitions.undo()
        assert self.parts() == []
        assert Click.objects.count() == 3
        assert self.keys() == keys
        self.convert()
        assert Click.objects.count() == 3

    def keys(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'affiliates_click'"
                " ORDER BY 1"
            )
            indexes = cursor.fetchall()
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = 'affiliates_click'::regclass AND contype <> 'n' ORDER BY 1"
            )
            return indexes, cursor.fetchall()

    def test_the_command_converts_and_prepares(self):
        call_command("partition_clicks", "--ahead", "1", stdout=(out := StringIO()), stderr=out)
        assert "affiliates_click_before" in out.getvalue()
        call_command("partition_clicks", "--ahead", "3", stdout=StringIO(), stderr=StringIO())
        assert len(self.parts()) == 5
        call_command("partition_clicks", "--undo", stdout=(out := StringIO()))
        assert "in one table" in out.getvalue()
        with pytest.raises(CommandError, match="no partitions"):
            call_command("partition_clicks", "--undo")
