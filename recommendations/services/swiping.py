"""Swipe sessions: start one, decide, undo, make it one's own, forget it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Product
from recommendations.engine.context import Context
from recommendations.models import Swipe, SwipeSession
from recommendations.services.recommending import (
    Served,
    kept_picks,
    learned,
    recommend,
)

log = structlog.get_logger("recommendations")
Direction = Swipe.Direction
LEARNED_FROM = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a session stands. `left` counts this round's cards, at most the gifts there are."""

    swiped: int
    liked: int
    saved: int
    passed: int
    left: int
    learned: tuple[str, ...]


def start_session(context: Context, *, user: Any = None) -> tuple[SwipeSession, str | None]:
    """A new session and, for an anonymous owner, the token that opens it."""
    session = SwipeSession(user=user, context=context.to_dict())
    token = session.issue_token() if user is None else None
    session.save(force_insert=True)
    return session, token


def context_of(session: SwipeSession) -> Context:
    """What was asked when the session began."""
    return Context.from_dict(session.context)


def swipe(session: SwipeSession, *, product_id: UUID, direction: str, reason: str = "") -> Swipe:
    """Record a decision; a second one on the same gift replaces the first.

    ValidationError (code `unknown_product`) for a gift that is not in the catalogue, and (code
    `reason_without_dislike`) for a reason beside anything but a pass.
    """
    if reason and direction != Direction.DISLIKE:
        raise ValidationError(
            {"reason": ValidationError(_("Only a pass has a reason."), "reason_without_dislike")}
        )
    if not Product.objects.filter(pk=product_id).exists():
        raise ValidationError(
            {"product_id": ValidationError(_("There is no such gift."), "unknown_product")}
        )
    decided = {"direction": direction, "reason": reason, "swiped_at": timezone.now()}
    with transaction.atomic():
        kept = _decide(session, product_id, decided)
        _touch(session)
    log.info("swipe_recorded", direction=direction, reason=reason)
    return kept


def _decide(session: SwipeSession, product_id: UUID, decided: Mapping[str, Any]) -> Swipe:
    try:
        with transaction.atomic():
            kept, _created = Swipe.objects.update_or_create(
                session=session, product_id=product_id, defaults=decided
            )
            return kept
    except IntegrityError:  # a twin of this request was faster; the last word wins
        Swipe.objects.filter(session=session, product_id=product_id).update(**decided)
        return Swipe.objects.get(session=session, product_id=product_id)


@transaction.atomic
def undo(session: SwipeSession) -> Swipe | None:
    """Take back the last decision; None when there is none left."""
    last = session.swipes.order_by("-swiped_at", "-id").first()
    if last is not None:
        last.delete()
        _touch(session)
    return last


def _touch(session: SwipeSession) -> None:
    session.updated_at = timezone.now()
    session.save(update_fields=["updated_at"])


def claim(session: SwipeSession, *, user: Any) -> bool:
    """Make an anonymous session the user's. False when somebody else was faster."""
    taken = SwipeSession.objects.filter(pk=session.pk, user=None).update(
        user=user, token_hash="", updated_at=timezone.now()
    )
    session.refresh_from_db()
    return bool(taken)


def deal(session: SwipeSession, *, count: int, surface: str) -> Served:
    """The next cards, given everything decided so far; never one that was decided on."""
    return _recommend(session, count=count, surface=surface, swipes=session.swipes.all())


def answer(session: SwipeSession, *, count: int, surface: str) -> Served:
    """The answer to the brief as asked: without what was passed, with what was kept in place."""
    passed = session.swipes.filter(direction=Direction.DISLIKE)
    return _recommend(session, count=count, surface=surface, swipes=passed)


def _recommend(
    session: SwipeSession, *, count: int, surface: str, swipes: Iterable[Swipe]
) -> Served:
    return recommend(
        context=context_of(session),
        count=count,
        surface=surface,
        session=session,
        user=session.user,
        swipes=swipes,
    )


def shortlist(session: SwipeSession, *, count: int, surface: str) -> Served:
    """What the session has led to: the gifts kept, then the best of those not yet seen."""
    context = context_of(session)
    kept = kept_picks(kept_products(session), context=context)[:count]
    served = deal(session, count=max(1, count - len(kept)), surface=surface)
    others = tuple(replace(pick, score=pick.score / 2) for pick in served.picks)
    return replace(served, picks=(*kept, *others)[:count])


def progress(session: SwipeSession, *, candidates: int) -> Progress:
    """Counts of a session; `candidates` is how many gifts are still in question."""
    counts = session.swipes.aggregate(
        swiped=Count("id"),
        liked=Count("id", filter=Q(direction=Direction.LIKE)),
        saved=Count("id", filter=Q(direction=Direction.SAVE)),
        passed=Count("id", filter=Q(direction=Direction.DISLIKE)),
    )
    this_round = settings.RECOMMENDER_DECK_SIZE
    in_round = this_round - counts["swiped"] % this_round
    names = learned(session) if counts["swiped"] >= LEARNED_FROM else []
    return Progress(**counts, left=min(in_round, candidates), learned=tuple(names))


def kept_products(session: SwipeSession) -> list[Product]:
    """Liked and saved gifts that are still to be had: saved first, the latest first."""
    kept = (
        session.swipes.exclude(direction=Direction.DISLIKE)
        .filter(product__in=Product.objects.available())
        .order_by("-direction", "-swiped_at")  # "save" sorts after "like"
        .values_list("product_id", flat=True)
    )
    ids = list(kept)
    rows = Product.objects.with_card().in_bulk(ids)
    return [rows[pk] for pk in ids]


def purge_sessions(*, now: datetime) -> int:
    """Forget anonymous sessions nobody touched for SWIPE_SESSION_DAYS; returns how many."""
    before = now - timedelta(days=settings.SWIPE_SESSION_DAYS)
    forgotten = SwipeSession.objects.forgettable(before=before)
    number = forgotten.count()
    forgotten.delete()
    return number
