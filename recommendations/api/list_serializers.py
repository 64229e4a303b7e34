"""What the calls about gift lists take and give."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from catalog.api.serializers import ProductSerializer
from catalog.models import Product
from recommendations.models import GiftList, ListItem
from recommendations.models.gift_list import MOST_WANTED


class GiftListSerializer(serializers.ModelSerializer[GiftList]):
    """A list; its secret address is told once, by the call that makes it."""

    is_shared = serializers.SerializerMethodField()

    class Meta:
        model = GiftList
        fields = ("id", "title", "occasion_on", "note", "is_shared", "created_at")
        read_only_fields = ("id", "created_at")

    def get_is_shared(self, gift_list: GiftList) -> bool:
        """Whether a secret address opens it."""
        return gift_list.token_hash is not None


class ListItemSerializer(serializers.ModelSerializer[ListItem]):
    """A wish: `product_id`, an `url`, or just a `title`."""

    product_id = serializers.UUIDField(allow_null=True, required=False)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    # Read by the service, which knows more shapes of addresses.
    url = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    wanted = serializers.IntegerField(min_value=1, max_value=MOST_WANTED, required=False)

    class Meta:
        model = ListItem
        fields = ("id", "product_id", "title", "url", "note", "wanted", "created_at")
        read_only_fields = ("id", "created_at")

    def validate_product_id(self, value: Any) -> Any:
        """One that can be had."""
        if value is not None and not Product.objects.available().filter(pk=value).exists():
            raise serializers.ValidationError(_("There is no such gift."), code="unknown_product")
        return value


class SharedAddressSerializer(serializers.Serializer[Any]):
    """The secret address, shown once."""

    token = serializers.CharField()
    url = serializers.URLField()


class ClaimRequestSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)


class ClaimedSerializer(serializers.Serializer[Any]):
    """`claim_token` releases the wish again, shown once."""

    item_id = serializers.UUIDField()
    claim_token = serializers.CharField()


class WishSerializer(serializers.Serializer[Any]):
    """A wish as a reader sees it; to the owner `left` and `is_mine` tell nothing."""

    id = serializers.UUIDField(source="item.pk")
    product = ProductSerializer(source="item.product", allow_null=True)
    title = serializers.CharField(source="item.title")
    url = serializers.CharField(source="item.url")
    note = serializers.CharField(source="item.note")
    wanted = serializers.IntegerField(source="item.wanted")
    left = serializers.IntegerField(allow_null=True)
    is_mine = serializers.BooleanField()


class SharedListSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(source="list.title")
    owner = serializers.CharField(source="list.owner.get_short_name")
    occasion_on = serializers.DateField(source="list.occasion_on", allow_null=True)
    note = serializers.CharField(source="list.note")
    items = WishSerializer(many=True)
