"""`manage.py evaluate_recommender`: how good the model is on given events, by a stated protocol."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.engine.embed import EMBEDDERS
from recommendations.engine.evaluate import PROTOCOLS, Report, evaluate, evaluate_briefs
from recommendations.engine.model import Config, fit
from recommendations.services import judging
from recommendations.services.outside_data import BadFile, read_briefs, read_events, read_items


class Command(BaseCommand):
    help = (
        "Fit the model on part of some events and judge it on the rest. Without files, on what "
        "was decided in this installation's own sessions. Nothing is published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interactions", type=Path, help="CSV: user,item,value,timestamp")
        parser.add_argument("--items", type=Path, help="CSV: item,title,category,price,description")
        parser.add_argument("--briefs", type=Path, help="CSV: brief,item,grade; for that protocol")
        parser.add_argument("--protocol", choices=PROTOCOLS, default=PROTOCOLS[0])
        parser.add_argument(
            "--least", type=float, default=0.0, help="the value from which an event is a like"
        )
        parser.add_argument("--seeds", type=int, default=1, help="how many random splits")
        parser.add_argument(
            "--embedder", choices=EMBEDDERS, default="auto", help="what compares texts"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, **options: Any) -> None:
        if options["seeds"] < 1:
            raise CommandError("--seeds must be 1 or more.")
        try:
            report = _report(options)
        except (ValueError, BadFile) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.to_dict(), indent=2))
        else:
            self._print(report)

    def _print(self, report: Report) -> None:
        self.stdout.write(f"{report.protocol}, means with 95 % intervals")
        for name, found in report.estimates.items():
            self.stdout.write(
                f"  {name:44} {found.mean:.4f}  [{found.low:.4f}, {found.high:.4f}]  "
                f"of {found.count}"
            )
        for name, figure in report.figures.items():
            self.stdout.write(f"  {name:44} {figure:.4f}")
        if report.by_ordinal:
            rates = " ".join(f"{rate:.2f}" for rate in report.by_ordinal[:20])
            self.stdout.write(f"  like rate by card: {rates}")


def _report(options: dict[str, Any]) -> Report:
    config = Config(embedder=options["embedder"])
    seeds = tuple(range(options["seeds"]))
    if options["protocol"] == "briefs":
        return _by_briefs(options, config=config)
    if options["interactions"] is None:
        if options["items"] is not None:
            raise ValueError("--items goes with --interactions.")
        now = timezone.now()
        return judging.judge(protocol=options["protocol"], now=now, seeds=seeds, config=config)
    return evaluate(
        read_events(options["interactions"]),
        read_items(options["items"]) if options["items"] else None,
        protocol=options["protocol"],
        config=config,
        least=options["least"],
        seeds=seeds,
    )


def _by_briefs(options: dict[str, Any], *, config: Config) -> Report:
    if options["briefs"] is None:
        raise ValueError("The protocol of briefs needs --briefs FILE with graded briefs.")
    items = read_items(options["items"]) if options["items"] else list(judging.own_items())
    events = read_events(options["interactions"]) if options["interactions"] else []
    return evaluate_briefs(fit(events, items, config=config), read_briefs(options["briefs"]))
