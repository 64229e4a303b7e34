"""`import_products`: all or nothing, every refusal with its line, nothing lost."""

import csv
import gzip
import json
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Product
from catalog.services.importing import import_products
from catalog.services.row_files import COLUMNS, UnusableFile
from catalog.tests.factories import CategoryFactory, ProductFactory, TagFactory

pytestmark = pytest.mark.django_db
ROW = {
    "key": "mug-1",
    "asin": "B00004RFLA",
    "title": "Blue mug",
    "brand": "Acme",
    "description": "Holds tea. For anyone who drinks it.",
    "category": "drinkware",
    "tags": "tea|parent",
    "guide_price": "12.50",
    "appeal": "4",
    "age_min": "3",
}


@pytest.fixture(autouse=True)
def vocabulary():
    CategoryFactory(slug="drinkware")
    TagFactory(slug="tea")
    TagFactory(slug="parent")


@pytest.fixture
def as_csv(tmp_path):
    def write(*rows, name="gifts.csv", header=None):
        path = tmp_path / name
        text = StringIO()
        writer = csv.DictWriter(text, header or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        content = text.getvalue().encode()
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    return write


@pytest.fixture
def as_json(tmp_path):
    def write(*rows):
        path = tmp_path / "gifts.jsonl"
        path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
        return path

    return write


@pytest.fixture
def raw(tmp_path):
    def write(content, name="gifts.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def complaints(path, **options):
    report = import_products(path, **options)
    return [(problem.line, problem.column, problem.reason) for problem in report.problems]


def test_a_row_becomes_a_product(as_csv):
    report = import_products(as_csv(ROW))
    assert (report.created, report.is_written) == (1, True)
    product = Product.objects.get()
    assert (product.title, product.asin, product.source_key) == ("Blue mug", "B00004RFLA", "mug-1")
    assert (product.category.slug, str(product.guide_price), product.appeal) == (
        "drinkware",
        "12.50",
        4,
    )
    assert sorted(product.tags.values_list("slug", flat=True)) == ["parent", "tea"]
    assert (product.source, product.status, product.marketplace) == (
        "import",
        "active",
        "amazon.co.uk",
    )
    assert product.popularity > 0.5


def test_json_lines_and_gzip_say_the_same(as_csv, as_json):
    import_products(as_csv(ROW, name="gifts.csv.gz"))
    report = import_products(as_json(ROW | {"tags": ["parent", "tea"], "guide_price": 12.5}))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)


def test_the_same_file_twice_changes_nothing(as_csv):
    path = as_csv(ROW)
    import_products(path)
    touched = Product.objects.get().updated_at
    report = import_products(path)
    assert (report.unchanged, report.updated) == (1, 0)
    assert Product.objects.get().updated_at == touched


def test_a_product_is_found_by_its_asin_whatever_its_source(as_csv):
    ProductFactory(asin="B00004RFLA", source="starter", source_key="x", title="Old", brand="Kept")
    import_products(as_csv({"asin": "B00004RFLA", "title": "New"}))
    product = Product.objects.get()
    assert (product.title, product.brand, product.source) == ("New", "Kept", "starter")


def test_a_product_is_found_by_its_key_when_its_asin_changed(as_csv):
    import_products(as_csv(ROW))
    import_products(as_csv(ROW | {"asin": "B00004RFLB"}))
    assert Product.objects.get().asin == "B00004RFLB"


def test_the_same_asin_in_another_store_is_another_product(as_csv):
    rows = [ROW, ROW | {"key": "mug-2", "marketplace": "amazon.com"}]
    import_products(as_csv(*[{"marketplace": "amazon.co.uk"} | row for row in rows]))
    assert Product.objects.count() == 2


def test_an_empty_cell_leaves_what_is_there_and_null_empties_it(as_csv, as_json):
    import_products(as_csv(ROW))
    import_products(as_csv(ROW | {"brand": "", "guide_price": "", "tags": ""}))
    product = Product.objects.get()
    assert (product.brand, str(product.guide_price), product.tags.count()) == ("Acme", "12.50", 2)
    import_products(as_json({"key": "mug-1", "guide_price": None, "tags": []}))
    product = Product.objects.get()
    assert (product.guide_price, product.tags.count()) == (None, 0)


def test_a_status_can_retire_and_is_otherwise_left_alone(as_csv):
    import_products(as_csv(ROW | {"status": "retired"}))
    assert Product.objects.get().status == "retired"
    import_products(as_csv(ROW | {"title": "Other"}))
    assert Product.objects.get().status == "retired"


def test_with_one_bad_row_nothing_is_written(as_csv):
    path = as_csv(ROW, ROW | {"key": "b", "asin": "", "category": "drinkwear"})
    report = import_products(path)
    assert (report.rows, report.bad_rows, report.is_written) == (2, 1, False)
    assert not Product.objects.exists()


def test_bad_rows_can_be_skipped_and_the_good_ones_kept(as_csv):
    bad = {"key": "b", "asin": "", "appeal": "9"}
    report = import_products(as_csv(ROW, ROW | bad, ROW | {"key": "c", "asin": ""}), skip_bad=True)
    assert (report.created, report.bad_rows, report.is_written) == (2, 1, True)
    assert set(Product.objects.values_list("source_key", flat=True)) == {"mug-1", "c"}


def test_a_dry_run_counts_and_writes_nothing(as_csv):
    report = import_products(as_csv(ROW), dry_run=True)
    assert (report.created, report.is_written) == (1, False)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"category": "drinkwear"}, "category", "the nearest is drinkware"),
        ({"tags": "tea|parnt"}, "tags", "the nearest is parent"),
        ({"title": "<b>Mug</b>"}, "title", "HTML"),
        ({"title": "Mug &lt;script&gt;"}, "title", "HTML"),
        ({"title": "Mug\x00"}, "title", "U+0000"),
        ({"title": "Mug \u202etxt"}, "title", "U+202E"),
        ({"title": "m" * 201}, "title", "longer than 200"),
        ({"description": "m" * 20_000}, "description", "longer than 2000"),
        ({"asin": "\u041200004RFLA"}, "asin", "CYRILLIC CAPITAL LETTER VE"),
        ({"asin": "B00004RFL"}, "asin", "10 capital letters and digits"),
        ({"guide_price": "£12"}, "guide_price", "without a currency sign"),
        ({"guide_price": "-1"}, "guide_price", "an amount"),
        ({"guide_price": "NaN"}, "guide_price", "an amount"),
        ({"appeal": "6"}, "appeal", "from 1 to 5"),
        ({"age_min": "9", "age_max": "3"}, "age_min", "above age_max"),
        ({"is_adult": "perhaps"}, "is_adult", "true or false"),
        ({"status": "gone"}, "status", "draft, active, retired"),
        ({"marketplace": "amazon.uk"}, "marketplace", "amazon.co.uk"),
        ({"key": "", "asin": ""}, "", "a key or an ASIN"),
    ],
)
def test_a_bad_cell_is_named_with_its_line_column_and_reason(as_csv, changes, column, words):
    first = dict.fromkeys((*ROW, *changes), "") | ROW
    path = as_csv(first, first | {"key": "b", "asin": ""} | changes)
    ((line, named, reason),) = complaints(path)
    assert (line, named) == (3, column)
    assert words in reason


