"""The index answers as the database does, follows it, and serves without it."""

import random
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
import time_machine
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from catalog.forms import ProductQueryForm
from catalog.index import bitsets, files
from catalog.index.facts import ProductFacts
from catalog.index.listing import find_page
from catalog.index.segment import Segment
from catalog.models import Category, Offer, Product
from catalog.search import Document
from catalog.services import indexing, live_index
from catalog.services.shelving import retire_products
from catalog.tests.factories import CategoryFactory, OfferFactory, ProductFactory

pytestmark = pytest.mark.django_db
SLUGS, TAGS, BRANDS = ["garden", "tools", "books"], ["red", "blue", "new"], ["Felco", "LAMY", ""]
PRICES = [None, "1.00", "9.99", "10.00", "25.50", "99999999.99"]


@pytest.fixture
def eager(settings):
    """Look for changes at every call, as a process does after a second."""
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0


@pytest.fixture(params=[indexing.TOLD_FROM, 0], ids=["said in the overlay", "said in the files"])
def told_from(request):
    """From how many products on what the shop said of them is in the files."""
    return request.param


def some_product(rng):
    price = rng.choice(PRICES)
    product = ProductFactory(
        title=rng.choice(["Spade", "spade", "Pen", "Äpfel", "Zoo"]) + rng.choice(["", " 2"]),
        brand=rng.choice(BRANDS),
        category=Category.objects.get(slug=rng.choice(SLUGS)),
        guide_price=price and Decimal(price),
        popularity=rng.choice([0.1, 0.5, 0.9]),
        trending=rng.choice([0.0, 0.0, 2.0]),
        created_at=timezone.now() - timedelta(days=rng.randrange(3)),
        tags=rng.sample(TAGS, rng.randrange(3)),
        status=rng.choice(["active", "active", "active", "retired", "draft"]),
    )
    if rng.random() < 0.3:
        OfferFactory(
            product=product,
            price=rng.choice([None, Decimal("9.99"), Decimal("30")]),
            rating=rng.choice([None, Decimal("4.5"), Decimal("3.0")]),
            price_age=timedelta(minutes=rng.choice([1, 90])),
            age=timedelta(hours=rng.choice([1, 30])),
            availability=rng.choice(["in_stock", "out_of_stock"]),
        )
    return product


@pytest.fixture
def generation(eager, told_from):
    """A catalogue of which a part was written after the index was built."""
    rng = random.Random(7)
    garden = CategoryFactory(slug="garden")
    CategoryFactory(slug="tools", parent=garden)
    CategoryFactory(slug="books")
    before = [some_product(rng) for _ in range(90)]
    indexing.build_catalogue_index(told_from=told_from)
    for product in rng.sample(before, 15):
        product.title, product.guide_price = "Moved", Decimal("10.00")
        product.category = Category.objects.get(slug=rng.choice(SLUGS))
        product.status = rng.choice(["active", "retired"])
        product.save()
    for _ in range(15):
        some_product(rng)
    for offer in rng.sample(list(Offer.objects.all()), 8):
        offer.price, offer.price_fetched_at = Decimal("12.34"), timezone.now()
        offer.save()
    live_index.forget()
    return live_index.live()


def maybe(*values):
    return st.sampled_from(["", "", *values])


@trials(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    query=st.fixed_dictionaries(
        {
            "category": maybe(*SLUGS, "unheard-of"),
            "tag": maybe(*TAGS, "unheard-of"),
            "brand": maybe("felco", "Lamy", "nobody"),
            "price_min": maybe("0", "9.99", "10"),
            "price_max": maybe("10", "25.5", "99999999.99"),
            "in_stock": maybe("true", "false"),
            "sort": maybe("popularity", "price", "rating", "newest", "title"),
            "order": maybe("asc", "desc"),
        }
    ),
    page=st.integers(1, 5),
    per_page=st.sampled_from([1, 7, 20, 100]),
)
def test_every_question_is_answered_as_the_database_answers_it(generation, query, page, per_page):
    form = ProductQueryForm(query)
    assert form.is_valid()
    expected = list(form.products().values_list("pk", flat=True))
    found = find_page(generation, form.listing(page=page, per_page=per_page))
    assert found.total == len(expected)
    ids = [segment.product_id(row) for segment, row in found.rows]
    assert ids == expected[(page - 1) * per_page : page * per_page]


