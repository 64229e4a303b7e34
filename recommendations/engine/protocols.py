"""Ways of hiding part of what people chose. Each goes through `fit` and the model's own answers.

leave-last-out: the last event of each person is the test, the one before it is kept from
training and given as part of the history (S3-Rec's split). strong-generalisation: a tenth of the
people are kept from training; from four fifths of what each liked, the rest is to be found.
swipes: such people answer cards from one random half of the items; lists are judged on the other.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recommendations.engine.interactions import Events, ItemCodes, ItemId, read_interactions
from recommendations.engine.model import Config, Model, fit

CHECKS = (0, 5, 10, 20)
CARDS = 20
_LEAST_HISTORY, _LEAST_SET, _LEAST_SWIPER = 3, 5, 20
_HIDDEN_SHARE, _LEAST_TESTED = 0.2, 50
_SWIPERS = 200


@dataclass(frozen=True)
class Lists:
    """One ranked list and its targets per person, and what the model was trained on."""

    ranked: list[list[ItemId]]
    wanted: list[frozenset[ItemId]]
    trained: "Trained"


@dataclass(frozen=True)
class Trained:
    """How many people chose each item, of how many; and how many items there are."""

    people_of: Mapping[ItemId, float]
    n_people: int
    n_items: int

    @classmethod
    def of(cls, model: Model, *, n_people: int) -> "Trained":
        people = dict(zip(model.ids, model.people.tolist(), strict=True))
        return cls(people, n_people, len(model.ids))


@dataclass
class Sessions:
    """Per person: precision at 10 by the number of cards answered, greedy and at random, and the
    answers to greedy cards and to the most popular ones."""

    greedy: dict[int, list[float]] = field(default_factory=dict)
    random: list[float] = field(default_factory=list)
    liked: list[list[bool]] = field(default_factory=list)
    liked_popular: list[list[bool]] = field(default_factory=list)

    @property
    def popularity(self) -> list[float]:
        return self.greedy[0]


def leave_last_out(
    interactions: Iterable[Sequence[Any]],
    items: Iterable[Mapping[str, Any]] | None = None,
    *,
    config: Config | None = None,
    seed: int = 0,
    depth: int = 100,
) -> Lists:
    """People of at least three events; the full catalogue is ranked, what was seen left out."""
    told = [dict(item) for item in items or ()]
    codes = _codes(told)
    events = read_interactions(interactions, items=codes)
    train = _rows(events.where(events.from_end >= 2), codes)
    model = fit(train, told or None, config=config, seed=seed)
    histories, wanted = [], []
    for u in range(events.n_users):
        start, end = events.start[u], events.start[u + 1]
        if end - start >= _LEAST_HISTORY:
            histories.append(_history(events, start, end - 1, codes))
            wanted.append(frozenset({codes.ids[events.item[end - 1]]}))
    ranked = model.rank_many(histories, k=depth)
    return Lists(ranked, wanted, Trained.of(model, n_people=events.n_users))


def strong_generalisation(
    interactions: Iterable[Sequence[Any]],
    items: Iterable[Mapping[str, Any]] | None = None,
    *,
    config: Config | None = None,
    least: float = 0.0,
    seed: int = 0,
    depth: int = 100,
) -> Lists:
    """Events of a value of at least `least` count, people of at least five of them.

    The people are drawn in the order in which the rows first name them."""
    told = [dict(item) for item in items or ()]
    codes = _codes(told)
    events = _at_least(interactions, least=least, codes=codes)
    rng = np.random.default_rng(seed)
    able = np.flatnonzero(np.diff(events.start) >= _LEAST_SET)
    drawn, count = rng.permutation(len(able)), max(_LEAST_TESTED, len(able) // 10)
    tested, aside = able[drawn[:count]], able[drawn[count : 2 * count]]
    for u in aside:  # the published splits draw for as many people for validation first
        rng.permutation(int(events.start[u + 1] - events.start[u]))
    kept = np.ones(events.n_users, bool)
    kept[tested] = False
    train = _rows(events.where(kept[events.user]), codes)
    model = fit(train, told or None, config=config, seed=seed)
    given, wanted = [], []
    for u in tested:
        mine = events.item[events.start[u] : events.start[u + 1]]
        mine = mine[rng.permutation(len(mine))]
        count = int(np.ceil(len(mine) * _HIDDEN_SHARE))
        wanted.append(frozenset(codes.ids[i] for i in mine[:count]))
        given.append([codes.ids[i] for i in mine[count:]])
    ranked = model.rank_many(liked=given, k=depth)
    return Lists(ranked, wanted, Trained.of(model, n_people=int(kept.sum())))


def swipes(
    interactions: Iterable[Sequence[Any]],
    items: Iterable[Mapping[str, Any]] | None = None,
    *,
    config: Config | None = None,
    least: float = 0.0,
    seed: int = 0,
    people: int = _SWIPERS,
) -> Sessions:
    """What a person did not choose, or valued below `least`, counts as passed."""
    told = [dict(item) for item in items or ()]
    codes = _codes(told)
    events = _at_least(interactions, least=least, codes=codes)
    rng = np.random.default_rng(seed)
    able = rng.permutation(np.flatnonzero(np.diff(events.start) >= _LEAST_SWIPER))
    tested = able[: min(people, len(able) // 3)]
    kept = np.ones(events.n_users, bool)
    kept[tested] = False
    model = fit(
        _rows(events.where(kept[events.user]), codes), told or None, config=config, seed=seed
    )
    found = Sessions({check: [] for check in CHECKS})
    for u in tested:
        likes = {codes.ids[i] for i in events.item[events.start[u] : events.start[u + 1]]}
        _session(model, likes, found, rng=np.random.default_rng([seed, int(u)]))
    return found


def briefs(
    model: Model, asked: Iterable[tuple[str, Mapping[Hashable, float]]], *, k: int = 10
) -> list[tuple[list[float], list[float]]]:
    """For each (brief, grades by item): the grades of the list, and of the whole catalogue."""
    found = []
    for text, grades in asked:
        ranked = [scored.item for scored in model.recommend(brief=text, k=k)]
        found.append(
            ([grades.get(item, 0.0) for item in ranked], [grades.get(i, 0.0) for i in model.ids])
        )
    return found


def _session(
    model: Model, likes: Collection[ItemId], found: Sessions, *, rng: np.random.Generator
) -> None:
    is_card = rng.random(len(model.ids)) < 0.5
    cards = [item for item, is_one in zip(model.ids, is_card, strict=True) if is_one]
    judged = [item for item, is_one in zip(model.ids, is_card, strict=True) if not is_one]

    def precision(liked: Sequence[ItemId], disliked: Sequence[ItemId]) -> float:
        best = model.recommend(liked=liked, disliked=disliked, exclude=cards, k=10)
        return sum(scored.item in likes for scored in best) / 10

    answers: list[bool] = []
    shown: list[ItemId] = []
    for count in range(CARDS + 1):
        liked, disliked = _sorted_out(shown, answers)
        if count in CHECKS:
            found.greedy[count].append(precision(liked, disliked))
        if count < CARDS:
            out = [*judged, *shown]
            nxt = model.next_cards(liked=liked, disliked=disliked, shown=out)
            if not nxt:
                break
            shown.append(nxt[0].item)
            answers.append(nxt[0].item in likes)
    found.liked.append(answers)
    popular = model.recommend(exclude=judged, k=CARDS)
    found.liked_popular.append([scored.item in likes for scored in popular])
    chance = [cards[i] for i in rng.permutation(len(cards))[:CARDS]]
    found.random.append(precision(*_sorted_out(chance, [card in likes for card in chance])))


def _sorted_out(
    shown: Sequence[ItemId], answers: Sequence[bool]
) -> tuple[list[ItemId], list[ItemId]]:
    pairs = list(zip(shown, answers, strict=True))
    return [i for i, liked in pairs if liked], [i for i, liked in pairs if not liked]


def _codes(items: Sequence[Mapping[str, Any]]) -> ItemCodes:
    codes = ItemCodes()
    for item in items:
        codes.add(item["item"])
    return codes


def _at_least(interactions: Iterable[Sequence[Any]], *, least: float, codes: ItemCodes) -> Events:
    rows = [(who, what, 1.0, when) for who, what, much, when in interactions if much >= least]
    return read_interactions(rows, items=codes)


def _rows(events: Events, codes: ItemCodes) -> list[tuple[int, ItemId, float, float | None]]:
    times = [None if np.isnan(t) else float(t) for t in events.time]
    columns = (events.user.tolist(), events.item.tolist(), events.weight.tolist(), times)
    return [(u, codes.ids[i], w, t) for u, i, w, t in zip(*columns, strict=True)]


def _history(
    events: Events, start: int, end: int, codes: ItemCodes
) -> list[tuple[ItemId, float | None]]:
    times = [None if np.isnan(t) else float(t) for t in events.time[start:end]]
    return [(codes.ids[i], t) for i, t in zip(events.item[start:end], times, strict=True)]
