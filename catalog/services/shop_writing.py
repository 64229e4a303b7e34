"""Write what the shop said: products found for the first time, offers, families.

One transaction a batch, and every row decided by a unique constraint: a crash leaves whole batches,
running twice changes nothing but times, and two at once write the same rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from catalog.amazon.types import AmazonItem
from catalog.index import news
from catalog.models import Offer, Product, ShopCheck, StoreKey
from catalog.services import shop_rows
from catalog.services.bulk_rows import insert_new, upsert
from catalog.services.own_words import adopt
from catalog.services.shop_rows import OwnWords

PARENT, CHILD = StoreKey.Role.PARENT.value, StoreKey.Role.CHILD.value


@dataclass(kw_only=True)
class Written:
    """What a batch did. `counts` by name: created, renewed, adopted, children, adult, unknown,
    returned, gone."""

    counts: Counter[str] = field(default_factory=Counter)
    product_ids: dict[str, UUID] = field(default_factory=dict)  # by ASIN


def write_items(
    items: Sequence[AmazonItem],
    *,
    marketplace: str,
    fetched_at: datetime,
    words: OwnWords | None = None,
    keep_offers: bool = True,
    is_answer: bool = True,
) -> Written:
    """Renew the offers of known products; with `words`, create products for the others.

    `keep_offers` is false for what is too old to be kept at all, `is_answer` where the shop has
    not been asked, so that it will be. Items of another store are left
    out, as are those for adults unless `words` takes them.
    """
    unique = {item.asin: item for item in items if item.marketplace == marketplace}
    done = Written()
    with transaction.atomic():
        known = _known(unique, marketplace)
        fresh = [item for asin, item in unique.items() if asin not in known]
        if words is not None and fresh:
            known |= _create(fresh, words=words, at=fetched_at, done=done)
        done.counts["unknown"] += sum(asin not in known for asin in unique)
        done.product_ids = {asin: pk for asin, (pk, _is_main) in known.items()}
        mains = _mains(unique, known)
        done.counts["children"] += len(known) - len(mains)
        _note_families(mains, marketplace=marketplace)
        if keep_offers:
            _write_offers(mains, at=fetched_at, done=done)
        if is_answer:
            _note_answers(mains, marketplace=marketplace, at=fetched_at, done=done)
        _mark_adult(mains)
        if words is not None and words.rank:
            # All of them: another sync may have been faster with what was new to us too.
            done.counts["adopted"] += adopt([pk for pk, _item in mains], words)
        transaction.on_commit(news.announce)
    return done


def _mains(
    unique: Mapping[str, AmazonItem], known: Mapping[str, tuple[UUID, bool]]
) -> list[tuple[UUID, AmazonItem]]:
    """(product, item) for items that are a product's own ASIN in this store, by product id."""
    found = [(pk, unique[asin]) for asin, (pk, is_main) in known.items() if is_main]
    return sorted(found, key=lambda pair: pair[0])


def _known(items: Mapping[str, AmazonItem], marketplace: str) -> dict[str, tuple[UUID, bool]]:
    """ASIN -> (product, whether that is its own ASIN here), also of new members of known families.

    Two queries; a child met for the first time is remembered as one.
    """
    asins = list(items)
    parents = [item.parent_asin for item in items.values() if item.parent_asin]
    others = StoreKey.objects.filter(marketplace=marketplace, asin__any_of=[*asins, *parents])
    families: dict[str, UUID] = {}
    found: dict[str, tuple[UUID, bool]] = {}
    for asin, pk, role in others.order_by().values_list("asin", "product_id", "role"):
        if role == PARENT:
            families[asin] = pk
        if asin in items:
            found[asin] = (pk, role == StoreKey.Role.STORE)
    # Products last: another sync commits a product and its family together, so whoever saw the
    # family sees its product too and does not take it for a child of itself.
    mine = Product.objects.filter(marketplace=marketplace, asin__any_of=asins).order_by()
    found |= {asin: (pk, True) for asin, pk in mine.values_list("asin", "pk") if asin}
    new_children = [
        (families[item.parent_asin], asin, CHILD)
        for asin, item in items.items()
        if asin not in found and item.parent_asin in families
    ]
    if new_children:
        rows = shop_rows.key_rows(new_children, marketplace=marketplace)
        insert_new(StoreKey, shop_rows.KEY_COLUMNS, rows)
        found |= {asin: (pk, False) for pk, asin, _role in new_children}
    return found


