"""Which parts of an item to ask for. Amazon sends everything when told nothing."""

from catalog.amazon.types import Detail

_OFFER = tuple(
    f"offersV2.listings.{part}"
    for part in (
        "price",
        "availability",
        "condition",
        "dealDetails",
        "isBuyBoxWinner",
        "merchantInfo",
        "type",
    )
)
_CONTENT = (
    "itemInfo.title",
    "itemInfo.byLineInfo",
    "itemInfo.features",
    "itemInfo.classifications",
    "itemInfo.externalIds",
    "itemInfo.productInfo",
    "images.primary.large",
    "images.variants.large",
    "browseNodeInfo.browseNodes",
    "browseNodeInfo.browseNodes.ancestor",
    "browseNodeInfo.websiteSalesRank",
    "customerReviews.count",
    "customerReviews.starRating",
    "parentASIN",
)
ITEM_RESOURCES: dict[Detail, tuple[str, ...]] = {
    Detail.FULL: _CONTENT + _OFFER,
    Detail.OFFER: _OFFER,
    Detail.LEAST: (
        "itemInfo.title",
        "offersV2.listings.price",
        "offersV2.listings.availability",
    ),
}
VARIATION_RESOURCES = (
    *ITEM_RESOURCES[Detail.FULL],
    "variationSummary.price.lowestPrice",
    "variationSummary.price.highestPrice",
    "variationSummary.variationDimension",
)
NODE_RESOURCES = ("browseNodes.ancestor", "browseNodes.children")
