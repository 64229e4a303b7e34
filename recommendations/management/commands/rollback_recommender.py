"""`manage.py rollback_recommender`: serve an earlier artefact again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.engine.artifact import ArtifactError
from recommendations.services import publishing


class Command(BaseCommand):
    help = "Serve an earlier artefact again; running web processes change over by themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "version", nargs="?", help="the one before the live one, unless another is named"
        )
        parser.add_argument("--list", action="store_true", help="list what is kept, and stop")

    def handle(self, *, version: str | None, **options: Any) -> None:
        stored = publishing.versions()
        if options["list"]:
            self._print(stored)
            return
        try:
            chosen = version or _before_live(stored)
            publishing.point_to(chosen)
        except (ArtifactError, OSError) as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        self.stdout.write(f"{chosen} is live.")

    def _print(self, stored: list[publishing.Stored]) -> None:
        if not stored:
            self.stdout.write("No artefact is stored.")
        for one in stored:
            count = "unreadable" if one.n_items is None else f"{one.n_items} gifts"
            state = "live" if one.is_live else f"held back: {one.held}" if one.held else "kept"
            self.stdout.write(f"{one.version}  {count}  {state}")


def _before_live(stored: list[publishing.Stored]) -> str:
    """The newest that is older than the live one; without a live one the newest. ArtifactError
    if there is none."""
    live = next((place for place, one in enumerate(stored) if one.is_live), -1)
    for one in stored[live + 1 :]:
        if one.n_items is not None and not one.held:
            return one.version
    raise ArtifactError("no earlier artefact is kept")
