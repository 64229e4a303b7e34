"""Swipe sessions: start one, decide, undo, make it one's own, forget it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from accounts.models import Recipient
from catalog.models import Product
from recommendations.engine.context import Context
from recommendations.engine.ranking import Swipe as Decision
from recommendations.models import Swipe, SwipeSession
from recommendations.services.deciding import Kept, Opener, decide, decide_if_open
from recommendations.services.giving import given_ids
from recommendations.services.recommending import (
    Served,
    kept_picks,
    learned,
    recommend,
)

log = structlog.get_logger("recommendations")
Direction = Swipe.Direction
LEARNED_FROM = 5
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a session stands. `left` counts this round's cards, at most the gifts there are."""

    swiped: int
    liked: int
    saved: int
    passed: int
    left: int
    learned: tuple[str, ...]


def start_session(
    context: Context, *, user: Any = None, recipient: Recipient | None = None
) -> tuple[SwipeSession, str | None]:
    """A new session and, for an anonymous owner, the token that opens it."""
    session = SwipeSession(user=user, recipient=recipient, context=context.to_dict())
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
    kept = decide(
        Swipe(
            session=session,
            product_id=product_id,
            direction=direction,
            reason=reason,
            swiped_at=timezone.now(),
        )
    )
    if kept is None:
        raise ValidationError(
            {"product_id": ValidationError(_("There is no such gift."), "unknown_product")}
        )
    _touch(session)
    log.info("swipe_recorded", direction=direction, reason=reason)
    return kept


def swipe_unread(
    session_id: UUID,
    *,
    opener: Opener,
    product_id: UUID,
    direction: str,
    reason: str = "",
    with_earlier: bool = False,
) -> tuple[Kept, tuple[Decision, ...]] | None:
    """Record a decision in one statement, without reading the session; it and, `with_earlier`,
    all decisions of the session, oldest first.

    None for whatever `swipe` would refuse, and for a session that is not the opener's.
    """
    if reason and direction != Direction.DISLIKE:
        return None
    now = timezone.now()
    new = Kept(
        id=uuid7(),
        session_id=session_id,
        product_id=product_id,
        direction=direction,
        reason=reason,
        swiped_at=now,
    )
    found = decide_if_open(
        new, opener=opener, untouched_since=now - TOUCH_EVERY, with_earlier=with_earlier
    )
    if found is None:
        return None
    if found.is_due:
        SwipeSession.objects.filter(pk=session_id).update(updated_at=now)
    log.info("swipe_recorded", direction=direction, reason=reason)
    return found.kept, found.decisions


@transaction.atomic
def undo(session: SwipeSession) -> Swipe | None:
    """Take back the last decision; None when there is none left."""
    last = session.swipes.order_by("-swiped_at", "-id").first()
    if last is not None:
        last.delete()
        _touch(session)
    return last


def _touch(session: SwipeSession) -> None:
    """Note that the session is in use; to the minute, as it is forgotten after days."""
    now = timezone.now()
    if now - session.updated_at >= TOUCH_EVERY:
        SwipeSession.objects.filter(pk=session.pk).update(updated_at=now)
        session.updated_at = now


def claim(session: SwipeSession, *, user: Any) -> bool:
    """Make an anonymous session the user's. False when somebody else was faster."""
    taken = SwipeSession.objects.filter(pk=session.pk, user=None).update(
        user=user, token_hash="", updated_at=timezone.now()
    )
    session.refresh_from_db()
    return bool(taken)


def decisions(session: SwipeSession) -> tuple[Swipe, ...]:
    """All that was decided so far, oldest first. One query, from which the rest is counted."""
    return tuple(session.swipes.all())


def deal(
    session: SwipeSession, *, count: int, surface: str, decided: Sequence[Swipe] | None = None
) -> Served:
    """The next cards, given everything decided so far; never one that was decided on."""
    swipes = decisions(session) if decided is None else decided
    return _recommend(session, count=count, surface=surface, swipes=swipes, card=len(swipes))


def answer(session: SwipeSession, *, count: int, surface: str, decided: Sequence[Swipe]) -> Served:
    """The answer to the brief as asked: without what was passed, with what was kept in place."""
    passed = [swipe for swipe in decided if swipe.direction == Direction.DISLIKE]
    return _recommend(session, count=count, surface=surface, swipes=passed)


def _recommend(
    session: SwipeSession,
    *,
    count: int,
    surface: str,
    swipes: Iterable[Swipe],
    card: int | None = None,
) -> Served:
    return recommend(
        context=context_of(session),
        count=count,
        surface=surface,
        session=session,
        user_id=session.user_id,
        swipes=swipes,
        card=card,
        already_given=given_ids(session.recipient_id),
    )


def shortlist(session: SwipeSession, *, count: int, surface: str) -> Served:
    """What the session has led to: the gifts kept, then the best of those not yet seen."""
    context = context_of(session)
    decided = decisions(session)
    had = given_ids(session.recipient_id)
    liked = [product for product in kept_products(decided) if str(product.pk) not in had]
    kept = kept_picks(liked, context=context)[:count]
    more = max(1, count - len(kept))
    served = _recommend(session, count=more, surface=surface, swipes=decided)
    others = tuple(replace(pick, score=pick.score / 2) for pick in served.picks)
    return replace(served, picks=(*kept, *others)[:count])


def still_to_come(candidates: int, *, cards: int, asked: int) -> int:
    """How many gifts may still be shown, of those in question: fewer cards than were asked for are
    the last, as the others answer nothing that was asked."""
    return candidates if cards >= asked else cards


def progress(decided: Sequence[Swipe], served: Served, *, asked: int) -> Progress:
    """Where a session stands when these cards are served to whoever asked for so many."""
    counts = Counter(swipe.direction for swipe in decided)
    this_round = settings.RECOMMENDER_DECK_SIZE
    in_round = this_round - len(decided) % this_round
    names = learned(decided) if len(decided) >= LEARNED_FROM else []
    return Progress(
        swiped=len(decided),
        liked=counts[Direction.LIKE],
        saved=counts[Direction.SAVE],
        passed=counts[Direction.DISLIKE],
        left=min(in_round, still_to_come(served.candidates, cards=len(served.picks), asked=asked)),
        learned=tuple(names),
    )


def kept_products(decided: Sequence[Swipe]) -> list[Product]:
    """Liked and saved gifts that are still to be had: saved first, the latest first."""
    kept = [swipe for swipe in decided if swipe.direction != Direction.DISLIKE]
    kept.sort(key=lambda swipe: (swipe.direction == Direction.SAVE, swipe.swiped_at), reverse=True)
    ids = [swipe.product_id for swipe in kept]
    rows = Product.objects.recommendable().with_card().in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def purge_sessions(*, now: datetime) -> int:
    """Forget anonymous sessions nobody touched for SWIPE_SESSION_DAYS; returns how many."""
    before = now - timedelta(days=settings.SWIPE_SESSION_DAYS)
    forgotten = SwipeSession.objects.forgettable(before=before)
    number = forgotten.count()
    # Django reads the rows it deletes, for what hangs on them: not their cards in hand as well.
    forgotten.only("pk").delete()
    return number
