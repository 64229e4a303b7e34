"""What the back office is opened over: a shop of a million gifts and users in its first year."""

import os
from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from accounts.models import ApiKey, AuditEvent, DeviceSession, OutgoingMail, User
from affiliates.models import (
    Click,
    CommissionRate,
    LinkFinding,
    Report,
    ReportedItem,
    ReportFile,
    TrackingId,
    TrackingLease,
)
from affiliates.services.sales import take_stock
from catalog.models import (
    Category,
    DiscoveryShelf,
    Offer,
    Product,
    ShopCheck,
    StoreKey,
    SyncRun,
    Tag,
)
from recommendations.models import (
    ModelQuality,
    Preference,
    Recommendation,
    Swipe,
    SwipeSession,
)
from tests.bench.filling import fill, in_bulk, key, one_of
from tests.bench.made_up import BRANDS, NOUNS, STYLES

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "1_000_000"))
CLICKS = int(os.environ.get("BENCH_CLICKS", "10_000_000"))
DEPARTMENTS, SHELVES, TAGS_OF_A_KIND, MODELS = 10, 60, 45, 12
USERS, SESSIONS, SERVED = PRODUCTS, PRODUCTS, PRODUCTS // 2
# One in a hundred thousand has it, be it a gift, a user or an organisation.
RARE = "zanzibar"
RARITY = 100_000
FIRST_NAMES = ("Anna", "Ben", "Chloe", "Dev", "Ewa", "Finn", "Grace", "Hugo", "Iris", "Jan")
LAST_NAMES = ("Abbott", "Baker", "Chen", "Davies", "Evans", "Fisher", "Green", "Hall", "Iqbal")
KINDS = "CASE WHEN n % 10 < 6 THEN 'person' WHEN n % 10 < 8 THEN 'bot' ELSE 'repeat' END"


def fill_all(*, said: Callable[[str], object] = lambda _text: None) -> None:
    """Fill every table that the back office shows; `said` is told of each part."""
    with in_bulk():
        for part in (_shop, _offers, _people, _devices, _desk, _tastes, _served, _clicks, _money):
            begun = timezone.now()
            part()
            said(f"{part.__name__[1:]}: {(timezone.now() - begun).total_seconds():.0f} s")


def _during_the_year(count: int) -> str:
    """SQL for a moment; the last rows are of today."""
    return f"now() - (1 - n / {count}::float8) * interval '365 days'"


def _any(count: int, *, skew: int = 1) -> str:
    """SQL for the key of some row of `count`; with a skew a few come up most of the time."""
    return key(f"1 + floor(power(random(), {skew}) * {count})")


def _shop() -> None:
    fill(
        Category,
        DEPARTMENTS + SHELVES,
        slug="'bench-' || n",
        name="'Shelf ' || n",
        parent_id=f"CASE WHEN n > {DEPARTMENTS} THEN {key(f'1 + n % {DEPARTMENTS}')} END",
    )
    kinds = list(Tag.Kind.values)
    fill(
        Tag,
        TAGS_OF_A_KIND * len(kinds),
        slug="'bench-' || n",
        name="'Tag ' || n",
        kind=one_of(kinds, at=f"(n - 1) / {TAGS_OF_A_KIND}"),
    )
    noun, style = one_of(NOUNS, at="n"), one_of(STYLES, at="n / 7")
    fill(
        Product,
        PRODUCTS,
        title=f"{one_of(BRANDS, at='n / 3')} || ' ' || {style} || ' ' || {noun} || ' ' || n % 997",
        brand=one_of(BRANDS, at="n / 3"),
        description=f"'A gift for people who like ' || {one_of(NOUNS, at='n / 5')} || "
        f"CASE WHEN n % {RARITY} = 7 THEN ', made in {RARE}' ELSE '' END || ': ' || {style}",
        category_id=key(f"{DEPARTMENTS} + 1 + floor(power(random(), 2) * {SHELVES})"),
        is_adult="n % 100 = 0",
        guide_price="round((4 + exp(3.2 + 0.8 * random()))::numeric, 2)",
        appeal="1 + n % 5",
        status="CASE n % 50 WHEN 0 THEN 'retired' WHEN 1 THEN 'draft' ELSE 'active' END",
        asin="CASE WHEN n % 20 > 0 THEN 'M' || lpad(n::text, 9, '0') END",
        popularity="random()",
        trending="random() * 0.1",
        source="CASE WHEN n % 10 > 0 THEN 'amazon' ELSE 'staff' END",
        source_key="CASE WHEN n % 10 > 0 THEN 'M' || lpad(n::text, 9, '0') ELSE '' END",
        created_at=_during_the_year(PRODUCTS),
        updated_at=_during_the_year(PRODUCTS),
    )
    each = TAGS_OF_A_KIND  # one tag of each of four kinds
    fill(
        Product.tags.through,
        4 * PRODUCTS,
        product_id=key("1 + (n - 1) / 4"),
        tag_id=key(f"1 + (n % 4) * {each} + floor(power(random(), 2) * {each})"),
    )