def test_items_are_what_the_serializer_gives(generation, api):
    from catalog.api.serializers import ProductSerializer
    from catalog.services.product_items import rendered

    for product in Product.objects.all().with_card():
        found = generation.find(product.pk.bytes)
        if product.status != "active":
            assert found is None
        else:
            assert bytes(found[0].item(found[1])) == rendered(ProductSerializer(product).data)


def titles(api, **query):
    return [item["title"] for item in api.get("/api/v1/products/", query).json()["items"]]


def test_an_edit_is_visible_and_a_retired_product_gone_without_a_new_build(api, eager):
    spade, pen = ProductFactory(title="Spade"), ProductFactory(title="Pen")
    indexing.build_catalogue_index()
    assert titles(api, sort="title") == ["Pen", "Spade"]
    spade.title = "Ash spade"
    spade.save()
    ProductFactory(title="Zoo")
    assert titles(api, sort="title") == ["Ash spade", "Pen", "Zoo"]
    retire_products(Product.objects.filter(pk=pen.pk))
    assert titles(api, sort="title") == ["Ash spade", "Zoo"]
    assert api.get(f"/api/v1/products/{pen.pk}/").status_code == 404
    pen.refresh_from_db()
    pen.reactivate()
    assert titles(api, sort="title") == ["Ash spade", "Pen", "Zoo"]


def test_old_edits_and_prices_stay_visible_while_new_ones_come(api, eager, told_from):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        spade, pen, zoo = (ProductFactory(title=title) for title in ("Spade", "Pen", "Zoo"))
        OfferFactory(product=zoo, price=Decimal("9.99"), price_age=timedelta(0))
        indexing.build_catalogue_index(told_from=told_from)
        spade.title = "Ash spade"
        spade.save()
        offer = OfferFactory(product=spade, price=Decimal("14.99"), price_age=timedelta(0))
        for title in ("Pen 2", "Pen 3", "Pen 4"):
            assert "Ash spade" in titles(api)
            clock.shift(timedelta(minutes=5))
            pen.title = title
            pen.save()
            assert titles(api, sort="title") == ["Ash spade", title, "Zoo"]
            assert api.get(f"/api/v1/products/{spade.pk}/").json()["price"] == 14.99
        offer.delete()
        assert api.get(f"/api/v1/products/{spade.pk}/").json()["price"] == 45.0
        retire_products(Product.objects.filter(pk=spade.pk))
        assert titles(api, sort="title") == ["Pen 4", "Zoo"]
        clock.shift(timedelta(minutes=5))
        assert titles(api, sort="title") == ["Pen 4", "Zoo"]
        clock.move_to(timezone.now() - timedelta(minutes=10))  # as a clock that is set right
        zoo.title = "Park"
        zoo.save()
        assert titles(api, sort="title") == ["Park", "Pen 4"]


