"""Load the commission rates that come with GiftSync."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.services.rates import STARTER_RATES, load_commission_rates


class Command(BaseCommand):
    help = "Add the commission rates that are not there yet; what staff have changed stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=STARTER_RATES)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_commission_rates(path=options["file"])
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise CommandError(f"{options['file']}: {error!r}") from error
        if loaded.unknown:
            self.stderr.write(f"No such category: {', '.join(loaded.unknown)}.")
        self.stdout.write(
            f"Commission rates: {loaded.added} added, {loaded.kept} left as they are."
        )
