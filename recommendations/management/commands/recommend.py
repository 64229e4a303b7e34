"""`manage.py recommend "my dad, 60, loves jazz"`: gifts with reasons, on the command line."""

import json
import sys
from typing import Any, TextIO, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from catalog.models import Price
from catalog.templatetags.money import money, price_time
from recommendations.models import Recommendation
from recommendations.services import contexts
from recommendations.services.recommending import Served, recommend


class Command(BaseCommand):
    help = "Recommend gifts for a person described in a sentence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("brief", help='for example "my dad, 60, loves jazz, under £50"')
        parser.add_argument("--count", type=int, default=settings.RECOMMENDER_DEFAULT_COUNT)
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *, brief: str, count: int, **options: Any) -> None:
        most = settings.RECOMMENDER_MAX_COUNT
        if not 1 <= count <= most:
            raise CommandError(f"--count must be from 1 to {most}.")
        if len(brief) > settings.BRIEF_MAX_LENGTH:
            raise CommandError(f"The brief is longer than {settings.BRIEF_MAX_LENGTH} characters.")
        context = contexts.build_context({"brief": brief})
        surface = Recommendation.Surface.COMMAND
        served = recommend(context=context, count=count, surface=surface)
        understood = context.understood()
        if options["json"]:
            self.stdout.write(
                json.dumps(_as_json(served, understood), ensure_ascii=False, indent=2)
            )
        else:
            self._print_table(served, understood)

    def _print_table(self, served: Served, understood: dict[str, Any]) -> None:
        width = None if sys.stdout.isatty() else 120
        console = Console(file=cast(TextIO, self.stdout), width=width, highlight=False)
        console.print("Understood: " + _in_words(understood))
        if not served.picks:
            console.print("No gift fits all of that.")
        else:
            console.print(_table(served))
        for way in served.relaxed:
            console.print(f"  {way.text}")


def _in_words(understood: dict[str, Any]) -> str:
    parts = [
        f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in understood.items()
    ]
    return "; ".join(parts) or "nothing in particular"


def _table(served: Served) -> Table:
    table = Table(show_lines=False, box=None, pad_edge=False, header_style="bold")
    for heading, justify in (("#", "right"), ("Gift", "left"), ("About", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    table.add_column("Category")
    table.add_column("Why", overflow="fold")
    for place, pick in enumerate(served.picks, start=1):
        price = pick.product.display_price
        table.add_row(
            str(place),
            pick.product.title,
            _told(price),
            pick.product.category.name,
            "; ".join(why.text for why in pick.reasons),
        )
    return table


def _told(price: Price | None) -> str:
    """A price of the shop never goes without its time."""
    if price is None:
        return "?"
    return f"{money(price)} ({price_time(price.as_of)})" if price.as_of else money(price)


def _as_json(served: Served, understood: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(served.id),
        "understood": understood,
        "items": [
            {
                "product_id": str(pick.product.pk),
                "title": pick.product.title,
                "category": pick.product.category.slug,
                "guide_price": None
                if pick.product.guide_price is None
                else float(pick.product.guide_price),
                "currency": pick.product.currency,
                "score": pick.score,
                "reasons": [{"code": why.code, "text": why.text} for why in pick.reasons],
            }
            for pick in served.picks
        ],
        "relaxed": [
            {"constraint": way.constraint, "value": way.suggestion, "extra": way.extra}
            for way in served.relaxed
        ],
        "model_version": served.model_version,
    }
