"""What Amazon says of a gift reaches no artefact, index or log unless the operator says so."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as site
from django.utils import timezone

from catalog.models import Product
from catalog.services import indexing, live_index
from catalog.tests.factories import OfferFactory, ProductFactory
from recommendations.services import training

pytestmark = pytest.mark.django_db
SECRET = "Zyxwvut"


@pytest.fixture
def told():
    product = ProductFactory(
        guide_price=None,
        source="amazon",
        title="Mug",
        loaded_values={"title": "Mug"},
        description="",
    )
    OfferFactory(
        product=product,
        title=f"{SECRET} mug",
        image_url=f"https://m.media-amazon.com/{SECRET}.jpg",
        age=timedelta(0),
        price_age=timedelta(0),
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
    assert live_index.live() is not None
    folders = [
        Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"]),
        Path(settings.CATALOGUE_INDEX_DIR),
        Path(site.VAR_DIR),
    ]
    assert any(folders[0].rglob("*"))
    assert [name for folder in folders for name in written(folder)] == []
    assert SECRET not in caplog.text + "".join(capfd.readouterr())
    assert Product.objects.with_card().get().shown_title.startswith(SECRET)


def test_an_index_that_answers_with_it_shows_and_keeps_it_no_longer_than_allowed(
    told, settings, api, monkeypatch
):
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    monkeypatch.setattr(indexing, "TOLD_FROM", 1)
    folder, began = Path(settings.CATALOGUE_INDEX_DIR), timezone.now()

    def after(**later):
        """What the index, rebuilt or not, answers then."""
        with time_machine.travel(began + timedelta(**later), tick=False):
            assert live_index.live() is not None
            return api.get("/api/v1/products/").json()["items"][0]

    indexing.build_catalogue_index(told_from=1)
    assert written(folder)
    assert after(minutes=59)["price_as_of"]
    assert after(minutes=61)["price_as_of"] is after(minutes=61)["price"] is None
    assert after(hours=23)["title"].startswith(SECRET)
    with time_machine.travel(began + timedelta(hours=23, minutes=45), tick=False):
        assert indexing.refresh_catalogue_index() is None or not written(folder)
    with time_machine.travel(began + timedelta(hours=23, minutes=51), tick=False):
        indexing.refresh_catalogue_index()
    assert not written(folder)
    assert after(hours=24, minutes=1)["title"] == "Mug"


def test_what_a_killed_builder_left_goes_with_the_next_version(told, settings):
    indexing.build_catalogue_index()
    left = Path(settings.CATALOGUE_INDEX_DIR) / ".building-killed"
    left.mkdir()
    (left / "told-items.bin").write_text(SECRET)
    indexing.build_catalogue_index()
    assert left.exists(), "it may be at work still"
    os.utime(left, (0, 0))
    indexing.build_catalogue_index()
    assert not left.exists()


def test_the_operator_s_switch_lets_titles_into_what_is_trained(told, settings):
    settings.TRAIN_ON_AMAZON_CONTENT = True
    with training.building(reuse=None) as artifact:
        assert any(SECRET in item.title for item in artifact.items)
