"""Delete clicks that are older than they are kept."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from affiliates.services.purging import purge_clicks, purge_deadline


class Command(BaseCommand):
    help = "Delete old clicks; what they add up to in the reports is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, help="keep this many days instead of CLICK_RETENTION_DAYS"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["days"]
        days: int = settings.CLICK_RETENTION_DAYS if given is None else given
        if days <= 0:
            self.stdout.write("Clicks are kept for ever.")
            return
        now = timezone.now()
        deleted = purge_clicks(now=now, days=days)
        deadline = purge_deadline(now=now, days=days)
        self.stdout.write(f"{deleted} clicks from before {deadline:%Y-%m-%d} deleted.")