def _create(
    items: Sequence[AmazonItem], *, words: OwnWords, at: datetime, done: Written
) -> dict[str, tuple[UUID, bool]]:
    """Products for items that nobody knows, one for each family; those for adults if taken."""
    taken = [item for item in items if words.takes_adult or not item.is_adult]
    done.counts["adult"] += len(items) - len(taken)
    first: dict[str, AmazonItem] = {}
    for item in taken:
        first.setdefault(item.parent_asin or item.asin, item)
    mains = sorted(first.values(), key=lambda item: item.asin)
    if not mains:
        return {}
    marketplace = mains[0].marketplace
    loaded = words.loaded()
    rows = [shop_rows.product_row(item, words=words, loaded=loaded, at=at) for item in mains]
    mine = {row[0] for row in rows}
    inserted = insert_new(Product, shop_rows.PRODUCT_COLUMNS, rows)
    ids = {item.asin: row[0] for item, row in zip(mains, rows, strict=True)}
    if inserted < len(rows):  # another sync was faster with some of them
        ids = _ids_of(mains)
    own = ids
    ids = _one_per_family(mains, own, mine)
    links = Product.tags.through
    insert_new(
        links,
        ("product_id", "tag_id"),
        sorted((pk, tag) for pk in ids.values() if pk in mine for tag in words.tag_ids),
    )
    done.counts["created"] += sum(pk in mine for pk in ids.values())
    found = {asin: (pk, pk == own[asin]) for asin, pk in ids.items()}
    children = [item for item in taken if item.asin not in found]
    of_family = {item.parent_asin: ids[item.asin] for item in mains if item.parent_asin}
    keys = [(of_family[item.parent_asin], item.asin, CHILD) for item in children]
    insert_new(StoreKey, shop_rows.KEY_COLUMNS, shop_rows.key_rows(keys, marketplace=marketplace))
    return found | {asin: (pk, False) for pk, asin, _role in keys}


def _ids_of(items: Sequence[AmazonItem]) -> dict[str, UUID]:
    store = items[0].marketplace
    rows = Product.objects.filter(marketplace=store, asin__any_of=[item.asin for item in items])
    return {str(asin): pk for asin, pk in rows.order_by().values_list("asin", "pk")}


def _one_per_family(
    mains: Sequence[AmazonItem], ids: dict[str, UUID], mine: set[UUID]
) -> dict[str, UUID]:
    """Give each family its product. Where another sync was faster with a sibling, ours goes."""
    with_parent = [item for item in mains if item.parent_asin and item.parent_asin != item.asin]
    if not with_parent:
        return ids
    marketplace = mains[0].marketplace
    keys = [(ids[item.asin], item.parent_asin, PARENT) for item in with_parent]
    rows = shop_rows.key_rows(keys, marketplace=marketplace)
    insert_new(StoreKey, shop_rows.KEY_COLUMNS, rows)
    parents = [item.parent_asin for item in with_parent]
    named = StoreKey.objects.filter(marketplace=marketplace, asin__any_of=parents, role=PARENT)
    owners = dict(named.order_by().values_list("asin", "product_id"))
    lost: dict[UUID, UUID] = {}
    for item in with_parent:
        owner, own = owners.get(item.parent_asin), ids[item.asin]
        if owner is not None and owner != own and own in mine:
            lost[own] = owner
    if not lost:
        return ids
    Product.objects.filter(pk__in=lost).delete()
    children = [(lost[pk], asin, CHILD) for asin, pk in ids.items() if pk in lost]
    rows = shop_rows.key_rows(children, marketplace=marketplace)
    insert_new(StoreKey, shop_rows.KEY_COLUMNS, rows)
    return {asin: lost.get(pk, pk) for asin, pk in ids.items()}


