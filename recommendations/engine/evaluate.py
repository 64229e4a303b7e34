"""How good a model is on given data, by one protocol, with intervals."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from recommendations.engine import metrics
from recommendations.engine.metrics import Estimate, bootstrap
from recommendations.engine.model import Config, Model
from recommendations.engine.protocols import (
    Lists,
    Sessions,
    briefs,
    leave_last_out,
    strong_generalisation,
    swipes,
)

PROTOCOLS = ("leave-last-out", "strong-generalisation", "swipes", "briefs")


@dataclass(frozen=True)
class Report:
    """`estimates` are means over people with intervals; `figures` are of the lists as a whole;
    `by_ordinal` is the share of people who liked their first, second and later card."""

    protocol: str
    estimates: Mapping[str, Estimate]
    figures: Mapping[str, float] = field(default_factory=dict)
    by_ordinal: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe."""
        return asdict(self) | {"by_ordinal": list(self.by_ordinal)}


def evaluate(
    interactions: Iterable[Sequence[Any]],
    items: Iterable[Mapping[str, Any]] | None = None,
    *,
    protocol: str = "leave-last-out",
    config: Config | None = None,
    least: float = 0.0,
    seeds: Sequence[int] = (0,),
) -> Report:
    """Split, fit and judge, once per seed, people of all seeds together.

    `least` is the value from which an event counts, for the protocols on likes. ValueError for
    an unknown protocol, or for "briefs", which needs graded briefs: see `evaluate_briefs`.
    """
    rows = [tuple(row) for row in interactions]
    told = [dict(item) for item in items or ()]
    if protocol == "leave-last-out":
        return lists_report(
            protocol, [leave_last_out(rows, told, config=config, seed=seed) for seed in seeds]
        )
    if protocol == "strong-generalisation":
        found = [
            strong_generalisation(rows, told, config=config, least=least, seed=seed)
            for seed in seeds
        ]
        return lists_report(protocol, found)
    if protocol == "swipes":
        return sessions_report(
            [swipes(rows, told, config=config, least=least, seed=seed) for seed in seeds]
        )
    raise ValueError(f"unknown protocol {protocol!r}; there are {', '.join(PROTOCOLS)}")


def evaluate_briefs(model: Model, asked: Iterable[tuple[str, Mapping[Any, float]]]) -> Report:
    """nDCG@10 of graded briefs, `(text, grades by item)`, over the model's own catalogue."""
    judged = briefs(model, asked)
    values = [metrics.graded_ndcg(mine, everything, k=10) for mine, everything in judged]
    return Report("briefs", {"ndcg@10": bootstrap(values)})


def lists_report(protocol: str, runs: Sequence[Lists]) -> Report:
    """The figures of merit of ranked lists."""
    pairs = [
        (ranked, wanted)
        for run in runs
        for ranked, wanted in zip(run.ranked, run.wanted, strict=True)
    ]
    estimates = {
        "ndcg@10": bootstrap([metrics.ndcg(r, w, k=10) for r, w in pairs]),
        "ndcg@100": bootstrap([metrics.ndcg(r, w, k=100) for r, w in pairs]),
        "recall@10": bootstrap([metrics.recall(r, w, k=10) for r, w in pairs]),
        "recall@20": bootstrap([metrics.recall(r, w, k=20) for r, w in pairs]),
        "novelty@10": bootstrap([value for run in runs for value in _novelties(run)]),
    }
    figures = {
        "coverage@10": _mean(
            metrics.coverage(run.ranked, n_items=run.trained.n_items, k=10) for run in runs
        ),
        "gini@10": _mean(
            metrics.gini(run.ranked, n_items=run.trained.n_items, k=10) for run in runs
        ),
    }
    return Report(protocol, estimates, figures)


def sessions_report(runs: Sequence[Sessions]) -> Report:
    """Precision and likes against popularity; each figure also for the worst of the splits."""
    estimates = {
        f"precision@10 after {count}": bootstrap([v for run in runs for v in run.greedy[count]])
        for count in runs[0].greedy
    }
    estimates["precision@10 after 20 random"] = bootstrap([v for run in runs for v in run.random])
    estimates["likes in 20 cards"] = bootstrap([sum(mine) for run in runs for mine in run.liked])
    figures: dict[str, float] = {}
    for count in (10, 20):
        gains = [_ratio(run.greedy[count], run.popularity) for run in runs]
        figures[f"gain after {count}, least of the splits"] = min(gains)
    figures["gain after 20 random, least of the splits"] = min(
        _ratio(run.random, run.popularity) for run in runs
    )
    figures["likes over popularity, least of the splits"] = min(
        _ratio([sum(m) for m in run.liked], [sum(m) for m in run.liked_popular]) for run in runs
    )
    liked = [mine for run in runs for mine in run.liked]
    return Report("swipes", estimates, figures, tuple(metrics.like_rate_by_ordinal(liked)))


def sessions_as_shown(report: Report, answers: Sequence[Sequence[bool]]) -> Report:
    """The report with the share of people who really liked their first card, their second..."""
    found = metrics.like_rate_by_ordinal(answers)
    return Report(report.protocol, report.estimates, report.figures, tuple(found))


def _novelties(run: Lists) -> list[float]:
    people = max(1, run.trained.n_people)
    counts = run.trained.people_of
    shares: dict[Hashable, float] = {item: count / people for item, count in counts.items()}
    return [
        metrics.novelty(ranked, share_of=shares, rarest=1 / (people + 1), k=10)
        for ranked in run.ranked
    ]


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else 0.0


def _ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    below = float(np.mean(theirs)) if len(theirs) else 0.0
    return float(np.mean(mine)) / below if below else 0.0
