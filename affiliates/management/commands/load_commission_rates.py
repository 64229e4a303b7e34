"""Load the commission rates that come with GiftSync."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.services.rates import STARTER_FILES, Loaded, load_commission_rates


class Command(BaseCommand):
    help = "Add the commission rates that are not there yet; what staff have changed stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="another file than those of GiftSync")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in [options["file"]] if options["file"] else STARTER_FILES:
            self._tell(path, self._load(path))

    def _load(self, path: Path) -> Loaded:
        try:
            return load_commission_rates(path=path)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise CommandError(f"{path}: {error!r}") from error

    def _tell(self, path: Path, loaded: Loaded) -> None:
        if loaded.unknown:
            self.stderr.write(f"No such category: {', '.join(loaded.unknown)}.")
        self.stdout.write(
            f"Commission rates ({path.name}): {loaded.added} added, {loaded.kept} left as they are."
        )
