"""`manage.py train_recommender`: build the artefact that recommendations are served from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog.models import Product
from recommendations.engine.artifact import Progress as ProgressCall
from recommendations.services import training


class Command(BaseCommand):
    help = "Build the recommendation artefact from the catalogue and publish it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="build it, publish nothing")
        parser.add_argument(
            "--force", action="store_true", help="publish it even if it is worse than the live one"
        )
        parser.add_argument(
            "--if-missing",
            action="store_true",
            help="do nothing if the live artefact already covers the catalogue as it stands",
        )

    def handle(self, *, dry_run: bool, force: bool, if_missing: bool, **options: Any) -> None:
        if if_missing and training.is_current():
            self.stdout.write("The live artefact covers the catalogue.")
            return
        try:
            with self._progress(quiet=options["verbosity"] == 0) as progress:
                trained = training.train(dry_run=dry_run, force=force, progress=progress)
        except training.NothingToLearn as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{trained.n_items} gifts, {trained.model_id}: {_done(trained, force=force)}"
        )

    @contextmanager
    def _progress(self, *, quiet: bool) -> Iterator[ProgressCall | None]:
        """A bar on a terminal; nothing where the output goes elsewhere."""
        console = Console(file=cast(TextIO, self.stderr))
        if quiet or not console.is_terminal:
            yield None
            return
        parts = (TextColumn("Reading and embedding gifts"), BarColumn(), MofNCompleteColumn())
        with Progress(*parts, TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task("", total=Product.objects.recommendable().count())
            yield lambda count: bar.advance(task, count)


def _done(trained: training.Trained, *, force: bool) -> str:
    if trained.version is None:
        return "published nothing (rehearsal)" + (
            f"; it would be held back: {trained.held}" if trained.held else ""
        )
    if trained.held and not force:
        return f"kept {trained.version} but did not publish it: {trained.held}"
    return f"published {trained.version}"
