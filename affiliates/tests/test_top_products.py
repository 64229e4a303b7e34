"""The most clicked products are the same by a few looks at the tallies as by adding all up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliates.models import Click, ProductTally, TallyMark
from affiliates.services import top_products as module
from affiliates.services.click_counts import ranked
from affiliates.services.raw_counts import Counts
from affiliates.services.top_products import counts_of, floors, top_products
from affiliates.tests.factories import ClickFactory, ProductFactory

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 1, 30), date(2026, 3, 4)
MARK = datetime(2026, 3, 4, 2, tzinfo=UTC)
# How this period is cut: days, the month between, days, hours. Then come the clicks themselves.
SPANS = [
    ("day", datetime(2026, 1, 30, tzinfo=UTC)),
    ("day", datetime(2026, 1, 31, tzinfo=UTC)),
    ("month", datetime(2026, 2, 1, tzinfo=UTC)),
    *(("day", datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 2, 3)),
    *(("hour", datetime(2026, 3, 4, hour, tzinfo=UTC)) for hour in (0, 1)),
]
N_PRODUCTS = 8
# Few values, for many ties; some high ones, for lists that end soon.
count = st.one_of(st.integers(0, 3), st.integers(0, 40))
tallies = st.dictionaries(
    st.tuples(st.sampled_from(range(len(SPANS))), st.integers(0, N_PRODUCTS - 1)),
    st.tuples(count, count),
    max_size=40,
)
clicks_since = st.lists(st.tuples(st.integers(0, N_PRODUCTS - 1), st.booleans()), max_size=6)


def test_they_are_the_first_of_all_whatever_ties_there_are():
    products = [ProductFactory() for _ in range(N_PRODUCTS)]
    TallyMark.objects.create(counted_until=MARK)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        tallies=tallies,
        since=clicks_since,
        number=st.integers(1, N_PRODUCTS + 1),
        most=st.sampled_from([0, 2, module.MOST_CANDIDATES]),
    )
    def check(tallies, since, number, most):
        totals = write(tallies, since, products)
        found = top_products(number, first=FIRST, last=LAST, most_candidates=most)
        assert found == ranked(totals.items())[:number]
        some = [product.pk for product in products[:number]]
        of_some = {pk: totals[pk] for pk in some if pk in totals}
        assert counts_of(some, first=FIRST, last=LAST) == of_some

    check()


def write(tallies, since, products):
    ProductTally.objects.all().delete()
    Click.objects.all().delete()
    totals = {}
    rows = []
    for (place, product), (counted, others) in tallies.items():
        span, start = SPANS[place]
        counts = Counts(counted + others, counted)
        pk = products[product].pk
        rows.append(
            ProductTally(
                span=span, start=start, product_id=pk, clicks=counts.clicks, counted=counts.counted
            )
        )
        totals[pk] = totals.get(pk, Counts()) + counts
    # In spans that the period does not take in, or takes in as others.
    for span, start in (
        ("day", datetime(2026, 1, 29, tzinfo=UTC)),
        ("day", datetime(2026, 2, 9, tzinfo=UTC)),
        ("month", datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        rows.append(
            ProductTally(span=span, start=start, product_id=products[-1].pk, clicks=99, counted=99)
        )
    ProductTally.objects.bulk_create(rows)
    for product, is_ignored in since:
        pk = products[product].pk
        ClickFactory(
            product=products[product], ignored=is_ignored, created_at=MARK + timedelta(hours=1)
        )
        totals[pk] = totals.get(pk, Counts()) + Counts(1, int(not is_ignored))
    return totals


@given(heads=st.lists(st.integers(0, 1_000), max_size=60), least=st.integers(1, 5_000))
def test_floors_never_hide_what_the_last_product_has(heads, least):
    found = floors(heads, less_than=least)
    assert sum(found) < least
    assert all(0 <= floor <= head for floor, head in zip(found, heads, strict=True))


def test_what_they_cost_does_not_grow_with_the_products():
    """One query for the mark, one for the heads of the lists, one for the candidates."""
    TallyMark.objects.create(counted_until=MARK)
    products = [ProductFactory() for _ in range(30)]
    ProductTally.objects.bulk_create(
        ProductTally(span=span, start=start, product=product, clicks=2 * number, counted=number)
        for number, product in enumerate(products)
        for span, start in SPANS
    )
    with CaptureQueriesContext(connection) as seen:
        found = top_products(5, first=FIRST, last=LAST)
    assert [pk for pk, _counts in found] == [product.pk for product in products[:-6:-1]]
    read = [query for query in seen if query["sql"].startswith(("SELECT", "WITH"))]
    assert len(read) == 3


def test_a_period_of_more_spans_than_one_query_takes_is_added_up_whole(monkeypatch):
    monkeypatch.setattr(module, "MOST_LISTS", 3)
    products = [ProductFactory() for _ in range(3)]
    TallyMark.objects.create(counted_until=MARK)
    totals = write({(0, 0): (5, 1), (2, 1): (7, 0), (6, 2): (7, 1)}, [(1, False)], products)
    found = top_products(2, first=FIRST, last=LAST)
    assert found == ranked(totals.items())[:2]
    assert [pk for pk, _counts in found] == [products[1].pk, products[2].pk]
    last = products[2].pk
    assert counts_of([last], first=FIRST, last=LAST) == {last: totals[last]}


def test_before_anything_is_tallied_clicks_are_read_themselves():
    product = ProductFactory()
    ClickFactory(product=product, created_at=MARK)
    assert top_products(3, first=FIRST, last=LAST) == [(product.pk, Counts(1, 1))]
    assert counts_of([product.pk], first=FIRST, last=LAST) == {product.pk: Counts(1, 1)}
    assert counts_of([], first=FIRST, last=LAST) == {}
