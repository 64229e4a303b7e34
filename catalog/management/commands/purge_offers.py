"""`manage.py purge_offers`: see catalog.services.purging."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from catalog.services import purging, retiring_gone


class Command(BaseCommand):
    help = (
        "Forget what the shop said once it is too old to be kept, and retire gifts that the shop "
        "has not known for SHOP_GRACE_DAYS. Safe to run at any time; exit code 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            stale = purging.count_stale_offers(now)
            gone = retiring_gone.retire_gone(now, dry_run=True)
            self.stdout.write(f"{stale:,} offers would be purged, {gone:,} gifts retired.")
            return
        deleted = purging.purge_stale_offers(now)
        gone = retiring_gone.retire_gone(now)
        if options["verbosity"] > 0:
            self.stdout.write(f"{deleted:,} offers deleted, {gone:,} gifts retired.")
