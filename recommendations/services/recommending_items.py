"""Gifts as the API shows them, without reading their rows: JSON from the catalogue index.

The row of what was served is written only if every gift may still be shown, in the same statement.
None always means that `recommend` shall answer, which reads the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connections, router
from django.utils.translation import get_language

from catalog.index.generation import Generation
from catalog.models import Product, ShopCheck
from catalog.services import live_index, prepared
from catalog.services.product_items import escaped
from recommendations.engine.context import Context
from recommendations.engine.ranking import Relaxation, Scored, rank
from recommendations.engine.ranking import Swipe as Decision
from recommendations.engine.resorting import Standing
from recommendations.models import Recommendation
from recommendations.reason_texts import reason_text
from recommendations.services import serving
from recommendations.services.recommending import ATTEMPTS, Why, served_row

log = structlog.get_logger("recommendations")

INSERT = """
INSERT INTO {served} ({columns}) SELECT {values}
WHERE (SELECT count(*) FROM {products} WHERE id {among} AND status = 'active'{within}) = %s
AND NOT EXISTS (
    SELECT 1 FROM {checks} WHERE product_id {among} AND marketplace = %s AND gone_at IS NOT NULL
){unwaited}
"""
FIELDS: tuple[Any, ...] = tuple(Recommendation._meta.concrete_fields)
KEY: Any = Product._meta.pk


@dataclass(frozen=True, slots=True)
class ItemPick:
    """A recommended gift: `item` is its JSON, `score` is between 0 and 1."""

    product_id: UUID
    item: bytes
    score: float
    reasons: tuple[Why, ...]

    def said(self) -> bytes:
        """Its reasons as JSON."""
        return escaped(f"[{','.join(map(_reason, self.reasons))}]")

    def rest(self) -> bytes:
        """What follows the gift in the JSON of a pick, to its final brace."""
        return after_gift(self.score, self.said())


def after_gift(score: float, reasons: bytes) -> bytes:
    """What follows the gift in the JSON of a pick; `reasons` are JSON already."""
    return b',"score":%s,"reasons":%s}' % (repr(score).encode(), reasons)


@dataclass(frozen=True, slots=True)
class ServedItems:
    """As `Served`, with JSON for rows; `tag` names the contents of the index they are from."""

    id: UUID
    picks: tuple[ItemPick, ...]
    relaxed: tuple[Relaxation, ...]
    candidates: int
    model_version: str
    tag: str
    standing: Standing


def recommend_items(
    *,
    context: Context,
    count: int,
    surface: str,
    user_id: UUID | None = None,
    session_id: UUID | None = None,
    swipes: Sequence[Decision] = (),
    in_hand: int = 0,
) -> ServedItems | None:
    """Rank, look the gifts up in the index, and record what is served. One statement.

    `in_hand` gifts more than `count` are picked, to be shown later if at all.
    """
    generation = live_index.live()
    if generation is None:
        return None
    live = serving.live()
    gone: frozenset[str] = frozenset()
    for _attempt in range(ATTEMPTS):
        ranking = rank(
            live.artifact,
            context,
            embedder=live.embedder,
            k=count + in_hand,
            swipes=swipes,
            exclude=gone,
        )
        picks = _picks(ranking.items, generation, context)
        if len(picks) == len(ranking.items):
            break
        gone |= {entry.item.id for entry in ranking.items} - {str(p.product_id) for p in picks}
    version = live.version or live.artifact.version
    row = served_row(
        context,
        [(pick.product_id, pick.score, pick.reasons, False) for pick in picks],
        surface=surface,
        session_id=session_id,
        user_id=user_id,
        version=version,
        shown=count,
    )
    if not _stored(row, [pick.product_id for pick in picks], context):
        return None
    log.info("recommendation_served", surface=surface, n_items=len(picks), model_version=version)
    return ServedItems(
        id=row.pk,
        picks=tuple(picks),
        relaxed=ranking.relaxed,
        candidates=ranking.candidates,
        model_version=version,
        tag=generation.tag,
        standing=ranking.standing,
    )


def _picks(scored: Sequence[Scored], generation: Generation, context: Context) -> list[ItemPick]:
    """Those that the index has, at a price that keeps the budget: the shop's may be another than
    that by which they were ranked."""
    picks = []
    language = get_language()
    for entry in scored:
        product_id = UUID(entry.item.id)
        found = generation.find(product_id.bytes)
        if found is None:
            continue
        segment, row = found
        if not keeps_budget(segment.price(row), context):
            continue
        reasons = tuple(
            Why(r.code, reason_text(r.code, r.params, language=language), r.term, r.product_id)
            for r in entry.reasons
        )
        picks.append(ItemPick(product_id, bytes(segment.item(row)), entry.score, reasons))
    return picks


def keeps_budget(price: float | None, context: Context) -> bool:
    """Whether the price that is shown is within the budget; none keeps no budget."""
    if context.budget_min is None and context.budget_max is None:
        return True
    low, high = _budget(context)
    return price is not None and low <= price <= high


def _reason(why: Why) -> str:
    """A reason as JSON. By hand, as an encoder takes several times as long over a few texts."""
    found = f'{{"code":{quoted(why.code)},"text":{quoted(why.text)}'
    if why.term is not None:
        found += f',"term":{quoted(why.term)}'
    if why.product_id is not None:
        found += f',"product_id":{quoted(why.product_id)}'
    return f"{found}}}"


def _budget(context: Context) -> tuple[float, float]:
    low = context.budget_min if context.budget_min is not None else 0.0
    high = context.budget_max if context.budget_max is not None else 1e10
    return low, high


def _stored(row: Recommendation, ids: Sequence[UUID], context: Context) -> bool:
    """Write the row if all gifts are on offer and our own prices, where known, keep the budget."""
    connection = connections[router.db_for_write(Recommendation)]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in FIELDS]
    is_array = connection.vendor == "postgresql"
    # As text: the driver puts an array together value by value.
    text = f"{{{','.join(map(str, ids))}}}"
    keys = [text] if is_array else [KEY.get_db_prep_value(pk, connection) for pk in ids]
    has_budget = context.budget_min is not None or context.budget_max is not None
    values += keys
    if has_budget:
        values += _budget(context)
    values += [len(ids), *keys, settings.AMAZON_MARKETPLACE]
    n_ids = None if is_array else len(ids)
    statement = _insert(connection.alias, n_ids=n_ids, has_budget=has_budget)
    count, _rows = prepared.run(connection, statement, values)
    return count == 1


@lru_cache(maxsize=128)
def _insert(alias: str, *, n_ids: int | None, has_budget: bool) -> str:
    """The statement, with a place for each of so many ids, or for one array of them."""
    connection = connections[alias]
    quote = connection.ops.quote_name
    among = "= ANY(%s::uuid[])" if n_ids is None else f"IN ({', '.join(['%s'] * n_ids) or 'NULL'})"
    return INSERT.format(
        served=quote(Recommendation._meta.db_table),
        checks=quote(ShopCheck._meta.db_table),
        products=quote(Product._meta.db_table),
        columns=", ".join(quote(field.column) for field in FIELDS),
        values=", ".join(["%s"] * len(FIELDS)),
        among=among,
        within=" AND (guide_price IS NULL OR guide_price BETWEEN %s AND %s)" if has_budget else "",
        # What was served is for statistics alone.
        unwaited=prepared.UNWAITED if connection.vendor == "postgresql" else "",
    )
