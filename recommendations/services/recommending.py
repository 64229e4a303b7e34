"""From what was asked to gifts with reasons, and a row that says what was served."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from catalog.models import Product, Tag
from recommendations.datasets import as_swipes
from recommendations.engine.context import Context
from recommendations.engine.exploration import POOL, explored
from recommendations.engine.ranking import Relaxation, Scored, rank
from recommendations.engine.similar import similar
from recommendations.models import Recommendation, Swipe, SwipeSession
from recommendations.reason_texts import KEPT, reason_text
from recommendations.services import serving

log = structlog.get_logger("recommendations")

# How often a list is made anew because a gift on it was retired or repriced a moment ago.
ATTEMPTS = 3
STEP = 1e-6
NOT_PERSONAL = (
    "relationship",
    "age",
    "occasion",
    "budget_min",
    "budget_max",
    "categories",
    "exclude_categories",
)


@dataclass(frozen=True, slots=True)
class Why:
    """One reason, in words for people and a code for programs."""

    code: str
    text: str
    term: str | None
    product_id: str | None


@dataclass(frozen=True, slots=True)
class Pick:
    """One recommended gift. `score` is between 0 and 1 and falls along a list."""

    product: Product
    score: float
    reasons: tuple[Why, ...]
    by_chance: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """A served list; `id` is its row's, which clicks and swipes refer to."""

    id: UUID
    picks: tuple[Pick, ...]
    relaxed: tuple[Relaxation, ...]
    candidates: int
    model_version: str


def recommend(
    *,
    context: Context,
    count: int,
    surface: str,
    session: SwipeSession | None = None,
    user_id: UUID | None = None,
    swipes: Iterable[Swipe] = (),
    card: int | None = None,
    already_given: frozenset[str] = frozenset(),
) -> Served:
    """Rank, check once more against the database, and record what was served.

    Every hard limit holds for every pick: the engine filters first, and the rows are read again
    here, so that a gift retired or repriced a moment ago cannot slip through. `already_given` are
    ids of gifts that the person has had: they are left out like the rest. `card` is the number of
    a deck's first card here: decks alone may hold a few cards drawn by chance.
    """
    live = serving.live()
    share = settings.RECOMMENDER_EXPLORATION if card is not None and session else 0.0
    depth = count + POOL if share > 0 else count
    evidence = as_swipes(swipes)
    gone = already_given
    for _attempt in range(ATTEMPTS):
        ranking = rank(
            live.artifact, context, embedder=live.embedder, k=depth, swipes=evidence, exclude=gone
        )
        picks = _checked(ranking.items, context)
        kept = {str(pick.product.pk) for pick in picks}
        dropped = {scored.item.id for scored in ranking.items} - kept
        if not dropped:
            break
        gone |= dropped
    if share > 0:
        picks = _with_chance(picks, count=count, share=share, key=f"{session}", first=card or 0)
    version = live.version or live.artifact.version
    row = record_served(
        context, picks, surface=surface, session=session, user_id=user_id, version=version
    )
    log.info("recommendation_served", surface=surface, n_items=len(picks), model_version=version)
    return Served(
        id=row.pk,
        picks=tuple(picks),
        relaxed=ranking.relaxed,
        candidates=ranking.candidates,
        model_version=version,
    )


def _with_chance(
    picks: Sequence[Pick], *, count: int, share: float, key: str, first: int
) -> list[Pick]:
    """A few of them drawn by chance from the next best; scores still fall along the list."""
    found: list[Pick] = []
    ceiling = 1.0
    for pick, by_chance in explored(picks, count=count, share=share, key=key, first=first):
        score = min(pick.score, ceiling)
        found.append(replace(pick, score=score, by_chance=by_chance))
        ceiling = score - STEP
    return found


def kept_picks(products: Sequence[Product], *, context: Context) -> list[Pick]:
    """Gifts the giver chose themselves, as picks whose reason says so; within the budget only."""
    within = [product for product in products if keeps_budget(product, context)]
    why = (Why("you_kept", str(KEPT), None, None),)
    return [
        Pick(product=product, score=1 - place / (2 * len(within)), reasons=why)
        for place, product in enumerate(within)
    ]


