"""Answers to judged searches over the starter catalogue."""

import pytest
from django.core.management import call_command
from django.db import connection

from catalog.models import Product
from catalog.services import indexing
from catalog.tests.judging import (
    JUDGED,
    by_containing,
    by_full_text,
    by_index,
    by_ranked_full_text,
    quality,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter():
    call_command("load_starter_catalogue", verbosity=0)
    indexing.build_catalogue_index()


def test_the_judgements_name_products_that_are_there(starter):
    keys = set(Product.objects.values_list("source_key", flat=True))
    named = {key for search in JUDGED for key in search["relevant"]}
    assert named - keys == set()
    assert all(set(search["relevant"].values()) <= {1, 2, 3} for search in JUDGED)
    assert len({search["query"] for search in JUDGED}) == len(JUDGED) >= 60


def test_answers_are_good_and_better_than_comparing_letters(starter):
    ours = quality(by_index)
    assert ours >= 0.85
    assert ours > quality(by_containing)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks its full text search")
def test_answers_are_better_than_those_of_the_database(starter):
    assert quality(by_index) > max(quality(by_full_text), quality(by_ranked_full_text))
