"""`manage.py sync_catalog`: see catalog.services.discovering and catalog.services.refreshing."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalog.models import DiscoveryShelf, SyncRun
from catalog.services import standing, starter_shelves, syncing
from catalog.services.amazon_calls import Purpose
from catalog.services.discovering import discover
from catalog.services.refreshing import Target, due_targets, refresh
from catalog.services.sync_runs import RunLog

FAILURES, USAGE, NO_CREDENTIALS, STOPPED = 1, 2, 3, 4
PATIENCE_S = 3_600.0
LOOK_AGAIN_S = 2.0
ALL = 1_000_000


class Command(BaseCommand):
    help = (
        "Bring the catalogue up to date with the shop: search the shelves, then renew offers that "
        "are no longer fresh. Exit code 0: all done; 1: done, with failures; 2: no such shelf or "
        "product; 3: no credentials; 4: stopped early, as the shop refuses or pauses us."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--shelf", action="append", metavar="SLUG", help="only these shelves")
        what.add_argument("--asin", action="append", metavar="ASIN", help="only these products")
        what.add_argument("--stale", action="store_true", help="only renew what is not fresh")
        parser.add_argument("--dry-run", action="store_true", help="ask nothing, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        self.quiet, self.dry_run = options["verbosity"] == 0, options["dry_run"]
        store = settings.AMAZON_MARKETPLACE
        stand = standing.standing(store)
        if stand.mode == "off":
            raise CommandError(
                "There are no credentials for the shop's API: set AMAZON_CREDENTIAL_ID and "
                "AMAZON_CREDENTIAL_SECRET. The site goes on with plain links.",
                returncode=NO_CREDENTIALS,
            )
        if stand.mode != "api":
            raise CommandError(
                f"Links only, because of {stand.reason}. See `manage.py check_amazon`.",
                returncode=STOPPED,
            )
        runs: list[RunLog] = []
        if options["asin"]:
            runs.append(self._asins([asin.upper() for asin in options["asin"]], store))
        else:
            if not options["stale"]:
                runs += self._shelves(options["shelf"])
            if not options["shelf"] and not any(run.stopped_by for run in runs):
                due = due_targets(marketplace=store, at=timezone.now(), most=ALL, only_stale=True)
                runs.append(self._refresh(due, store))
        self._conclude(runs)

    def _shelves(self, slugs: Sequence[str] | None) -> list[RunLog]:
        starter_shelves.ensure_shelves()
        began = timezone.now()
        shelves = list(DiscoveryShelf.objects.active())
        if slugs:
            shelves = list(DiscoveryShelf.objects.filter(slug__in=slugs))
            if missing := set(slugs) - {shelf.slug for shelf in shelves}:
                names = ", ".join(sorted(missing))
                raise CommandError(f"There is no shelf {names}.", returncode=USAGE)
        runs: list[RunLog] = []
        while shelves:
            report = discover(
                shelves,
                patience_s=PATIENCE_S,
                began=began,
                dry_run=self.dry_run,
                progress=self._say,
            )
            runs += report.runs
            if report.stopped_by or not report.busy:
                break
            # With another sync: ours again should that one come to nothing.
            time.sleep(LOOK_AGAIN_S)
            again = DiscoveryShelf.objects.filter(slug__in=report.busy)
            shelves = [s for s in again if s.searched_at is None or s.searched_at < began]
        return runs

    def _asins(self, asins: Sequence[str], store: str) -> RunLog:
        targets = syncing.targets_of(asins, marketplace=store)
        if missing := set(asins) - {target.asin for target in targets}:
            names = ", ".join(sorted(missing))
            raise CommandError(
                f"There is no product {names}. Add it under /admin/ first.", returncode=USAGE
            )
        return self._refresh(targets, store, kind=SyncRun.Kind.ASINS, purpose=Purpose.STAFF)

    def _refresh(self, targets: Sequence[Target], store: str, **how: Any) -> RunLog:
        return refresh(
            targets,
            marketplace=store,
            patience_s=PATIENCE_S,
            dry_run=self.dry_run,
            progress=self._say,
            **how,
        )

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.stderr.write(line)

    def _conclude(self, runs: Sequence[RunLog]) -> None:
        counts = sum((run.counts for run in runs), start=Counter[str]())
        errors = sum((run.errors for run in runs), start=Counter[str]())
        calls = sum(run.calls for run in runs)
        if not self.quiet:
            told = ", ".join(f"{value:,} {name}" for name, value in sorted(counts.items()) if value)
            self.stdout.write(f"{calls:,} calls: {told or 'nothing to do'}.")
            for reason, number in sorted(errors.items()):
                self.stdout.write(f"  {number:,} × {reason}")
            if self.dry_run:
                self.stdout.write("Nothing is asked and nothing written (--dry-run).")
        stopped = next((run.stopped_by for run in runs if run.stopped_by), "")
        if stopped:
            raise CommandError(f"Stopped early: {stopped}.", returncode=STOPPED)
        if errors:
            raise CommandError("Done, with failures.", returncode=FAILURES)
