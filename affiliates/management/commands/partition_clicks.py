"""Turn the table of clicks into monthly partitions, make those of the months ahead, or undo it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.services import partitions


class Command(BaseCommand):
    help = "Keep clicks in monthly partitions (PostgreSQL). Run again, it makes the months ahead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--ahead",
            type=int,
            default=settings.CLICK_PARTITIONS_AHEAD or 3,
            help="months after this one (CLICK_PARTITIONS_AHEAD, or 3)",
        )
        parser.add_argument("--undo", action="store_true", help="back into one table")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            if options["undo"]:
                partitions.undo()
            else:
                if not partitions.is_partitioned():
                    partitions.convert(now=now)
                partitions.prepare(now=now, months=options["ahead"])
        except partitions.CannotPartition as error:
            raise CommandError(str(error)) from error
        for partition in partitions.listed():
            end = f"before {partition.end:%Y-%m-%d}" if partition.end else "everything else"
            self.stdout.write(f"{partition.name}: {end}")
        if options["undo"]:
            self.stdout.write("All clicks are in one table.")
        elif not settings.CLICK_PARTITIONS_AHEAD:
            self.stderr.write("Set CLICK_PARTITIONS_AHEAD so that months ahead make themselves.")
