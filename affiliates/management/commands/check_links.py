"""Ask the shop's API which products it no longer has."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.services.link_health import NoLookup, check_links, configured_lookup


class Command(BaseCommand):
    help = "Ask the shop, by ASIN, for products it no longer has. No tagged link is followed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, help="only so many, the most popular first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            looked = check_links(
                look_up=configured_lookup(), now=timezone.now(), limit=options["limit"]
            )
        except NoLookup as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{looked.products} products asked about: {looked.standing} faults,"
            f" {looked.new} of them new; {looked.gone} gone."
        )
