"""`manage.py check_amazon`: see catalog.services.connection."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.services import connection, standing

NOT_FINE, NO_CREDENTIALS = 1, 3


class Command(BaseCommand):
    help = (
        "Ask the shop's API once and tell token, eligibility, tag and one item apart. Exit code 0: "
        "all fine; 1: something is not; 3: no credentials."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say how we stand, without asking the shop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stand = standing.standing()
        if stand.mode == "off":
            raise CommandError("There are no credentials for the API.", returncode=NO_CREDENTIALS)
        if options["dry_run"]:
            since = f" since {stand.since:%Y-%m-%d %H:%M} ({stand.reason})" if stand.reason else ""
            self.stdout.write(f"Mode: {stand.mode}{since}. Nothing is asked (--dry-run).")
            return
        steps = connection.check_connection()
        for step in steps:
            reason = f" ({step.reason})" if step.reason else ""
            self.stdout.write(f"{step.title}: {step.outcome_text}{reason}")
            if step.fix:
                self.stdout.write(f"  {step.fix}")
        if any(step.outcome != connection.PASSED for step in steps):
            raise CommandError("Not everything is fine.", returncode=NOT_FINE)
