"""A site with hostile data, to be looked at and taken back: nothing of it is ever stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from accounts.models import User
from affiliates.page_rules import Ground
from affiliates.services.links import partner_tag, partner_tags
from catalog.models import Category, Offer, Product
from catalog.services import live_index
from recommendations.services import serving

LIVE = Decimal("1234.56")
STALE = Decimal("6543.21")
STALE_TITLE = "A title of the shop from long ago"
STALE_PICTURE = "https://m.media-amazon.com/images/I/long-ago.jpg"
STALE_REVIEWS = 987_654
STALE_MARK = "longago"
PASSWORD = "a quiet teapot 41"  # noqa: S105 - of a user that is never stored
NASTY = "<script>alert(1)</script> \"'&tag=thief-21"


@dataclass(frozen=True)
class Stage:
    """Who and what there is to look at."""

    user: User
    product: Product
    products: list[Product]

    @property
    def ground(self) -> Ground:
        stale = f"{STALE:,}", str(STALE), STALE_TITLE, STALE_PICTURE, str(STALE_REVIEWS)
        return Ground(
            marketplace=settings.AMAZON_MARKETPLACE,
            tags=partner_tags(),
            live_prices=(f"{LIVE:,}",),
            stale=(*stale, f"{STALE_REVIEWS:,}", STALE_MARK),
        )


class _TakenBack(Exception):
    """Ends the transaction that the stage stands in."""


@contextmanager
def stage() -> Iterator[Stage]:
    """Hostile products alone on offer, no cache, mails kept in `mail.outbox`.

    All in one transaction that is rolled back at the end, so it belongs on a database that nobody
    else is using: a test's, CI's or one's own.
    """
    memory = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with TemporaryDirectory() as folder:
        artefacts = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": folder},
        }
        changes = override_settings(
            ALLOWED_HOSTS=["*"],
            CACHES=memory,
            CATALOGUE_INDEX_DIR=folder,
            EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
            LIMITS_ENABLED=False,
            RECOMMENDER_EMBEDDER="lexical",
            SECURE_SSL_REDIRECT=False,
            STORAGES={**settings.STORAGES, "artifacts": artefacts},
        )
        with changes:
            _forget()
            mail.outbox = []
            try:
                with transaction.atomic():
                    yield _set()
                    raise _TakenBack
            except _TakenBack:
                pass
            finally:
                _forget()
    _forget()


def _forget() -> None:
    """What the process remembers of the catalogue and of models."""
    serving.refresh()
    live_index.forget()


def _set() -> Stage:
    Product.objects.update(status=Product.Status.RETIRED)
    user = User.objects.create_user(email="hostile@example.org", password=PASSWORD)
    user.first_name = NASTY[:30]
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    shelf, _ = Category.objects.get_or_create(slug="hostile", defaults={"name": NASTY[:60]})
    makers = (_fresh, _stale, _thieving, _elsewhere, _without_a_page)
    products = [make(shelf, n) for n, make in enumerate(makers)]
    return Stage(user=user, product=products[0], products=products)


def _product(shelf: Category, number: int, **values: Any) -> Product:
    usual = {
        "title": f"Garden gift {number} {NASTY}",
        "brand": NASTY[:60],
        "description": f"For gardening and reading. {NASTY}",
        "category": shelf,
        "asin": f"B0HOSTILE{number}",
        "guide_price": Decimal("20.00"),
        "marketplace": settings.AMAZON_MARKETPLACE,
    }
    return Product.objects.create(**(usual | values))


def _offer(product: Product, *, query: str, price: Decimal, hours: int, **values: Any) -> None:
    at = timezone.now() - timedelta(hours=hours)
    store = settings.AMAZON_MARKETPLACE
    usual = {
        "detail_page_url": f"https://www.{store}/dp/{product.asin}?{query}",
        "price": price,
        "currency": settings.DEFAULT_CURRENCY,
        "price_fetched_at": at,
        "content_fetched_at": at,
        "availability_fetched_at": at,
        "marketplace": store,
    }
    Offer.objects.create(product=product, **(usual | values))


def _fresh(shelf: Category, number: int) -> Product:
    product = _product(shelf, number)
    query = f"tag={partner_tag()}&linkCode=ogi&th=1&psc=1"
    _offer(product, query=query, price=LIVE, hours=0, availability="in_stock")
    return product


def _stale(shelf: Category, number: int) -> Product:
    product = _product(shelf, number)
    _offer(
        product,
        query=f"tag={partner_tag()}&linkCode={STALE_MARK}",
        price=STALE,
        hours=25,
        title=STALE_TITLE,
        image_url=STALE_PICTURE,
        rating=Decimal("4.9"),
        review_count=STALE_REVIEWS,
        availability="in_stock",
    )
    return product


def _thieving(shelf: Category, number: int) -> Product:
    product = _product(shelf, number)
    query = f"tag=thief-21&tag={partner_tag()}&ascsubtag=visitor-7"
    _offer(product, query=query, price=LIVE, hours=0)
    return product


def _elsewhere(shelf: Category, number: int) -> Product:
    others = [s for s in ("amazon.com", "amazon.de") if s != settings.AMAZON_MARKETPLACE]
    return _product(
        shelf, number, marketplace=others[0], search_words="mug&tag=thief-21#https://evil.example"
    )


def _without_a_page(shelf: Category, number: int) -> Product:
    return _product(shelf, number, asin=None, search_words="")
