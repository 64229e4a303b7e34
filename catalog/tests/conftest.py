import pytest

# The page templates show what the upper floor gives them; what the catalogue hands to them can be
# seen without it.
PAGES = {
    "catalog/browse.html": "{{ form.errors }}{% for p in page_obj %}<li>{{ p.title }}{% endfor %}",
    "catalog/product_detail.html": "{{ product.title }}",
}


@pytest.fixture(autouse=True)
def plain_links(settings):
    settings.PRODUCT_LINK_BUILDER = "catalog.tests.links.product_link"
    settings.SEARCH_MEANING = ""
    settings.LIMITS_ENABLED = False


@pytest.fixture
def plain_pages(settings):
    engine = {**settings.TEMPLATES[0], "APP_DIRS": False}
    loaders = [
        ("django.template.loaders.locmem.Loader", PAGES),
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    engine["OPTIONS"] = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [engine]


@pytest.fixture
def api():
    from rest_framework.test import APIClient

    return APIClient()


@pytest.fixture(params=["database", "index", "overlay"])
def any_api(request, settings):
    """The API as it answers from the database, from an index that holds all, and from one that
    was built before there was anything, so that all lies in the overlay."""
    from rest_framework.test import APIClient

    from catalog.services import indexing, live_index

    class FreshlyIndexed(APIClient):
        def get(self, *args, **kwargs):
            indexing.build_catalogue_index()
            live_index.forget()
            assert live_index.live() is not None
            return super().get(*args, **kwargs)

    class Overlaid(APIClient):
        def get(self, *args, **kwargs):
            if (build := live_index.live()) is None or not build.overlay:
                indexing.build_catalogue_index(products=Product.objects.none())
                live_index.forget()
            assert live_index.live() is not None
            return super().get(*args, **kwargs)

    from catalog.models import Product

    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    return {"database": APIClient, "index": FreshlyIndexed, "overlay": Overlaid}[request.param]()
