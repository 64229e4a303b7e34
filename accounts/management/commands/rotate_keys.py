"""`manage.py rotate_keys`: encrypt anew what is still under a former key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.encryption import Undecryptable
from accounts.services import key_rotation


class Command(BaseCommand):
    help = (
        "Brings everything that is encrypted in the database under the first of"
        " FIELD_ENCRYPTION_KEYS. Afterwards the other keys can be dropped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only count what is under a former key"
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        total = 0
        for place, count, rotate in key_rotation.places():
            try:
                n_rows = count() if dry_run else rotate()
            except Undecryptable as error:
                raise CommandError(
                    f"{place}: a row is under a key that FIELD_ENCRYPTION_KEYS does not hold."
                    " Add that key at its end and run this again."
                ) from error
            total += n_rows
            self.stdout.write(f"{place}: {n_rows}")
        if dry_run:
            self.stdout.write(f"{total} still under a former key.")
        else:
            self.stdout.write(self.style.SUCCESS(f"{total} encrypted anew."))
