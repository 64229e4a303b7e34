"""Every API path answers with and without its final slash, for every method, at once."""

import pytest

from tests.small_site import PLAIN_TEMPLATES

pytestmark = pytest.mark.urls("tests.small_site")


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_no_method_is_redirected(client, method, slash):
    response = getattr(client, method)(f"/api/v1/echo{slash}", content_type="application/json")
    assert response.status_code == (201 if method == "post" else 200)


def test_the_query_survives(client):
    assert client.get("/api/v1/echo?a=1").json() == {"path": "/api/v1/echo/"}


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
@pytest.mark.django_db
def test_operators_paths_as_well(client, path):
    assert client.get(path).status_code == client.get(path + "/").status_code == 200


def test_pages_keep_one_address(client, settings):
    settings.TEMPLATES = PLAIN_TEMPLATES
    response = client.get("/page")
    assert (response.status_code, response["Location"]) == (301, "/page/")
