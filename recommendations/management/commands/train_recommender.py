"""`manage.py train_recommender`: build the artefact that recommendations are served from."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.services import training


class Command(BaseCommand):
    help = "Build the recommendation artefact from the catalogue and publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="build it, publish nothing")
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help="do nothing if the live artefact already covers the catalogue as it stands",
        )

    def handle(self, *, dry_run: bool, if_missing: bool, **options: Any) -> None:
        if if_missing and training.is_current():
            self.stdout.write("The live artefact covers the catalogue.")
            return
        try:
            trained = training.train(dry_run=dry_run)
        except training.NothingToLearn as error:
            raise CommandError(str(error)) from error
        done = (
            f"published {trained.version}" if trained.version else "published nothing (rehearsal)"
        )
        self.stdout.write(f"{trained.n_items} gifts, {trained.model_id}: {done}")
