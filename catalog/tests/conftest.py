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
