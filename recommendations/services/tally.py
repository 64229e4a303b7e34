"""What is counted of the decisions of a session, kept up as they come."""

import threading
from collections import Counter
from collections.abc import Sequence
from uuid import UUID
from weakref import WeakKeyDictionary

from catalog.models import Tag
from recommendations.engine.artifact import Artifact
from recommendations.engine.items import Item
from recommendations.engine.ranking import Swipe as Decision
from recommendations.engine.recent import Recent
from recommendations.models import Swipe

LIKE, DISLIKE = Swipe.Direction.LIKE.value, Swipe.Direction.DISLIKE.value
SAVE = Swipe.Direction.SAVE.value
TELLING = (Tag.Kind.INTEREST.value, Tag.Kind.STYLE.value)
NAMED, NAMED_FROM = 3, 2
MOST_NAMES = 10_000
MOST_TALLIES = 500
# Names by gift; they go with the artefact.
_names_in: WeakKeyDictionary[Artifact, dict[str, tuple[str, ...]]] = WeakKeyDictionary()


class Tally:
    """Counts decisions on different gifts, in the order they were made; from any thread."""

    def __init__(self, artifact: Artifact) -> None:
        self._known = _names_in.setdefault(artifact, {})
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._taken: tuple[Decision, ...] = ()
        self._directions: Counter[str] = Counter()
        self._names: Counter[str] = Counter()

    def after(
        self, artifact: Artifact, decided: Sequence[Decision]
    ) -> tuple[dict[str, int], tuple[str, ...]]:
        """How many there are of each direction; and the names of the interests and styles that the
        likes have in common, as the artefact has them."""
        decided = tuple(decided)
        with self._lock:
            if decided[: len(self._taken)] != self._taken:
                self._begin()
            for decision in decided[len(self._taken) :]:
                self._directions[decision.direction] += 1
                step = -1 if decision.direction == DISLIKE else 1
                for name in self._names_of(decision.item_id, artifact):
                    self._names[name] += step
            self._taken = decided
            often = [(-n, name) for name, n in self._names.items() if n >= NAMED_FROM]
            return dict(self._directions), tuple(name for _n, name in sorted(often)[:NAMED])

    def _names_of(self, item_id: str, artifact: Artifact) -> tuple[str, ...]:
        names = self._known.get(item_id)
        if names is None:
            if len(self._known) >= MOST_NAMES:
                self._known.clear()
            row = artifact.row_of.get(item_id)
            names = self._known[item_id] = () if row is None else _telling(artifact.items[row])
        return names


_tallies: Recent[Tally] = Recent(MOST_TALLIES)


def tally_of(session_id: UUID, artifact: Artifact) -> Tally:
    """The one of this session, which begins anew with each artefact."""
    return _tallies.get((session_id, artifact.version), lambda: Tally(artifact))


def _telling(item: Item) -> tuple[str, ...]:
    return tuple(item.name_of(slug) for kind in TELLING for slug in item.tags.get(kind, ()))