def similar_products(product: Product, *, count: int) -> list[Pick]:
    """Gifts like this one; empty when the artefact does not know it."""
    live = serving.live()
    if str(product.pk) not in live.artifact.row_of:
        return []
    return _picks(similar(live.artifact, str(product.pk), k=count))


def learned(decided: Sequence[Swipe], *, most: int = 3) -> list[str]:
    """Names of the interests and styles that the likes among decisions have in common."""
    step = {s.product_id: -1 if s.direction == Swipe.Direction.DISLIKE else 1 for s in decided}
    labels = Product.tags.through.objects.filter(
        product_id__in=step, tag__kind__in=(Tag.Kind.INTEREST, Tag.Kind.STYLE)
    )
    counts: Counter[str] = Counter()
    for product_id, name in labels.values_list("product_id", "tag__name"):
        counts[name] += step[product_id]
    best = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [name for name, count in best[:most] if count >= 2]


def _picks(scored: Sequence[Scored]) -> list[Pick]:
    rows = Product.objects.recommendable().with_card().in_bulk([UUID(s.item.id) for s in scored])
    return [
        Pick(
            product=product,
            score=entry.score,
            reasons=tuple(
                Why(r.code, reason_text(r.code, r.params), r.term, r.product_id)
                for r in entry.reasons
            ),
        )
        for entry in scored
        if (product := rows.get(UUID(entry.item.id))) is not None
    ]


def _checked(scored: Sequence[Scored], context: Context) -> list[Pick]:
    """Picks whose rows still keep the limits that can change between trainings."""
    return [pick for pick in _picks(scored) if keeps_budget(pick.product, context)]


def keeps_budget(product: Product, context: Context) -> bool:
    """Whether neither our price nor the shop's breaks the budget; no price keeps none."""
    if context.budget_min is None and context.budget_max is None:
        return True
    prices = [product.guide_price if product.currency == settings.DEFAULT_CURRENCY else None]
    shown = product.display_price
    if shown is not None and shown.currency == settings.DEFAULT_CURRENCY:
        prices.append(shown.amount)
    known = [float(price) for price in prices if price is not None]
    low = context.budget_min if context.budget_min is not None else 0.0
    high = context.budget_max if context.budget_max is not None else float("inf")
    return bool(known) and all(low <= price <= high for price in known)


def record_served(
    context: Context,
    picks: Sequence[Pick],
    *,
    surface: str,
    session: SwipeSession | None,
    user_id: UUID | None,
    version: str,
) -> Recommendation:
    """The row that clicks and later judgement refer to."""
    row = served_row(
        context,
        [(pick.product.pk, pick.score, pick.reasons, pick.by_chance) for pick in picks],
        surface=surface,
        session_id=session.pk if session else None,
        user_id=user_id,
        version=version,
    )
    row.save(force_insert=True)
    return row


def served_row(
    context: Context,
    picks: Sequence[tuple[UUID, float, tuple[Why, ...], bool]],
    *,
    surface: str,
    session_id: UUID | None,
    user_id: UUID | None,
    version: str,
    shown: int | None = None,
) -> Recommendation:
    """The row for these gifts (product id, score, reasons, by chance), not saved.

    `shown` of them, or all, are shown at once; the others are held in hand and may be later.
    """
    items = [
        {
            "product_id": str(pk),
            "score": round(score, 6),
            "reasons": [why.code for why in reasons],
            **({"by_chance": True} if by_chance else {}),
            **({} if shown is None or place < shown else {"held": True}),
        }
        for place, (pk, score, reasons, by_chance) in enumerate(picks)
    ]
    return Recommendation(
        session_id=session_id,
        user_id=user_id,
        surface=surface,
        # The words themselves stay with the session, which is forgotten in time.
        context={} if session_id else _without_words(context),
        items=items,
        model_version=version,
    )


def _without_words(context: Context) -> dict[str, Any]:
    """What was asked, without the giver's own words about somebody."""
    told = {name: getattr(context, name) for name in NOT_PERSONAL}
    stored = {k: sorted(v) if isinstance(v, frozenset) else v for k, v in told.items()}
    return {name: value for name, value in stored.items() if value not in (None, [])}
