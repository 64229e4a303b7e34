"""`users/me/preferences`: where a search starts when the brief does not say."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/me/preferences"
EMPTY: dict[str, Any] = {
    "interests": [],
    "categories": [],
    "exclude_categories": [],
    "budget_min": None,
    "budget_max": None,
}


def test_preferences_begin_empty(signed_in: APIClient) -> None:
    assert signed_in.get(URL).json() == EMPTY


def test_put_replaces_all_of_them(signed_in: APIClient) -> None:
    CategoryFactory(slug="books")
    wishes = {**EMPTY, "interests": ["jazz"], "categories": ["books"], "budget_max": 40.5}

    assert signed_in.put(URL, wishes).json() == wishes
    assert signed_in.get(URL).json() == wishes
    assert signed_in.put(URL, {}).json() == EMPTY


def test_they_fill_what_a_request_leaves_open_and_give_way_to_what_it_says(
    signed_in: APIClient,
) -> None:
    for price in (10, 50, 200):
        ProductFactory(guide_price=Decimal(price))
    signed_in.put(URL, {"budget_max": 60})

    def prices(**body: object) -> set[float]:
        items = signed_in.post("/api/v1/recommendations/", body).json()["items"]
        return {item["product"]["price"] for item in items}

    assert prices() == {10, 50}
    assert prices(budget_max=20) == {10}
    assert prices(brief="between £40 and £300") == {50, 200}


def test_categories_left_out_stay_out(signed_in: APIClient) -> None:
    toys = CategoryFactory(slug="toys")
    ProductFactory(category=toys)
    kept: Any = ProductFactory()
    signed_in.put(URL, {"exclude_categories": ["toys"]})

    items = signed_in.post("/api/v1/recommendations/", {}).json()["items"]

    assert [item["product"]["id"] for item in items] == [str(kept.pk)]


def test_a_bad_budget_is_refused_and_the_old_one_stays(signed_in: APIClient) -> None:
    signed_in.put(URL, {"budget_max": 40})
    answer = signed_in.put(URL, {"budget_min": 50, "budget_max": 20})

    assert answer.status_code == 422
    assert signed_in.get(URL).json()["budget_max"] == 40


def test_strangers_have_none(api: APIClient) -> None:
    assert api.get(URL).status_code == 401
