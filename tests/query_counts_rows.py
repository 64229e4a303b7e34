"""Rows of every kind for counting queries, and how to reach each address with them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import ApiKey, CalendarFeed, DataExport, DeviceSession, Occasion, User
from accounts.services import api_keys, auditing, outbox, people
from accounts.tests.factories import UserFactory, sign_in
from affiliates.models import LinkFinding, ReportFile, TrackingId, TrackingLease
from affiliates.tests.factories import ClickFactory, CommissionRateFactory
from catalog.models import DiscoveryShelf, Product, StoreKey, SyncRun
from catalog.tests.factories import CategoryFactory, DailyInterestFactory, OfferFactory, TagFactory
from recommendations.models import (
    GiftList,
    GivenGift,
    ListItem,
    ModelQuality,
    Preference,
    Recommendation,
    Swipe,
    SwipeSession,
)
from recommendations.models.gift_list import fingerprint

TOKEN = "a-token-for-counting"
SHARED = "a-shared-list"


@dataclass(frozen=True)
class World:
    """What the addresses are asked about; all of it belongs to `staff`."""

    staff: User
    session: SwipeSession
    products: list[Product]

    def arguments(self, name: str) -> dict[str, Any]:
        """The arguments of an address by its name; KeyError for one that is not known here."""
        device = DeviceSession.objects.filter(user=self.staff).latest("pk").pk
        product, session = self.products[0].pk, self.session.pk
        of_session = {"pk": session}
        date = Occasion.objects.filter(recipient__user=self.staff).latest("pk")
        of_key = {"pk": ApiKey.objects.filter(owner=self.staff).latest("pk").pk}
        of_date, of_person = {"pk": date.pk}, {"pk": date.recipient_id}
        known: dict[str, dict[str, Any]] = {
            "api-session": {"pk": device},
            "accounts:end-session": {"session_id": device},
            **dict.fromkeys(
                (
                    "api-recipient",
                    *(f"accounts:{verb}person" for verb in ("", "change-", "delete-")),
                ),
                of_person,
            ),
            "recommendations:find-for": of_person,
            "recommendations:add-gift": of_person,
            "api-given-gifts": {"recipient_id": date.recipient_id},
            **self._of_gifts_and_lists(),
            "accounts:calendar": {"token": TOKEN},
            "mfa_edit_webauthn": {"pk": 1},
            "mfa_remove_webauthn": {"pk": 1},
            "openid_connect_login": {"provider_id": "nobody"},
            "openid_connect_callback": {"provider_id": "nobody"},
            **dict.fromkeys(("api-key", "api-key-rotation"), of_key),
            "api-occasions": {"recipient_id": date.recipient_id},
            "api-occasion": {"recipient_id": date.recipient_id, "pk": date.pk},
            **dict.fromkeys(("accounts:change-occasion", "accounts:delete-occasion"), of_date),
            "api-product": {"pk": product},
            "api-similar": {"pk": product},
            "catalog:product": {"pk": product},
            "account_confirm_email": {"key": "a-key-of-nobody"},
            "account_reset_password_from_key": {"uidb36": "a", "key": "b-c"},
            **dict.fromkeys(
                (
                    "api-swipe-session",
                    "api-swipes",
                    "api-undo",
                    "api-shortlist",
                    "api-claim",
                    "recommendations:results",
                    "recommendations:deck",
                    "recommendations:swipe",
                    "recommendations:undo",
                    "recommendations:shortlist",
                ),
                of_session,
            ),
        }
        return known.get(name, {})

    def _of_gifts_and_lists(self) -> dict[str, dict[str, Any]]:
        gift = GivenGift.objects.belonging_to(self.staff).latest("pk")
        item = ListItem.objects.filter(gift_list__owner=self.staff).latest("pk")
        in_list = {"list_id": item.gift_list_id}
        export = DataExport.objects.belonging_to(self.staff).latest("pk")
        of_gift, of_list = {"pk": gift.pk}, {"pk": item.gift_list_id}
        shared, of_wish = {"token": SHARED}, {"token": SHARED, "pk": item.pk}
        return {
            "api-given-gift": {"recipient_id": gift.recipient_id, **of_gift},
            "recommendations:change-gift": of_gift,
            "recommendations:delete-gift": of_gift,
            "api-list": of_list,
            "api-list-items": in_list,
            "api-list-sharing": in_list,
            "api-list-item": {**in_list, "pk": item.pk},
            "recommendations:list": of_list,
            "recommendations:change-list": of_list,
            "recommendations:delete-list": of_list,
            "recommendations:share-list": of_list,
            "recommendations:delete-item": {"pk": item.pk},
            "api-shared-list": shared,
            "recommendations:shared-list": shared,
            "recommendations:my-claim": {**shared, "key": TOKEN},
            "api-claim-wish": of_wish,
            "recommendations:claim-wish": of_wish,
            "recommendations:release-wish": of_wish,
            "accounts:download-data": {"pk": export.pk},
        }

    def writes(self) -> list[tuple[str, str, Callable[[], Any]]]:
        """What changes rows: a name, the address, and a body that is new at each call."""
        fresh = iter(self.products[len(self.products) // 2 :])
        session = f"/api/v1/swipe-sessions/{self.session.pk}"

        def api(**body: Any) -> Callable[[], str]:
            return lambda: json.dumps(body)

        def swipe() -> str:
            return json.dumps({"product_id": str(next(fresh).pk), "direction": "like"})

        def swipe_page() -> dict[str, str]:
            return {"product_id": str(next(fresh).pk), "direction": "like"}

        def click() -> str:
            body = {"product_id": str(self.products[0].pk), "placement": "deck"}
            return json.dumps({**body, "idempotency_key": str(uuid4())})

        brief = {"brief": "a friend who likes gardening"}
        return [
            ("api recommendations", "/api/v1/recommendations/", api(**brief)),
            ("api start swiping", "/api/v1/swipe-sessions/", api(**brief)),
            ("api swipe", f"{session}/swipes/", swipe),
            ("api click", "/api/v1/affiliates/clicks/", click),
            ("page swipe", f"/ideas/{self.session.pk}/swipe/", swipe_page),
            ("page undo", f"/ideas/{self.session.pk}/undo/", lambda: {"next": "deck"}),
        ]


def add_rows(number: int, *, staff: User) -> World:
    """`number` more rows of each kind, and four times as many products, half of them decided on."""
    products: list[Any] = []
    for _ in range(number):
        shelf = CategoryFactory(parent=CategoryFactory())
        tag = TagFactory()
        for _ in range(4):
            offer: Any = OfferFactory(
                product__category=shelf, product__tags=["gardening", tag.slug]
            )
            products.append(offer.product)
    session = SwipeSession.objects.filter(user=staff).first()
    session = session or SwipeSession.objects.create(user=staff, context={})
    for product in products[:number]:
        _add_behaviour(product, session=session, staff=staff)
    return World(staff=staff, session=session, products=products)


def _add_behaviour(product: Product, *, session: SwipeSession, staff: User) -> None:
    user: Any = UserFactory(verified=True)
    EmailConfirmation.create(EmailAddress.objects.get(user=user)).save()
    SocialAccount.objects.create(user=user, provider="nobody", uid=str(user.pk))
    Group.objects.create(name=user.email)
    Preference.objects.create(user=user)
    sign_in(user)
    sign_in(staff)
    Swipe.objects.create(session=session, product=product, direction="like")
    other = SwipeSession.objects.create(user=user, context={})
    Swipe.objects.create(session=other, product=product, direction="dislike")
    served = [{"product_id": str(product.pk), "score": 0.5, "reasons": ["interest"]}]
    Recommendation.objects.create(session=session, surface="api", items=served, model_version="1")
    ModelQuality.objects.create(version=f"art-{product.pk}", model_id="words", n_items=1)
    ClickFactory(product=product)
    LinkFinding.objects.create(product=product, fault="dead")
    CommissionRateFactory(category=CategoryFactory())
    _add_money(staff)
    DailyInterestFactory(product=product)
    for giver in (user, staff):
        people.add_recipient(giver, name="Anna", birth_day=1, birth_month=2)
        api_keys.issue(giver, actor=staff, organisation="O", name="n", scopes=["catalogue"])
    _add_gifts_and_lists(product, staff=staff)
    CalendarFeed.renew(user)
    auditing.record("counted", actor=staff)
    outbox.promise(to=user.email, kind="counted", subject="s", text="t", user=user)
    shelf = DiscoveryShelf.objects.create(
        slug=f"shelf-{product.pk}", phrase="A gift", keywords="gift", category=product.category
    )
    SyncRun.objects.create(kind="discover", marketplace=product.marketplace, shelf=shelf)
    StoreKey.objects.create(
        product=product, marketplace="amazon.de", asin=product.asin or "B000000000"
    )
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(Product),
        object_id=str(product.pk),
        object_repr="x",
        action_flag=CHANGE,
    )


def _add_gifts_and_lists(product: Product, *, staff: User) -> None:
    person = staff.recipients.latest("pk")
    GivenGift.objects.create(recipient=person, product=product, title=product.title)
    mine = GiftList.objects.filter(owner=staff, token_hash=fingerprint(SHARED)).first()
    mine = mine or GiftList.objects.create(
        owner=staff, title="Mine", token_hash=fingerprint(SHARED), shared_at=timezone.now()
    )
    item = ListItem.objects.create(gift_list=mine, product=product, title=product.title)
    item.claims.create(name="Guest", token_hash=fingerprint(str(item.pk)))
    GiftList.objects.create(owner=staff, title="Another")
    DataExport.objects.create(user=staff, expires_at=timezone.now() + timedelta(days=1))


def _add_money(staff: User) -> None:
    number = TrackingId.objects.count() + 1
    store = "amazon.co.uk"
    pooled = TrackingId.objects.create(marketplace=store, tag=f"gift{number}-21", slot=number)
    TrackingLease.objects.create(
        tracking_id=pooled, purpose="campaign", name=f"campaign {number}", lent_by=staff
    )
    ReportFile.objects.create(
        marketplace=store, sha256=f"{number:064}", name="report.csv", size=1, imported_by=staff
    )