def test_a_write_in_this_process_is_seen_before_the_next_look(
    api, settings, django_capture_on_commit_callbacks
):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 3_600
    product = ProductFactory()
    indexing.build_catalogue_index()
    assert len(titles(api)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        product.retire()
    assert titles(api) == []


def test_a_renamed_category_is_visible_at_once(api, eager):
    product = ProductFactory()
    indexing.build_catalogue_index()
    assert titles(api) == [product.title]
    Category.objects.update(name="Sheds")
    item = api.get("/api/v1/products/").json()["items"][0]
    assert item["category_name"] == "Sheds"
    indexing.refresh_catalogue_index()
    assert live_index.live() is not None
    assert api.get("/api/v1/products/").json()["items"][0] == item


def test_a_price_is_not_served_a_second_too_long(api, settings, told_from):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 3_600
    with time_machine.travel(timezone.now(), tick=False) as clock:
        offer = OfferFactory(price=Decimal("14.99"), price_age=timedelta(0))
        indexing.build_catalogue_index(told_from=told_from)
        path = f"/api/v1/products/{offer.product_id}/"
        clock.shift(timedelta(minutes=59, seconds=59))
        assert api.get(path).json()["price"] == 14.99
        clock.shift(timedelta(seconds=1))
        for body in (api.get(path).json(), api.get("/api/v1/products/").json()["items"][0]):
            assert (body["price"], body["price_kind"]) == (45.0, "guide")


@pytest.mark.django_db(transaction=True)
def test_without_the_database_lists_are_served_but_no_old_price(api, settings, told_from):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        offer = OfferFactory(price=Decimal("14.99"), price_age=timedelta(0))
        other = ProductFactory(title="Other")
        indexing.build_catalogue_index(told_from=told_from)
        path = f"/api/v1/products/{offer.product_id}/"
        assert api.get(path).json()["price"] == 14.99

        def away(execute, sql, params, many, context):
            raise OperationalError("away")

        with connection.execute_wrapper(away):
            assert api.get(path).json()["price"] == 14.99
            assert other.title in titles(api)
            clock.shift(timedelta(minutes=61))
            assert api.get(path).json()["price"] == 45.0
            assert api.get("/api/v1/categories/").json()["items"][0]["product_count"] == 2


def test_what_the_shop_said_of_all_products_is_in_the_files_for_its_hour_only(api, settings):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 3_600
    with time_machine.travel(timezone.now(), tick=False) as clock:
        fresh = OfferFactory(price=Decimal("14.99"), price_age=timedelta(0))
        OfferFactory(price=Decimal("9.99"), price_age=timedelta(minutes=30))
        indexing.build_catalogue_index(told_from=0)
        generation = live_index.live()
        assert generation.base is not None
        assert generation.overlay is None
        prices = api.get("/api/v1/products/?sort=price").json()["items"]
        assert [item["price"] for item in prices] == [9.99, 14.99]
        clock.shift(timedelta(minutes=31))
        assert len(live_index.live().overlay.arrays["price"]) == 1
        prices = api.get("/api/v1/products/?sort=price").json()["items"]
        assert [item["price"] for item in prices] == [14.99, 45.0]
        fresh.price, fresh.price_fetched_at = Decimal("99.00"), timezone.now()
        fresh.save()
        clock.shift(timedelta(minutes=60))
        prices = api.get("/api/v1/products/?sort=price").json()["items"]
        assert [item["price"] for item in prices] == [45.0, 45.0]
        assert indexing.is_behind()


def test_prices_that_run_out_together_are_left_out_before_they_do(api, settings, monkeypatch):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    monkeypatch.setattr(indexing, "AT_ONCE", 3)
    monkeypatch.setattr(indexing, "FOLD_IN_FROM", 100)

    def shown():
        return [
            (item["price_kind"], item["rating"])
            for item in api.get("/api/v1/products/").json()["items"]
        ]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(3):
            OfferFactory(price=Decimal("9.99"), price_age=timedelta(0), rating=Decimal("4.5"))
        indexing.build_catalogue_index(told_from=0)
        clock.shift(timedelta(minutes=44))
        assert not indexing.is_behind()
        assert shown() == [("live", 4.5)] * 3
        clock.shift(timedelta(minutes=2))
        assert indexing.is_behind(), "a quarter of an hour before"
        indexing.build_catalogue_index(told_from=0)
        assert not indexing.is_behind()
        assert shown() == [("guide", 4.5)] * 3
        clock.shift(timedelta(minutes=20))
        assert shown() == [("guide", 4.5)] * 3
        assert live_index.live().overlay is None, "nothing had to be laid over"


def test_a_price_that_runs_out_alone_is_shown_to_its_end(api, settings, monkeypatch):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    with time_machine.travel(timezone.now(), tick=False) as clock:
        OfferFactory(price=Decimal("9.99"), price_age=timedelta(0))
        clock.shift(timedelta(minutes=50))
        indexing.build_catalogue_index(told_from=0)
        assert not indexing.is_behind()
        clock.shift(timedelta(minutes=9))
        assert api.get("/api/v1/products/").json()["items"][0]["price"] == 9.99


@pytest.mark.django_db
def test_building_takes_no_query_for_each_product():
    def built(count):
        for offer in OfferFactory.create_batch(count):
            Product.objects.filter(pk=offer.product_id).update(source=Product.Source.AMAZON)
        with CaptureQueriesContext(connection) as queries:
            indexing.build_catalogue_index()
        return len(queries)

    assert built(2) == built(10)


@pytest.mark.parametrize("victim", ["items.bin", "order-price-asc.npy", "manifest.json"])
def test_a_damaged_version_is_refused_and_the_last_good_one_stays(api, eager, victim):
    product = ProductFactory()
    indexing.build_catalogue_index()
    good = live_index.live()
    product.title = "Edited"
    product.save()
    version = indexing.build_catalogue_index()
    path = indexing.index_root() / version / victim
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(files.IndexDamaged):
        files.open_index(indexing.index_root(), version)
    assert live_index.live().base is good.base
    assert titles(api) == ["Edited"]
    assert indexing.is_behind()


def test_without_an_index_the_database_answers(api):
    product = ProductFactory()
    assert live_index.live() is None
    assert titles(api) == [product.title]


def test_only_so_many_versions_are_kept(eager):
    for _ in range(4):
        ProductFactory()
        indexing.build_catalogue_index()
    kept = [path for path in indexing.index_root().iterdir() if path.is_dir()]
    assert len(kept) == indexing.KEEP_VERSIONS


def test_an_index_of_nothing_finds_nothing(api, eager):
    indexing.build_catalogue_index()
    assert live_index.live() is not None
    assert titles(api, price_min="1", sort="price") == []
    ProductFactory(title="First")
    assert titles(api, price_min="1", sort="price") == ["First"]


@pytest.mark.parametrize("n_rows", [1, 63, 64, 65, 200])
def test_bits_are_the_rows_they_stand_for(n_rows):
    rows = np.array([row for row in range(n_rows) if row % 3 == 0])
    words = bitsets.from_rows(rows, n_rows)
    assert bitsets.rows_of(words).tolist() == rows.tolist()
    assert bitsets.count(words) == len(rows)
    assert bitsets.count(bitsets.all_rows(n_rows)) == n_rows
    assert bitsets.contains(words, np.arange(n_rows)).tolist() == [
        r % 3 == 0 for r in range(n_rows)
    ]


@pytest.mark.parametrize("query", [{}, {"category": "garden", "sort": "-price"}, {"tag": "red"}])
def test_the_browse_page_shows_the_same_with_and_without_an_index(generation, client, query):
    indexed = client.get("/gifts/", query).context
    live_index.forget()
    (indexing.index_root() / files.POINTER).unlink()
    plain = client.get("/gifts/", query).context
    assert list(indexed["page_obj"]) == list(plain["page_obj"])
    assert indexed["page_obj"].paginator.count == plain["page_obj"].paginator.count
    assert indexed["categories"] == plain["categories"]


def test_price_bounds_hold_wherever_they_fall():
    rng = random.Random(3)
    some = [rng.choice([None, *range(40)]) for _ in range(1_000)]
    segment = Segment.of(
        [
            ProductFacts(
                id=number.to_bytes(16, "big"),
                title_key=b"",
                price=price,
                rating=None,
                popularity=0.0,
                trending=0.0,
                created=0,
                updated=0,
                shelf=0,
                sets=(),
                item=b"{}",
                document=Document(""),
            )
            for number, price in enumerate(some, 1)
        ],
        n_shelves=1,
    )
    for low in [None, *range(-1, 42, 3)]:
        for high in [None, *range(-1, 42, 3)]:
            found = bitsets.rows_of(segment.priced_between(low, high)).tolist()
            assert found == [
                row
                for row, price in enumerate(some)
                if price is not None
                and (low is None or price >= low)
                and (high is None or price <= high)
            ]