def _offers() -> None:
    fetched = "now() - random() * interval '30 hours'"
    fill(
        Offer,
        PRODUCTS,
        product_id=key("n"),
        marketplace="'amazon.co.uk'",
        price="round((4 + 90 * random())::numeric, 2)",
        currency="'GBP'",
        price_fetched_at=fetched,
        availability="CASE WHEN n % 9 > 0 THEN 'in_stock' ELSE 'out_of_stock' END",
        availability_fetched_at=fetched,
        title="'What the shop calls it, which is long, with colour and size ' || n",
        image_url="'https://images.example.com/' || n || '.jpg'",
        detail_page_url="'https://www.amazon.co.uk/dp/M' || lpad(n::text, 9, '0')",
        rating="2.5 + n % 25 / 10.0",
        review_count="n % 5000",
        content_fetched_at=fetched,
    )
    fill(
        ShopCheck,
        PRODUCTS,
        product_id=key("n"),
        marketplace="'amazon.co.uk'",
        asked_at=fetched,
        gone_at="CASE WHEN n % 200 = 0 THEN now() END",
    )
    fill(
        StoreKey,
        PRODUCTS // 5,
        product_id=key("n"),
        marketplace="'amazon.de'",
        asin="'D' || lpad(n::text, 9, '0')",
    )
    fill(
        DiscoveryShelf,
        200,
        slug="'bench-' || n",
        phrase="'A gift ' || n",
        keywords="'gift'",
        category_id=key(f"{DEPARTMENTS} + 1 + n % {SHELVES}"),
    )
    fill(
        SyncRun,
        100_000,
        kind=one_of(SyncRun.Kind.values, at="n"),
        state="CASE WHEN n % 9 > 0 THEN 'done' ELSE 'partial' END",
        marketplace="'amazon.co.uk'",
        shelf_id=key("1 + n % 200"),
        started_at=_during_the_year(100_000),
        ended_at=_during_the_year(100_000),
        counts="""'{"created": 3, "updated": 40}'""",
    )


