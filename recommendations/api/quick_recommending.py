"""Recommendations put together from the JSON of the catalogue index.

None never means an error: only that the view, with its checks and its words, shall answer.
"""

from collections.abc import Mapping
from typing import Any

from catalog.services.product_items import rendered
from recommendations.api import serializers as s
from recommendations.engine.context import Context
from recommendations.models import Recommendation
from recommendations.services import contexts
from recommendations.services.recommending_items import ItemPick, ServedItems, recommend_items


def plain_wishes(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a body asks for, checked as the view does."""
    asked = s.RecommendationRequestSerializer(data=body)
    if not asked.is_valid() or asked.validated_data.get("recipient_id"):
        return None
    return dict(asked.validated_data)


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
    relaxed: Any = s.RelaxationSerializer(served.relaxed, many=True).data
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