def _note_families(mains: Sequence[tuple[UUID, AmazonItem]], *, marketplace: str) -> None:
    """Remember the family of products that were there before the shop told of it."""
    keys = [(pk, item.parent_asin, PARENT) for pk, item in mains if item.parent_asin]
    insert_new(StoreKey, shop_rows.KEY_COLUMNS, shop_rows.key_rows(keys, marketplace=marketplace))


def _write_offers(mains: Sequence[tuple[UUID, AmazonItem]], *, at: datetime, done: Written) -> None:
    done.counts["renewed"] += upsert(
        Offer,
        shop_rows.OFFER_COLUMNS,
        [shop_rows.offer_row(item, product_id=pk, at=at) for pk, item in mains],
        unique=("product_id", "marketplace"),
        update=shop_rows.OFFER_UPDATES,
        newer_by="content_fetched_at",
    )


def _note_answers(
    mains: Sequence[tuple[UUID, AmazonItem]], *, marketplace: str, at: datetime, done: Written
) -> None:
    """Remember that the shop was asked; what had been gone is back on the lists."""
    ids = [pk for pk, _item in mains]
    gone = ShopCheck.objects.filter(
        product_id__in=ids, marketplace=marketplace, gone_at__isnull=False
    )
    back = list(gone.order_by().values_list("product_id", "retired_at"))
    retired = [pk for pk, retired_at in back if retired_at]
    if retired:
        Product.objects.filter(pk__in=retired, status=Product.Status.RETIRED).update(
            status=Product.Status.ACTIVE
        )
    if back:
        _touch([pk for pk, _retired_at in back], at=at)
    done.counts["returned"] += len(back)
    upsert(
        ShopCheck,
        shop_rows.CHECK_COLUMNS,
        [shop_rows.check_row(pk, marketplace=marketplace, at=at) for pk in ids],
        unique=("product_id", "marketplace"),
        update=shop_rows.CHECK_COLUMNS[3:],
        newer_by="asked_at",
    )


def _mark_adult(mains: Sequence[tuple[UUID, AmazonItem]]) -> None:
    """What the shop keeps from children is kept from them here too; never the other way round."""
    adult = [pk for pk, item in mains if item.is_adult]
    if adult:
        products = Product.objects.filter(pk__any_of=adult, is_adult=False)
        for product in products:
            product.is_adult = True
            product.save(update_fields=["is_adult", "updated_at"])


def note_gone(product_ids: Sequence[UUID], *, marketplace: str, at: datetime) -> int:
    """The shop no longer knows them: off the recommendations, and what it said is forgotten.

    Returns how many went now.
    """
    with transaction.atomic():
        note_asked(product_ids, marketplace=marketplace, at=at)
        checks = ShopCheck.objects.filter(product__in=product_ids, marketplace=marketplace)
        going = list(checks.filter(gone_at__isnull=True).values_list("product_id", flat=True))
        went = checks.filter(product__in=going).update(gone_at=at)
        if marketplace == settings.AMAZON_MARKETPLACE:
            _touch(going, at=at)
        offers = Offer.objects.filter(product__in=product_ids, marketplace=marketplace)
        offers.filter(content_fetched_at__lte=at).delete()
        transaction.on_commit(news.announce)
    return went


def _touch(product_ids: Sequence[UUID], *, at: datetime) -> None:
    """Have whoever keeps a picture of the catalogue look at these again."""
    Product.objects.filter(pk__in=product_ids).update(updated_at=at)


def note_asked(product_ids: Sequence[UUID], *, marketplace: str, at: datetime) -> None:
    """The shop was asked about them, whatever it answered; their turn comes again later."""
    upsert(
        ShopCheck,
        shop_rows.CHECK_COLUMNS,
        [
            shop_rows.check_row(pk, marketplace=marketplace, at=at)
            for pk in sorted(set(product_ids))
        ],
        unique=("product_id", "marketplace"),
        update=("asked_at", "claimed_by", "claimed_until"),
        newer_by="asked_at",
    )
