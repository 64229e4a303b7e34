"""manage.py build_catalogue_index"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.services.indexing import build_catalogue_index, refresh_catalogue_index


class Command(BaseCommand):
    help = "Write the catalogue index that web processes answer lists from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-behind", action="store_true", help="Only if the live one is missing or behind."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = refresh_catalogue_index() if options["if_behind"] else build_catalogue_index()
        self.stdout.write(version or "The catalogue index is up to date.")
