"""Every product has a picture of ours, also in a category that nobody has drawn."""

import pytest

from catalog.models import Category
from catalog.services.starter import load_starter_catalogue
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db


def test_a_product_shows_the_drawing_of_its_category():
    assert ProductFactory().picture_url == "/static/img/categories/garden-tools.svg"


def test_a_category_without_a_drawing_borrows_that_of_the_one_above():
    ours = CategoryFactory(slug="tree-houses", parent=CategoryFactory(slug="garden-and-outdoors"))
    picture = ProductFactory(category=ours).picture_url
    assert picture == "/static/img/categories/garden-and-outdoors.svg"


def test_a_new_category_at_the_top_shows_the_general_drawing():
    picture = ProductFactory(category=CategoryFactory(slug="curios")).picture_url
    assert picture == "/static/img/categories/home-comforts.svg"


def test_the_front_page_shows_the_general_drawing_for_a_shelf_that_nobody_has_drawn(client):
    CategoryFactory(slug="curios", name="Curios")
    page = client.get("/").content.decode()
    assert "Curios" in page
    assert "curios.svg" not in page, "a missing file, which production refuses to name"


def test_every_category_of_the_starter_catalogue_is_drawn():
    load_starter_catalogue()
    undrawn = [
        row.slug
        for row in Category.objects.all()
        if row.slug not in ProductFactory(category=row).picture_url
    ]
    assert undrawn == []