def test_a_heart_in_a_title_is_no_html(as_csv):
    import_products(as_csv(ROW | {"title": "I <3 tea &amp; cake"}))
    assert Product.objects.get().title == "I <3 tea & cake"


def test_a_row_that_stands_in_the_file_twice_is_named_with_the_first(as_csv):
    same_key, same_asin = ROW | {"asin": "B00004RFLB"}, ROW | {"key": "other"}
    found = complaints(as_csv(ROW, same_key, same_asin))
    assert found == [
        (3, "key", "stands in line 2 already"),
        (4, "asin", "stands in line 2 already"),
    ]


def test_a_key_and_an_asin_of_two_products_contradict_each_other(as_csv):
    import_products(as_csv(ROW))
    ProductFactory(asin="B00004RFLB", title="Teapot")
    ((_line, column, reason),) = complaints(as_csv(ROW | {"asin": "B00004RFLB"}))
    assert column == "asin"
    assert "Teapot" in reason


def test_a_new_product_needs_a_title_and_a_category(as_csv):
    assert [c[1] for c in complaints(as_csv({"key": "x", "title": "Only a title"}))] == ["category"]


def test_a_record_over_several_lines_does_not_shift_the_line_numbers(as_csv):
    rows = [ROW | {"description": "One.\nTwo.\nThree."}, ROW | {"key": "b", "asin": "bad"}]
    assert [c[0] for c in complaints(as_csv(*rows))] == [5]
    import_products(as_csv(rows[0]))
    assert Product.objects.get().description == "One.\nTwo.\nThree."


