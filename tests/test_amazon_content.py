"""What Amazon says of a gift reaches no artefact, index or log unless the operator says so."""

from pathlib import Path

import pytest
from django.conf import settings as site

from catalog.models import Product
from catalog.services import indexing, searching
from catalog.tests.factories import OfferFactory, ProductFactory
from recommendations.services import training

pytestmark = pytest.mark.django_db
SECRET = "Zyxwvut"


@pytest.fixture
def told():
    product = ProductFactory(
        source="amazon", title="Mug", loaded_values={"title": "Mug"}, description=""
    )
    OfferFactory(
        product=product, title=f"{SECRET} mug", image_url=f"https://m.media-amazon.com/{SECRET}.jpg"
    )
    return product


def written(folder: Path) -> list[str]:
    wanted = SECRET.lower().encode()
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and wanted in path.read_bytes().lower()
    ]


def test_it_reaches_no_file_and_no_log(told, settings, caplog, capfd):
    caplog.set_level("DEBUG")
    training.train()
    indexing.build_catalogue_index()
    searching.forget()
    folders = [
        Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"]),
        Path(settings.CATALOGUE_INDEX_DIR),
        Path(site.VAR_DIR),
    ]
    assert any(folders[0].rglob("*"))
    assert [name for folder in folders for name in written(folder)] == []
    assert SECRET not in caplog.text + "".join(capfd.readouterr())
    assert Product.objects.with_card().get().shown_title.startswith(SECRET)


def test_the_operator_s_switch_lets_titles_into_what_is_trained(told, settings):
    settings.TRAIN_ON_AMAZON_CONTENT = True
    artifact = training.build(reuse=None)
    assert any(SECRET in item.title for item in artifact.items)
