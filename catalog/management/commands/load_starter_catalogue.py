"""`manage.py load_starter_catalogue`: see catalog.services.starter."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.services.starter import BrokenStarterCatalogue, Tally, load_starter_catalogue


class Command(BaseCommand):
    help = (
        "Load or refresh the starter catalogue. Safe to run again: what staff changed or retired "
        "stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_starter_catalogue(dry_run=options["dry_run"])
        except BrokenStarterCatalogue as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] == 0:
            return
        if options["dry_run"]:
            self.stdout.write("Nothing is written (--dry-run). It would be:")
        for name in ("categories", "tags", "products"):
            self.stdout.write(_line(name, getattr(report, name)))
        for key in report.products.skipped:
            self.stdout.write(f"  {key}: another product has its ASIN; left out")


def _line(name: str, tally: Tally) -> str:
    counts = f"{tally.created} new, {tally.updated} updated, {tally.unchanged} unchanged"
    kept = f", {tally.kept_fields} fields kept as staff changed them" if tally.kept_fields else ""
    return f"{name + ':':<12} {counts}{kept}"