def _people() -> None:
    first, last = one_of(FIRST_NAMES, at="n"), one_of(LAST_NAMES, at="n / 10")
    rare = f"CASE WHEN n % {RARITY} = 7 THEN '{RARE}' ELSE"
    address = f"{rare} lower({first} || '.' || {last}) END || n || '@example.org'"
    fill(
        User,
        USERS,
        password="'!'",
        email=address,
        first_name=first,
        last_name=last,
        subscription_tier="CASE WHEN n % 50 > 0 THEN 'free' ELSE 'premium' END",
        is_active="n % 100 > 0",
        created_at=_during_the_year(USERS),
        last_login="now() - random() * interval '90 days'",
    )
    fill(EmailAddress, USERS, user_id=key("n"), email=address, verified="n % 5 > 0", primary="true")
    fill(
        SocialAccount,
        USERS // 5,
        user_id=key("n * 5"),
        provider=one_of(("google", "apple", "facebook"), at="n"),
        uid=f"{rare} 'uid' END || n",
        last_login="now()",
        date_joined="now()",
    )
    fill(Preference, USERS // 3, user_id=key("n * 3"), interests="""'["gardening"]'""")


def _devices() -> None:
    count = USERS * 3 // 2
    fill(
        DeviceSession,
        count,
        user_id=_any(USERS, skew=2),
        kind="CASE WHEN n % 3 = 0 THEN 'browser' ELSE 'api' END",
        refresh_hash="md5(n::text)",
        user_agent="'GiftSync/1.0 (phone ' || n % 500 || ')'",
        created_at=_during_the_year(count),
        last_seen_at=_during_the_year(count),
        expires_at=f"{_during_the_year(count)} + interval '90 days'",
        ended_at=f"CASE WHEN n % 5 < 3 THEN {_during_the_year(count)} END",
        end_reason="CASE WHEN n % 5 < 3 THEN "
        + one_of(("signed_out", "ended_by_user", "timed_out"), at="n")
        + " ELSE '' END",
    )


def _desk() -> None:
    """What staff and the system write down. One member of staff did all that was done by hand."""
    staff = User.objects.filter(is_superuser=True).latest("pk").pk
    count = PRODUCTS // 2
    fill(
        AuditEvent,
        count,
        at=_during_the_year(count),
        actor_id=f"CASE WHEN n % 2 = 0 THEN '{staff}' ELSE {_any(USERS)}::text END",
        action=one_of(("signed_in", "signed_out", "staff_changed", "password_changed"), at="n"),
        target_type="'accounts.user'",
        target_id=f"{_any(USERS)}::text",
        request_id="md5(n::text)",
        after="""'{"is_active": false}'""",
    )
    fill(
        OutgoingMail,
        count,
        user_id=_any(USERS),
        kind=one_of(("verify_address", "reset_password", "reminder"), at="n"),
        created_at=_during_the_year(count),
        not_before=_during_the_year(count),
        n_tries="1",
        sent_at=f"CASE WHEN n % 100 > 1 THEN {_during_the_year(count)} END",
        given_up_at="CASE WHEN n % 100 = 0 THEN now() END",
    )
    fill(
        ApiKey,
        1_000,
        owner_id=_any(USERS),
        organisation="CASE WHEN n = 7 THEN 'Zanzibar Ltd' ELSE 'Gift shop ' || n END",
        name="'listing'",
        prefix="lpad(to_hex(n), 8, '0')",
        secret_hash="md5(n::text)",
        scopes="""'["catalogue"]'""",
        created_at=_during_the_year(1_000),
    )
    product_type = ContentType.objects.get_for_model(Product).pk
    fill(
        LogEntry,
        count,
        action_time=_during_the_year(count),
        user_id=f"'{staff}'",
        content_type_id=str(product_type),
        object_id=f"{_any(PRODUCTS, skew=3)}::text",
        object_repr="'A gift'",
        action_flag="2",
    )


def _tastes() -> None:
    fill(
        SwipeSession,
        SESSIONS,
        user_id=f"CASE WHEN n % 3 = 0 THEN {_any(USERS)} END",
        token_hash="md5(n::text)",
        context="""'{"relationship": "friend", "interests": ["gardening"], "budget_max": 40}'""",
        created_at=_during_the_year(SESSIONS),
        updated_at=_during_the_year(SESSIONS),
    )
    # Ten to each of half the sessions, on gifts far enough apart not to be the same.
    count = 5 * SESSIONS
    fill(
        Swipe,
        count,
        session_id=key(f"{SESSIONS} - (({count} - n) / 10) * 2"),
        product_id=key(
            f"1 + ((n % 10) * ({PRODUCTS} / 10) + "
            f"floor(power(random(), 3) * ({PRODUCTS} / 10))::int)"
        ),
        direction=one_of(("like", "dislike", "save", "dislike"), at="n"),
        reason="CASE WHEN n % 20 = 1 THEN 'already_has' ELSE '' END",
        swiped_at=_during_the_year(count),
    )


def _served() -> None:
    item = """{{"product_id": "' || {} || '", "score": 0.5, "reasons": ["interest", "budget"]}}"""
    items = ", ".join(item.format(_any(PRODUCTS, skew=2)) for _ in range(5))
    fill(
        Recommendation,
        SERVED,
        session_id=key(f"{SESSIONS} - ({SERVED} - n) * 2"),
        surface=one_of(Recommendation.Surface.values, at="n"),
        items=f"('[{items}]')::jsonb",
        model_version=f"'v' || n * {MODELS} / {SERVED}",
        created_at=_during_the_year(SERVED),
    )
    fill(
        ModelQuality,
        50,
        version="'v' || n",
        model_id="'words'",
        n_items=str(PRODUCTS),
        created_at=_during_the_year(50),
    )


def _clicks() -> None:
    fill(
        Click,
        CLICKS,
        product_id=_any(PRODUCTS, skew=3),
        placement=one_of(("results", "deck", "product", "shortlist", "browse"), at="n / 7"),
        recommendation_id=f"CASE WHEN n / 7 % 5 = 0 THEN {_any(SERVED)} END",
        swipe_session_id=f"CASE WHEN n / 7 % 5 IN (1, 3) THEN {_any(SESSIONS)} END",
        marketplace="'amazon.co.uk'",
        partner_tag=f"CASE WHEN n % {RARITY} = 7 THEN 'campaign-21' ELSE 'giftsync-21' END",
        kind=KINDS,
        is_counted="n % 10 < 6",
        counted_window=f"CASE WHEN n % 10 < 6 THEN {_during_the_year(CLICKS)} END",
        visitor_hash="md5(n::text)",
        artifact_version=f"'v' || n * {MODELS} / {CLICKS}",
        reasons=one_of(("interest", "budget,interest", "", "occasion"), at="n"),
        created_at=_during_the_year(CLICKS),
    )


def _money() -> None:
    fill(
        LinkFinding,
        PRODUCTS // 20,
        product_id=key("n * 20"),
        fault=one_of(LinkFinding.Fault.values, at="n"),
        last_seen_at=_during_the_year(PRODUCTS // 20),
        resolved_at="CASE WHEN n % 5 < 2 THEN now() END",
        acknowledged_at="CASE WHEN n % 5 = 2 THEN now() END",
    )
    store, families = "'amazon.co.uk'", one_of(("orders", "earnings"), at="n")
    fill(
        ReportFile,
        730,
        marketplace=store,
        sha256="repeat(md5(n::text), 2)",
        name="'report ' || n || '.csv'",
        size="1",
        imported_at=_during_the_year(730),
    )
    money = {"revenue": "round((90 * random())::numeric, 2)", "currency": "'GBP'"}
    day = "(current_date - 364 + (n - 1) / 2)"
    fill(
        Report,
        730,
        file_id=key("n"),
        family=families,
        first_day=day,
        last_day=day,
        rows="500",
        fees="1",
        **money,
    )
    fill(
        ReportedItem,
        365_000,
        report_id=key("1 + (n - 1) / 500"),
        marketplace=store,
        family=one_of(("orders", "earnings"), at="(n - 1) / 500 + 1"),
        day="(current_date - 364 + ((n - 1) / 1000)::int)",
        tag="'giftsync-21'",
        asin=f"'M' || lpad((1 + floor(power(random(), 3) * {PRODUCTS}))::int::text, 9, '0')",
        is_direct="n % 3 = 0",
        ordered="1",
        shipped="1",
        fees="1",
        fingerprint="decode(md5(n::text), 'hex')",
        **money,
    )
    today = timezone.now().date()
    take_stock(marketplace="amazon.co.uk", first=today - timedelta(days=366), last=today)
    tracking_id = TrackingId.objects.latest("pk").pk
    fill(
        TrackingLease,
        2_000,
        tracking_id_id=f"'{tracking_id}'",
        marketplace=store,
        purpose="'campaign'",
        name="'gift campaign ' || n",
        starts_at=_during_the_year(2_000),
        ends_at="now()",
    )
    fill(
        CommissionRate,
        SHELVES,
        marketplace=store,
        category_id=key(f"{DEPARTMENTS} + n"),
        percent="3",
        valid_from="current_date - 300",
    )


def is_filled() -> bool:
    """Whether the tables are full already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM affiliates_click")
        return bool(cursor.fetchone()[0] >= CLICKS)
