"""`load_starter_catalogue`: useful at once, safe at every start, and it never undoes staff."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from catalog.models import Category, Product, Tag
from catalog.services.starter import BrokenStarterCatalogue, load_starter_catalogue
from catalog.tests.factories import CategoryFactory, ProductFactory, TagFactory

pytestmark = pytest.mark.django_db


def row(**changes):
    return {
        "key": "felco-2",
        "asin": "B00023RYS6",
        "marketplace": "amazon.co.uk",
        "title": "Felco 2 secateurs",
        "brand": "Felco",
        "description": "They cut. For gardeners.",
        "category": "garden-tools",
        "tags": ["gardening", "parent"],
        "age_min": 16,
        "age_max": None,
        "guide_price": "45.00",
        "is_adult": False,
        "appeal": 4,
        "search": "Felco 2 secateurs",
    } | changes


@pytest.fixture
def folder(tmp_path):
    """Write a small starter catalogue: `folder(row(), row(...), tags=...)` gives its path."""

    def write(*rows, tag_name="Gardening", category_name="Garden tools"):
        categories = [
            {"slug": "garden-tools", "name": category_name, "parent": "garden", "position": 2},
            {"slug": "garden", "name": "Garden", "parent": None, "position": 1},
        ]
        tags = [
            {"slug": "gardening", "name": tag_name, "kind": "interest"},
            {"slug": "parent", "name": "Parent", "kind": "relationship"},
        ]
        (tmp_path / "products").mkdir(exist_ok=True)
        (tmp_path / "categories.json").write_text(json.dumps(categories))
        (tmp_path / "tags.json").write_text(json.dumps(tags))
        lines = "\n".join(json.dumps(one) for one in rows)
        (tmp_path / "products" / "garden.jsonl").write_text(lines)
        return tmp_path

    return write


def felco():
    return Product.objects.get(source_key="felco-2")


def tag_slugs(product):
    return sorted(product.tags.values_list("slug", flat=True))


def test_the_real_catalogue_loads_and_then_has_nothing_to_do(django_assert_max_num_queries):
    first = load_starter_catalogue()
    assert first.products.created == Product.objects.count() > 400
    assert first.categories.created == Category.objects.count()
    assert first.tags.created == Tag.objects.count()
    assert not first.products.skipped
    touched = set(Product.objects.values_list("pk", "updated_at"))
    with django_assert_max_num_queries(10):
        second = load_starter_catalogue()
    assert second.products.unchanged == first.products.created
    assert (second.products.created, second.products.updated) == (0, 0)
    assert set(Product.objects.values_list("pk", "updated_at")) == touched


def test_new_products_sort_sensibly_at_once(folder):
    load_starter_catalogue(folder(row(), row(key="other", asin=None, appeal=1)))
    popularity = dict(Product.objects.values_list("source_key", "popularity"))
    assert popularity["felco-2"] > popularity["other"] > 0


def test_a_row_becomes_a_product_with_its_tags_and_place(folder):
    load_starter_catalogue(folder(row()))
    product = felco()
    assert (product.category.slug, product.category.parent.slug) == ("garden-tools", "garden")
    assert tag_slugs(product) == ["gardening", "parent"]
    assert (product.asin, str(product.guide_price), product.age_min) == ("B00023RYS6", "45.00", 16)
    assert (product.source, product.status) == ("starter", "active")


def test_a_changed_file_changes_what_staff_left_alone(folder):
    load_starter_catalogue(folder(row()))
    report = load_starter_catalogue(folder(row(title="Felco Model 2", tags=["parent"])))
    assert report.products.updated == 1
    assert felco().title == "Felco Model 2"
    assert tag_slugs(felco()) == ["parent"]


@pytest.mark.parametrize(
    ("field", "mine", "theirs"),
    [
        ("title", "Our secateurs", "Felco Model 2"),
        ("guide_price", "39.00", "50.00"),
        ("age_min", None, 18),
        ("is_adult", True, False),
        ("asin", "B000000001", "B000000002"),
    ],
)
def test_a_field_that_staff_changed_is_never_overwritten(folder, field, mine, theirs):
    load_starter_catalogue(folder(row()))
    Product.objects.update(**{field: mine})
    report = load_starter_catalogue(folder(row(**{field: theirs, "description": "New words."})))
    product = felco()
    kept = getattr(product, field)
    assert (kept if kept is None or isinstance(kept, bool) else str(kept)) == mine
    assert product.description == "New words."
    assert report.products.kept_fields == 1
    load_starter_catalogue(folder(row(**{field: theirs})))
    kept = getattr(felco(), field)
    assert (kept if kept is None or isinstance(kept, bool) else str(kept)) == mine


def test_tags_that_staff_changed_are_theirs(folder):
    load_starter_catalogue(folder(row()))
    felco().tags.remove(Tag.objects.get(slug="parent"))
    load_starter_catalogue(folder(row(tags=["parent"], title="New")))
    assert tag_slugs(felco()) == ["gardening"]
    assert felco().title == "New"


def test_a_field_set_back_to_what_was_loaded_follows_the_file_again(folder):
    load_starter_catalogue(folder(row()))
    Product.objects.update(title="Ours")
    load_starter_catalogue(folder(row(title="Second")))
    Product.objects.update(title="Felco 2 secateurs")
    load_starter_catalogue(folder(row(title="Third")))
    assert felco().title == "Third"


def test_a_retired_product_stays_retired(folder):
    load_starter_catalogue(folder(row()))
    felco().retire()
    load_starter_catalogue(folder(row(title="New")))
    assert (felco().status, felco().title) == ("retired", "New")


def test_names_of_categories_and_tags_follow_the_same_rule(folder):
    load_starter_catalogue(folder(row()))
    Tag.objects.filter(slug="gardening").update(name="Green fingers")
    load_starter_catalogue(folder(row(), tag_name="Garden", category_name="Tools"))
    assert Tag.objects.get(slug="gardening").name == "Green fingers"
    assert Category.objects.get(slug="garden-tools").name == "Tools"


def test_a_word_that_staff_made_first_is_left_as_it_is(folder):
    TagFactory(slug="gardening", name="Green fingers")
    CategoryFactory(slug="garden", name="Outside", position=9)
    load_starter_catalogue(folder(row()))
    assert Tag.objects.get(slug="gardening").name == "Green fingers"
    assert Category.objects.get(slug="garden").name == "Outside"


def test_a_product_whose_asin_is_taken_is_left_out_and_named(folder):
    ProductFactory(asin="B00023RYS6")
    report = load_starter_catalogue(folder(row()))
    assert report.products.skipped == ("felco-2",)
    assert not Product.objects.filter(source="starter").exists()


def test_a_product_that_left_the_files_stays(folder):
    load_starter_catalogue(folder(row()))
    load_starter_catalogue(folder(row(key="other", asin=None)))
    assert felco().status == "active"


def test_a_dry_run_writes_nothing_and_says_what_it_would_do():
    out = StringIO()
    call_command("load_starter_catalogue", "--dry-run", stdout=out)
    assert "Nothing is written" in out.getvalue()
    assert not Product.objects.exists()
    assert not Category.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(folder, django_assert_max_num_queries):
    load_starter_catalogue(folder())
    for count in (1, 40):
        rows = [row(key=f"k{count}-{n}", asin=None) for n in range(count)]
        with django_assert_max_num_queries(16):
            load_starter_catalogue(folder(*rows))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category": "garden-tool"}, "the nearest is garden-tools"),
        ({"tags": ["gardning"]}, "the nearest is gardening"),
        ({"asin": "B00023RYS"}, "asin"),
        ({"key": ""}, "lacks key"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_nothing_is_written(folder, changes, words):
    with pytest.raises(BrokenStarterCatalogue, match=r"garden\.jsonl, line 2.*" + words):
        load_starter_catalogue(folder(row(), row(key="b", asin="B000000009") | changes))
    assert not Category.objects.exists()


def test_a_key_may_stand_in_the_files_once(folder):
    with pytest.raises(
        BrokenStarterCatalogue, match=r"line 2: felco-2 stands in garden\.jsonl, line 1"
    ):
        load_starter_catalogue(folder(row(), row()))