def test_bytes_that_are_not_utf8_are_named_where_they_stand(raw):
    content = "key,title,category\na,Café,drinkware\nb,Mug,drinkware\n".encode("latin-1")
    ((line, column, reason),) = complaints(raw(content))
    assert (line, column) == (2, "title")
    assert "UTF-8" in reason


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"key,title,category\na,Mug\n", 2, "2 cells"),
        (b"key,title,category\na,Mug,drinkware,more\n", 2, "4 cells"),
        (b'key,title,category\na,"Mug,drinkware\nb,Cup,drinkware\n', 2, "never closed"),
        (b'key,title,category\na,"Mug"x,drinkware\n', 2, "cannot be read"),
    ],
)
def test_a_broken_record_is_named(raw, content, line, words):
    ((found, _column, reason),) = complaints(raw(content))
    assert found == line
    assert words in reason


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{not json", "is not JSON"),
        ("[1, 2]", "must be a JSON object"),
        ("[" * 100_000, "is not JSON"),
        ('{"key": "b", "titel": "x"}', "did you mean title"),
        ('{"key": "b", "guide_price": NaN}', "is not JSON"),
        ('{"key": "b", "title": {"a": 1}, "category": "drinkware"}', "must be text"),
        ('{"key": "b", "title": "Mug \\ud800", "category": "drinkware"}', "UTF-8"),
        ('{"key": "b", "title": "M", "category": "drinkware", "appeal": true}', "whole number"),
    ],
)
def test_a_broken_json_line_is_named(as_json, line, words):
    ((number, _column, reason),) = complaints(as_json(ROW, line))
    assert number == 2
    assert words in reason


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "gifts.csv", "empty"),
        (b"a,Blue mug,drinkware\n", "gifts.csv", "first line must name columns"),
        (b"key,titel,category\n", "gifts.csv", "did you mean title"),
        (b"key,title,title\n", "gifts.csv", "twice"),
        (b"title,category\n", "gifts.csv", "asin or key"),
        (b"key,title,price\n", "gifts.csv", "guide_price"),
        (b'{"key": "a", "rating": 5}', "gifts.jsonl", "guide_price"),
        ("key,title".encode("utf-16"), "gifts.csv", "UTF-16"),
        (b"key,title\na,b\n", "gifts.xlsx", "must end in .csv"),
        (b"not gzip", "gifts.csv.gz", "damaged"),
        (gzip.compress(b"key,title,category\n" * 999, mtime=0)[:-9], "gifts.csv.gz", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(raw, content, name, words):
    with pytest.raises(UnusableFile, match=words):
        import_products(raw(content, name))


def test_a_gzip_bomb_is_refused(raw, monkeypatch):
    monkeypatch.setattr("catalog.services.row_files.MAX_UNPACKED_BYTES", 1_000_000)
    row = b"k,Mug,drinkware," + b"a" * 1_000 + b"\n"
    content = b"key,title,category,description\n" + row * 2_000
    with pytest.raises(UnusableFile, match="unpacked"):
        import_products(raw(gzip.compress(content, mtime=0), "gifts.csv.gz"))


def test_a_file_with_semicolons_or_a_byte_order_mark_is_read(raw):
    content = "\ufeffkey;title;category\na;Blue mug;drinkware\n".encode()
    assert import_products(raw(content)).created == 1


def test_more_rows_than_a_batch_are_all_there(as_csv):
    rows = [ROW | {"key": f"k{n}", "asin": "", "title": f"Mug {n}"} for n in range(2_300)]
    report = import_products(as_csv(*rows))
    assert report.created == Product.objects.count() == 2_300


def run(*args):
    out, err = StringIO(), StringIO()
    try:
        call_command("import_products", *map(str, args), stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    return 0, out.getvalue(), err.getvalue()


def test_the_command_ends_with_0_when_all_is_in_the_catalogue(as_csv):
    code, out, _err = run(as_csv(ROW))
    assert code == 0
    assert "1 rows: 1 new" in out


def test_the_command_ends_with_1_and_the_list_when_rows_are_bad(as_csv):
    bad = ROW | {"key": "b", "asin": "bad"}
    code, _out, err = run(as_csv(ROW, bad))
    assert code == 1
    assert "line 3, asin: an ASIN has 10" in err
    assert "nothing is written" in err
    assert run("--skip-bad", as_csv(ROW, bad))[0] == 1
    assert Product.objects.count() == 1


def test_the_command_ends_with_2_when_the_file_cannot_be_used(tmp_path):
    code, _out, err = run(tmp_path / "nowhere.csv")
    assert code == 2
    assert "No such file" in err


CELLS = st.one_of(
    st.text(max_size=40), st.sampled_from(["drinkware", "tea|parent", "B00004RFLA", "3", "<b>"])
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, CELLS)), min_size=1, max_size=4
    ),
    skip_bad=st.booleans(),
)
def test_whatever_the_cells_hold_every_row_is_counted_once(as_csv, rows, skip_bad):
    path = as_csv(*rows, header=COLUMNS)
    before = Product.objects.count()
    try:
        report = import_products(path, skip_bad=skip_bad)
    except UnusableFile:
        return
    assert report.created + report.updated + report.unchanged + report.bad_rows == report.rows
    assert Product.objects.count() == before + report.created * report.is_written


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.jsonl", "a.csv.gz"]))
def test_no_bytes_make_the_import_fail_in_another_way(raw, content, name):
    header = b"key,title,category\n" if name == "a.csv" else b""
    with suppress(UnusableFile):
        import_products(raw(header + content, name))
