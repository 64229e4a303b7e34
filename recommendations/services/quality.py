"""How good the recommendations are: kept with each published model, and read from what happened."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from catalog.models import Product, ShopCheck
from recommendations.datasets import as_swipes
from recommendations.engine.apart import Apart, take_apart
from recommendations.engine.artifact import Artifact
from recommendations.engine.context import Context
from recommendations.engine.evaluate import evaluate
from recommendations.engine.metrics import like_rate_by_ordinal
from recommendations.engine.model import Config
from recommendations.models import ModelQuality, Recommendation, Swipe
from recommendations.services import judging, serving

log = structlog.get_logger("recommendations.quality")
DAYS, VERSIONS = 30, 20
MOST_LISTS, MOST_SWIPES, MOST_CLICKS, MOST_CARDS = 2_000, 10_000, 5_000, 20
LEAST_SESSIONS = 30
ON_LISTS = ("ndcg@10", "recall@20", "novelty@10")


@dataclass(frozen=True, slots=True)
class ReasonPrecision:
    """Of the gifts shown with a reason, each once a session: how many were liked or clicked."""

    code: str
    shown: int
    liked: int
    clicked: int
    taken: int

    @property
    def share(self) -> float:
        return self.taken / self.shown if self.shown else 0.0


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of the lists of the last DAYS, the newest MOST_LISTS of them."""

    lists: int
    reasons: tuple[ReasonPrecision, ...]
    coverage: float
    like_rates: tuple[float, ...]
    decided: int


@dataclass(frozen=True, slots=True)
class TakenApart:
    """A served list with the parts of each score, as the live model gives them now."""

    served: Recommendation
    gifts: tuple[Apart, ...]
    names: tuple[str, ...]


def record(artifact: Artifact, *, version: str, now: datetime) -> ModelQuality:
    """Keep the figures of a model that was just published."""
    figures: dict[str, Any] = {**_of_choices(now), **dict(artifact.tables.get("together", {}))}
    about = {"model_id": artifact.model_id, "n_items": len(artifact), "figures": figures}
    row, _ = ModelQuality.objects.update_or_create(
        version=version, defaults={**about, "created_at": now}
    )
    log.info("quality_recorded", version=version, figures=sorted(figures))
    return row


def _of_choices(now: datetime) -> dict[str, Any]:
    """Of lists for people whose last choice was hidden; nothing where too few chose anything."""
    events = judging.own_events(now=now)
    counts: dict[str, int] = defaultdict(int)
    for who, _, _, _ in events:
        counts[who] += 1
    if sum(count >= 3 for count in counts.values()) < LEAST_SESSIONS:
        return {}
    report = evaluate(events, None, config=Config(embedder="none"))
    found: dict[str, Any] = dict(report.figures)
    for name in ON_LISTS:
        one = report.estimates[name]
        found[name] = {"mean": one.mean, "low": one.low, "high": one.high, "of": one.count}
    return found


def versions() -> list[ModelQuality]:
    """The newest models, the newest first."""
    return list(ModelQuality.objects.all()[:VERSIONS])


def happened(*, now: datetime) -> Happened:
    """Read from the newest lists and decisions; as many queries however many there are."""
    since = now - timedelta(days=DAYS)
    lists = list(
        Recommendation.objects.filter(created_at__gte=since)
        .order_by("-created_at")
        .values("id", "session_id", "items")[:MOST_LISTS]
    )
    newest = Swipe.objects.filter(swiped_at__gte=since).order_by("-swiped_at")[:MOST_SWIPES]
    rows = list(newest.values_list("session_id", "product_id", "direction"))
    decided = {
        (str(session), str(product)): direction != Swipe.Direction.DISLIKE
        for session, product, direction in rows
    }
    answers: dict[Any, list[bool]] = defaultdict(list)
    for session, _, direction in reversed(rows):
        answers[session].append(direction != Swipe.Direction.DISLIKE)
    shown = {item["product_id"] for one in lists for item in one["items"] if not item.get("held")}
    available = _recommendable()
    return Happened(
        lists=len(lists),
        reasons=_by_reason(lists, decided, _clicked(since)),
        coverage=min(1.0, len(shown) / available) if available else 0.0,
        like_rates=tuple(like_rate_by_ordinal(list(answers.values()))[:MOST_CARDS]),
        decided=len(rows),
    )


def _recommendable() -> int:
    """How many gifts are; counted apart, as an index has the answers and reads no gift."""
    gone = ShopCheck.objects.filter(
        marketplace=settings.AMAZON_MARKETPLACE,
        gone_at__isnull=False,
        product__in=Product.objects.available(),
    )
    return Product.objects.available().count() - gone.count()


def _clicked(since: datetime) -> set[tuple[str, str]]:
    """(list or session, product) of each counted click."""
    if not settings.RECOMMENDER_CLICK_EVIDENCE:
        return set()
    clicks = import_string(settings.RECOMMENDER_CLICK_EVIDENCE)(since=since, most=MOST_CLICKS)
    return {
        (str(click[name]), str(click["product_id"]))
        for click in clicks
        for name in ("session_id", "recommendation_id")
        if click[name] is not None
    }


def _by_reason(
    lists: Sequence[Mapping[str, Any]],
    decided: Mapping[tuple[str, str], bool],
    clicked: set[tuple[str, str]],
) -> tuple[ReasonPrecision, ...]:
    seen: dict[tuple[str, str], tuple[str, bool, bool]] = {}
    for one in lists:
        unit = str(one["session_id"] or one["id"])
        for item in one["items"]:
            key = unit, item["product_id"]
            code = next(iter(item["reasons"]), "")
            was_clicked = key in clicked or (str(one["id"]), item["product_id"]) in clicked
            if item.get("held") and key not in decided and not was_clicked:
                continue  # nobody saw it
            before = seen.get(key, (code, False, False))
            seen[key] = code, decided.get(key, False), was_clicked or before[2]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for code, is_liked, is_clicked in seen.values():
        for place, is_so in enumerate((True, is_liked, is_clicked, is_liked or is_clicked)):
            counts[code][place] += is_so
    found = [ReasonPrecision(code, *numbers) for code, numbers in counts.items()]
    return tuple(sorted(found, key=lambda one: -one.shown))


def taken_apart(*, list_id: UUID | None = None) -> TakenApart | None:
    """A served list, or the newest one, with the parts of each score; None where there is none."""
    lists = Recommendation.objects.select_related("session").exclude(items=[])
    served = lists.filter(pk=list_id).first() if list_id else lists.order_by("-id").first()
    if served is None:
        return None
    session = served.session
    stored = session.context if session else served.context
    before: Any = ()
    if session is not None:
        before = as_swipes(session.swipes.filter(swiped_at__lt=served.created_at))
    live = serving.live()
    ids = [item["product_id"] for item in served.items]
    gifts = take_apart(
        live.artifact, Context.from_dict(stored), ids, embedder=live.embedder, swipes=before
    )
    size: dict[str, float] = defaultdict(float)
    for gift in gifts:
        for name, value in gift.parts.items():
            size[name] += abs(value)
    return TakenApart(served, tuple(gifts), tuple(sorted(size, key=lambda name: -size[name])))
