"""Recommendations put together from the JSON of the catalogue index.

None never means an error: only that the view, with its checks and its words, shall answer.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from catalog.services.product_items import rendered
from recommendations.api import serializers as s
from recommendations.api.quick import ID
from recommendations.engine.context import Context
from recommendations.models import Recommendation
from recommendations.services import contexts
from recommendations.services.recommending_items import ItemPick, ServedItems, recommend_items

DECISIONS = frozenset(("liked", "disliked"))
SIMPLE = DECISIONS | {"brief", "count"}


def plain_wishes(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a body asks for, checked as the view does."""
    if body.keys() <= SIMPLE and (found := _simple_wishes(body)) is not None:
        return found
    asked = s.RecommendationRequestSerializer(data=body)
    if not asked.is_valid() or asked.validated_data.get("recipient_id"):
        return None
    return dict(asked.validated_data)


def _simple_wishes(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """A brief, decisions and a count, read without a serializer; None where one is to judge."""
    brief, count = body.get("brief", ""), body.get("count", settings.RECOMMENDER_DEFAULT_COUNT)
    if not isinstance(brief, str) or len(brief) > settings.BRIEF_MAX_LENGTH:
        return None
    if not brief.replace("\n", "").isprintable():
        return None
    if type(count) is not int or not 1 <= count <= settings.RECOMMENDER_MAX_COUNT:
        return None
    asked: dict[str, Any] = {"brief": brief.strip(), "count": count}
    for name in DECISIONS & body.keys():
        ids = body[name]
        if not isinstance(ids, list) or len(ids) > s.MOST_IDS:
            return None
        if not all(isinstance(one, str) and ID.fullmatch(one) for one in ids):
            return None
        asked[name] = ids
    return asked


def answered(asked: Mapping[str, Any]) -> bytes | None:
    """The answer to somebody without an account."""
    context = contexts.build_context(asked)
    return recommended(context, count=asked["count"], user=None)


def recommended(context: Context, *, count: int, user: Any) -> bytes | None:
    """Recommend, record, and put the answer together, byte for byte as the serializer would."""
    served = recommend_items(
        context=context,
        count=count,
        surface=Recommendation.Surface.API,
        user_id=user.pk if user else None,
    )
    return None if served is None else _body(served, context)


def _body(served: ServedItems, context: Context) -> bytes:
    relaxed: Any = []
    if served.relaxed:
        relaxed = s.RelaxationSerializer(served.relaxed, many=True).data
    parts = (
        b'{"id":"%s","items":[' % str(served.id).encode(),
        b",".join(map(_item, served.picks)),
        b'],"understood":' + rendered(context.understood()),
        b',"relaxed":' + rendered(relaxed),
        b',"model_version":' + rendered(served.model_version) + b"}",
    )
    return b"".join(parts)


def _item(pick: ItemPick) -> bytes:
    return b'{"product":' + pick.item + pick.rest()
