"""What the API takes and gives for recommendations and swiping."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

from catalog.api.serializers import ProductSerializer
from catalog.models import Category
from recommendations.engine.brief import parse_brief
from recommendations.engine.vocabulary import OCCASIONS, RELATIONSHIPS
from recommendations.models import Preference, Swipe
from recommendations.services.recommending import Pick

MOST_IDS, MOST_INTERESTS = 200, 20
CARDS, MOST_CARDS = 5, 10


class CategorySlugs(serializers.ListField):
    """Category slugs; each must exist."""

    child = serializers.SlugField(max_length=64)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=50, **kwargs)

    def run_child_validation(self, data: Any) -> list[str]:
        slugs = super().run_child_validation(data)
        known = set(Category.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        if missing := [slug for slug in slugs if slug not in known]:
            raise serializers.ValidationError(
                _("There is no category %(slug)s.") % {"slug": missing[0]}, code="unknown_category"
            )
        return list(slugs)

    def to_representation(self, data: Any) -> list[str]:
        rows = data.all() if hasattr(data, "all") else data
        return sorted(row.slug for row in rows)


class VocabularyField(serializers.CharField):
    """A slug of the gift vocabulary, or everyday words for it ("father-in-law", "xmas")."""

    def __init__(self, *, part: str, slugs: tuple[str, ...], **kwargs: Any) -> None:
        self.part, self.slugs = part, slugs
        super().__init__(max_length=40, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        words = super().to_internal_value(data).strip().lower()
        if words in self.slugs or not words:
            return words
        found = getattr(parse_brief(f"for my {words}"), self.part)
        if found is None:
            raise serializers.ValidationError(
                _("Not understood. Use one of: %(slugs)s.") % {"slugs": ", ".join(self.slugs)},
                code="unknown_word",
            )
        return str(found)


class WishesSerializer(serializers.Serializer[Any]):
    """A brief, explicit wishes, or both; what is explicit wins."""

    brief = serializers.CharField(
        required=False, allow_blank=True, max_length=settings.BRIEF_MAX_LENGTH
    )
    recipient_id = serializers.UUIDField(required=False, allow_null=True)
    interests = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=MOST_INTERESTS
    )
    relationship = VocabularyField(
        part="relationship", slugs=tuple(r.slug for r in RELATIONSHIPS), required=False
    )
    age = serializers.IntegerField(required=False, min_value=0, max_value=120)
    occasion = VocabularyField(
        part="occasion", slugs=tuple(o.slug for o in OCCASIONS), required=False
    )
    budget_min = serializers.DecimalField(
        required=False, max_digits=10, decimal_places=2, min_value=Decimal(0)
    )
    budget_max = serializers.DecimalField(
        required=False, max_digits=10, decimal_places=2, min_value=Decimal(0)
    )
    categories = CategorySlugs(required=False)
    exclude_categories = CategorySlugs(required=False)
    liked = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_IDS
    )
    disliked = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MOST_IDS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("budget_min"), attrs.get("budget_max")
        if low is not None and high is not None and low > high:
            message = _("The lowest price is above the highest.")
            raise serializers.ValidationError({"budget_min": [message]}, code="above_budget_max")
        return attrs


class RecommendationRequestSerializer(WishesSerializer):
    count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.RECOMMENDER_MAX_COUNT,
        default=settings.RECOMMENDER_DEFAULT_COUNT,
    )


class CountSerializer(serializers.Serializer[Any]):
    """`?count=` of a shortlist."""

    count = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=settings.RECOMMENDER_MAX_COUNT,
        default=settings.RECOMMENDER_DEFAULT_COUNT,
    )


class SwipeRequestSerializer(serializers.Serializer[Any]):
    product_id = serializers.UUIDField()
    direction = serializers.ChoiceField(choices=Swipe.Direction.choices)
    reason = serializers.ChoiceField(choices=Swipe.Reason.choices, required=False, default="")


class CardsSerializer(serializers.Serializer[Any]):
    """`?cards=` of a swipe."""

    cards = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_CARDS,
        default=CARDS,
        help_text="How many of the next cards to deal. With 0 the swipe is only recorded, for a "
        "client that still has cards: `recommendation_id` and `progress` are null.",
    )


class ClaimSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=64)


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    term = serializers.CharField(required=False)
    product_id = serializers.UUIDField(required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found = super().to_representation(instance)
        return {name: value for name, value in found.items() if value is not None}


class PickSerializer(serializers.Serializer[Pick]):
    """A recommendation: the gift, its score, and at least one reason."""

    product = ProductSerializer()
    score = serializers.FloatField()
    reasons = ReasonSerializer(many=True)


class RelaxationSerializer(serializers.Serializer[Any]):
    """A limit that could be loosened, and how many more gifts that would give."""

    constraint = serializers.CharField()
    value = serializers.JSONField(allow_null=True, source="suggestion")
    extra = serializers.IntegerField()
    text = serializers.CharField()


class RecommendationsSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    items = PickSerializer(many=True)
    understood = serializers.DictField()
    relaxed = RelaxationSerializer(many=True)
    model_version = serializers.CharField()


class ShortlistSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    items = PickSerializer(many=True)
    model_version = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    swiped = serializers.IntegerField()
    liked = serializers.IntegerField()
    saved = serializers.IntegerField()
    passed = serializers.IntegerField()
    left = serializers.IntegerField()
    learned = serializers.ListField(child=serializers.CharField())


class SwipeSerializer(serializers.ModelSerializer[Swipe]):
    product_id = serializers.UUIDField()

    class Meta:
        model = Swipe
        fields = ("id", "product_id", "direction", "reason", "swiped_at")


class SwipeSessionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    token = serializers.CharField(required=False)
    # REST framework keeps a mapping of the same name, which the metaclass puts aside.
    context = serializers.DictField()  # type: ignore[assignment]
    recommendation_id = serializers.UUIDField()
    cards = PickSerializer(many=True)
    progress = ProgressSerializer()


class SwipeAnswerSerializer(serializers.Serializer[Any]):
    swipe = SwipeSerializer(allow_null=True)
    recommendation_id = serializers.UUIDField(allow_null=True)
    cards = PickSerializer(many=True)
    progress = ProgressSerializer(allow_null=True)


class PreferenceSerializer(serializers.ModelSerializer[Preference]):
    interests = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_INTERESTS,
        default=list,
    )
    categories = CategorySlugs(required=False, default=list)
    exclude_categories = CategorySlugs(required=False, default=list)

    class Meta:
        model = Preference
        fields = ("interests", "categories", "exclude_categories", "budget_min", "budget_max")
        extra_kwargs = {
            "budget_min": {"default": None, "coerce_to_string": False},
            "budget_max": {"default": None, "coerce_to_string": False},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        low, high = attrs.get("budget_min"), attrs.get("budget_max")
        if low is not None and high is not None and low > high:
            message = _("The lowest price is above the highest.")
            raise serializers.ValidationError({"budget_min": [message]}, code="above_budget_max")
        return attrs
