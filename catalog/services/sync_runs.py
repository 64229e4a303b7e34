"""The record of a run while it goes on: counts, failures by reason with a few examples."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from django.utils import timezone

from catalog.amazon.errors import AmazonError, Pause
from catalog.models import DiscoveryShelf, SyncRun
from catalog.models.sync_run import MOST_EXAMPLES
from catalog.services import standing

log = structlog.get_logger("catalog.sync")
Progress = Callable[[str], None]


@dataclass(kw_only=True)
class RunLog:
    """Counts of one run. `row` is None for a rehearsal, which leaves no trace."""

    row: SyncRun | None
    marketplace: str
    progress: Progress = lambda line: None
    calls: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, str]] = field(default_factory=list)
    stopped_by: str = ""

    def fail(self, reason: str, *, asin: str = "", detail: str = "") -> None:
        """Count a failure. The first few are kept as examples, without what the shop said."""
        self.errors[reason] += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append({"reason": reason, "asin": asin, "detail": detail[:200]})

    def reject(self, asins: Mapping[str, str]) -> None:
        """Items that could not be read; `asins` says why for each."""
        for asin, reason in asins.items():
            self.fail(reason, asin=asin)

    def note(self, error: AmazonError) -> None:
        """A call that failed, by Amazon's reason; what loses us the API is told to the operator."""
        self.fail(error.reason, detail=str(error))
        if isinstance(error, Pause):
            standing.lose(self.marketplace, error)

    def beat(self, line: str = "") -> None:
        """Show a sign of life, and what was counted so far."""
        if line:
            self.progress(line)
        if self.row is not None:
            self._fill(self.row)
            self.row.beat_at = timezone.now()
            self.row.save()

    def _fill(self, row: SyncRun) -> None:
        row.calls, row.counts = self.calls, {k: v for k, v in self.counts.items() if v}
        row.errors, row.examples = dict(self.errors), list(self.examples)
        row.stopped_by = self.stopped_by[:200]

    @property
    def state(self) -> SyncRun.State:
        if self.stopped_by:
            return SyncRun.State.PAUSED
        return SyncRun.State.PARTIAL if self.errors else SyncRun.State.DONE


@contextmanager
def recorded(
    kind: SyncRun.Kind,
    *,
    marketplace: str,
    shelf: DiscoveryShelf | None = None,
    dry_run: bool = False,
    progress: Progress = lambda line: None,
) -> Iterator[RunLog]:
    """A run with its row; whatever ends it is written down, and an Amazon error ends here."""
    row = None
    if not dry_run:
        row = SyncRun.objects.create(kind=kind, marketplace=marketplace, shelf=shelf)
    run = RunLog(row=row, marketplace=marketplace, progress=progress)
    state = SyncRun.State.FAILED
    try:
        yield run
        state = run.state
    except AmazonError as error:
        run.note(error)
        run.stopped_by = error.reason
        state = run.state
    except Exception as error:
        run.fail(type(error).__name__)
        raise
    finally:
        if row is not None:
            run._fill(row)
            row.state, row.ended_at = state, timezone.now()
            row.beat_at = row.ended_at
            row.save()
        log.info(
            "sync_run",
            kind=str(kind),
            state=str(state),
            calls=run.calls,
            counts=dict(run.counts),
            errors=dict(run.errors),
        )
