"""`manage.py audit_ranking`: proof that rankings do not know what a shop pays."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.engine.artifact import ArtifactError
from recommendations.services import auditing, training


class Command(BaseCommand):
    help = "Deal the commission rates anew, rank again, and fail if any list changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=int, default=3, help="how often the rates are dealt")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, rounds: int, seed: int, **options: Any) -> None:
        if rounds < 1:
            raise CommandError("--rounds must be 1 or more.")
        try:
            found = auditing.audit(rounds=rounds, seed=seed)
        except (training.NothingToLearn, ArtifactError) as error:
            raise CommandError(str(error)) from error
        if not found.rates:
            raise CommandError("There are no commission rates to deal anew; load some first.")
        if found.changes:
            told = "; ".join(
                f"round {c.round + 1}: {c.brief or '(no words)'}" for c in found.changes
            )
            raise CommandError(f"The ranking moved with the commission rates: {told}.")
        self.stdout.write(
            f"{found.lists} lists, {found.rates} rates dealt anew {rounds} times: nothing moved."
        )
