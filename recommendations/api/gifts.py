"""The calls about what a person has been given."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers, viewsets

from accounts.models import Occasion, Recipient
from catalog.models import Product
from recommendations.models import GivenGift
from recommendations.services import giving


class GivenGiftSerializer(serializers.ModelSerializer[GivenGift]):
    """One present; `product_id` or a `title`."""

    product_id = serializers.UUIDField(allow_null=True, required=False)
    occasion_id = serializers.UUIDField(allow_null=True, required=False)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
    price = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True, required=False
    )

    class Meta:
        model = GivenGift
        fields = (
            *("id", "product_id", "title", "given_on", "occasion_id", "price", "currency"),
            *("outcome", "note", "created_at"),
        )
        read_only_fields = ("id", "currency", "created_at")

    def validate_product_id(self, value: Any) -> Any:
        """Any gift we know, also one that is not to be had any more."""
        if value is not None and not Product.objects.filter(pk=value).exists():
            raise serializers.ValidationError(_("There is no such gift."), code="unknown_product")
        return value

    def validate_occasion_id(self, value: Any) -> Any:
        """One of this person's."""
        mine = Occasion.objects.filter(recipient=self.context["person"])
        if value is not None and not mine.filter(pk=value).exists():
            message = _("There is no such occasion.")
            raise serializers.ValidationError(message, code="unknown_occasion")
        return value


class GivenGiftViewSet(viewsets.ModelViewSet):
    """What one person was given, the latest first."""

    serializer_class = GivenGiftSerializer
    queryset = GivenGift.objects.none()

    def _person(self) -> Recipient:
        mine = Recipient.objects.belonging_to(self.request.user)
        return get_object_or_404(mine, pk=self.kwargs["recipient_id"])

    def get_queryset(self) -> QuerySet[GivenGift]:
        if getattr(self, "swagger_fake_view", False):
            return GivenGift.objects.none()
        return GivenGift.objects.filter(recipient=self._person()).select_related("product")

    def get_serializer_context(self) -> dict[str, Any]:
        context: dict[str, Any] = {**super().get_serializer_context()}
        if getattr(self, "swagger_fake_view", False):
            return context
        return {**context, "person": self._person()}

    def perform_create(self, serializer: Any) -> None:
        gift = GivenGift(recipient=serializer.context["person"], **serializer.validated_data)
        serializer.instance = giving.save_gift(gift)

    def perform_update(self, serializer: Any) -> None:
        for name, value in serializer.validated_data.items():
            setattr(serializer.instance, name, value)
        serializer.instance = giving.save_gift(serializer.instance)
