"""Lists come in pages whose numbers can be trusted."""

import pytest
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny

from accounts.models import User

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


class Row(serializers.Serializer):
    email = serializers.EmailField()


class Users(ListAPIView):
    permission_classes = (AllowAny,)
    authentication_classes = ()
    serializer_class = Row
    queryset = User.objects.order_by("email")


urlpatterns = [path("api/v1/users/", Users.as_view())]


@pytest.fixture
def forty_five():
    User.objects.bulk_create(User(email=f"{number:02}@example.com") for number in range(45))


def test_a_page_says_where_it_stands(client, forty_five):
    body = client.get("/api/v1/users?page=2&per_page=10").json()
    assert [row["email"][:2] for row in body.pop("items")] == [f"{n}" for n in range(10, 20)]
    assert body == {"total": 45, "page": 2, "per_page": 10, "pages": 5}


def test_twenty_rows_unless_asked_otherwise(client, forty_five):
    body = client.get("/api/v1/users").json()
    assert (len(body["items"]), body["page"], body["per_page"], body["pages"]) == (20, 1, 20, 3)


@pytest.mark.parametrize("number", [6, 999_999_999])
def test_a_page_past_the_end_is_empty(client, forty_five, number):
    response = client.get(f"/api/v1/users?page={number}&per_page=10")
    assert response.status_code == 200
    assert response.json() == {"items": [], "total": 45, "page": number, "per_page": 10, "pages": 5}


def test_an_empty_list_has_no_pages(client):
    body = client.get("/api/v1/users").json()
    assert body == {"items": [], "total": 0, "page": 1, "per_page": 20, "pages": 0}


@pytest.mark.parametrize("query", ["page=1", "per_page=1", "per_page=100", "page=007"])
def test_the_bounds_are_taken(client, query):
    assert client.get(f"/api/v1/users?{query}").status_code == 200


@pytest.mark.parametrize(
    "value", ["0", "-1", "", "x", "1.5", "+1", " 1", "1_000", "٣", "²", "1e3", "9" * 400, "%00"]
)
@pytest.mark.parametrize("name", ["page", "per_page"])
def test_anything_else_is_422(client, name, value):
    response = client.get("/api/v1/users", {name: value})
    assert response.status_code == 422
    assert [row["field"] for row in response.json()["errors"]] == [name]


def test_both_mistakes_are_named_at_once(client):
    errors = client.get("/api/v1/users?page=0&per_page=101").json()["errors"]
    assert [row["field"] for row in errors] == ["page", "per_page"]


@pytest.mark.parametrize("per_page", [1, 40])
def test_the_number_of_queries_does_not_grow(
    client, forty_five, django_assert_num_queries, per_page
):
    with django_assert_num_queries(2):
        client.get(f"/api/v1/users?per_page={per_page}")
