"""The admin: quick lists, the shop's facts only while they may be shown, no deleting."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.admin import product
from catalog.models import Category, Product
from catalog.services.starter import load_starter_catalogue
from catalog.tests.factories import CategoryFactory, OfferFactory, ProductFactory, TagFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_superuser(email="staff@example.org", password="x")
    client.force_login(user)
    return client


def page(staff, path, **query):
    response = staff.get(path, query)
    assert response.status_code == 200
    return response


def found(staff, **query):
    return {product.title for product in page(staff, LIST, **query).context["cl"].result_list}


def form_of(staff, path):
    """The change form's own values, as a browser would send them back."""
    context = page(staff, path).context
    form = context["adminform"].form
    data = {
        f"{rows.formset.prefix}-{count}": 0
        for rows in context["inline_admin_formsets"]
        for count in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, list):
            data[name] = [getattr(one, "pk", one) for one in value]
        elif value not in (None, False):
            data[name] = value
    return data


@pytest.mark.parametrize("path", [LIST, "/admin/catalog/category/", "/admin/catalog/tag/"])
def test_fifty_rows_cost_as_many_queries_as_five(staff, path, django_assert_max_num_queries):
    def add(count):
        for _ in range(count):
            category = CategoryFactory(parent=CategoryFactory(slug="top"))
            tag = TagFactory()
            OfferFactory(product__category=category, product__tags=[tag.slug, "gardening"])

    add(5)
    page(staff, path)
    with CaptureQueriesContext(connection) as five:
        page(staff, path)
    add(45)
    # The category filter lists the categories: one query, whatever their number.
    with django_assert_max_num_queries(len(five)):
        page(staff, path)


def test_products_are_found_by_title_brand_and_asin(staff):
    ProductFactory(title="Spade", brand="Acme", asin="B000000777")
    ProductFactory(title="Novel", brand="Other", asin=None)
    for words in ("spade", "acme", "B000000777"):
        assert found(staff, q=words) == {"Spade"}
    assert found(staff, asin__isempty="1") == {"Novel"}


def test_products_that_lack_a_kind_of_tag_are_found(staff):
    ProductFactory(title="With", tags=["gardening"])
    ProductFactory(title="Without")
    assert found(staff, tag_kind="interest") == {"With"}
    assert found(staff, tag_kind="-interest") == {"Without"}
    assert found(staff, tag_kind="-occasion") == {"With", "Without"}


def test_tags_are_looked_for_at_the_top_of_a_long_list_and_in_what_is_filtered(staff, monkeypatch):
    monkeypatch.setattr(product, "LOOKED_AT", 2)
    for place in range(3):
        ProductFactory(title=f"Popular {place}", tags=["gardening"], popularity=0.9)
    ProductFactory(title="Rare", popularity=0.1, source="import")
    assert found(staff, tag_kind="-interest") == set()
    assert "These are not all." in staff.get(LIST, {"tag_kind": "-interest"}).content.decode()
    assert found(staff, tag_kind="-interest", source__exact="import") == {"Rare"}
    assert found(staff, tag_kind="-interest", q="rare") == {"Rare"}
    short = staff.get(LIST, {"tag_kind": "-interest", "source__exact": "import"})
    assert "These are not all." not in short.content.decode()


def test_retiring_and_putting_back_take_two_clicks(staff):
    products = [ProductFactory(), ProductFactory()]
    old = timezone.now() - timedelta(days=1)
    Product.objects.update(updated_at=old)
    chosen = {"_selected_action": [str(product.pk) for product in products]}
    staff.post(LIST, {"action": "retire", **chosen})
    assert set(Product.objects.values_list("status", flat=True)) == {"retired"}
    assert not Product.objects.filter(updated_at=old).exists()
    staff.post(LIST, {"action": "reactivate", **chosen})
    assert set(Product.objects.values_list("status", flat=True)) == {"active"}


def test_nobody_can_delete_a_product(staff):
    product = ProductFactory()
    assert staff.post(f"{LIST}{product.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in page(staff, LIST).content.decode()


def test_a_price_past_its_age_is_not_shown_to_staff_either(staff):
    fresh = OfferFactory(price=Decimal("14.99"), product__guide_price=None)
    old = OfferFactory(price=Decimal("17.77"), price_age=timedelta(hours=2), age=timedelta(days=2))
    assert "£14.99" in page(staff, f"{LIST}{fresh.product_id}/change/").content.decode()
    text = page(staff, f"{LIST}{old.product_id}/change/").content.decode()
    assert "17.77" not in text
    assert "too old to be shown" in text
    assert ">4.5<" not in text


def test_a_product_of_the_starter_catalogue_can_be_edited_and_keeps_the_edit(staff):
    load_starter_catalogue()
    product = Product.objects.filter(asin__isnull=False).first()
    path = f"{LIST}{product.pk}/change/"
    response = staff.post(path, form_of(staff, path) | {"title": "Our own words"})
    assert response.status_code == 302, response.context["adminform"].form.errors
    load_starter_catalogue()
    product.refresh_from_db()
    assert (product.title, product.source) == ("Our own words", "starter")


def test_two_products_without_an_asin_do_not_collide(staff):
    path = reverse("admin:catalog_product_add")
    shelf = CategoryFactory(slug="books").pk
    for title in ("One", "Two"):
        data = form_of(staff, path) | {"title": title, "category": shelf, "asin": ""}
        response = staff.post(path, data)
        assert response.status_code == 302, response.context["adminform"].form.errors
    assert Product.objects.filter(asin=None, source="staff", popularity__gt=0).count() == 2


def test_a_category_cannot_be_put_below_itself(staff):
    top = CategoryFactory(slug="top")
    below = CategoryFactory(slug="below", parent=top)
    path = f"/admin/catalog/category/{top.pk}/change/"
    data = {"name": "Top", "slug": "renamed", "position": 1, "parent": below.pk}
    response = staff.post(path, data)
    assert response.context["adminform"].form.errors["parent"]
    assert Category.objects.get(pk=top.pk).parent is None


def test_categories_stand_in_the_order_of_the_tree(staff):
    second = CategoryFactory(slug="second", position=2)
    first = CategoryFactory(slug="first", position=1)
    CategoryFactory(slug="of-second", position=1, parent=second)
    CategoryFactory(slug="of-first", position=9, parent=first)
    rows = page(staff, "/admin/catalog/category/").context["cl"].result_list
    assert [row.slug for row in rows] == ["first", "of-first", "second", "of-second"]


def test_only_what_the_site_shows_links_to_the_site(staff):
    active, retired = ProductFactory(), ProductFactory(status=Product.Status.RETIRED)
    assert active.get_absolute_url() in page(staff, f"{LIST}{active.pk}/change/").content.decode()
    text = page(staff, f"{LIST}{retired.pk}/change/").content.decode()
    assert retired.get_absolute_url() not in text
