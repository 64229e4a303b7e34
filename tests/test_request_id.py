"""Each answer carries an id that its log lines carry too."""

import re

import pytest

from tests.small_site import PLAIN_TEMPLATES

pytestmark = pytest.mark.urls("tests.small_site")
OURS = re.compile(r"[0-9a-f]{32}")


@pytest.mark.parametrize("given", ["abcd-1234", "A" * 64, "0" * 8, "3f2c1b0a-1111-2222-3333-4444"])
def test_a_well_formed_id_of_the_client_is_kept(client, given):
    response = client.get("/api/v1/echo", headers={"X-Request-ID": given})
    assert response["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given",
    ["", "short", "A" * 65, "with space", "semi;colon", "é" * 10, "abcdefgh\nx", "../../.."],
)
def test_any_other_is_replaced(client, given):
    response = client.get("/api/v1/echo", headers={"X-Request-ID": given})
    assert OURS.fullmatch(response["X-Request-ID"])


def test_without_one_each_request_gets_its_own(client):
    ids = {client.get("/api/v1/echo")["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(
    "path", ["/page/", "/no/", "/redirecting/", "/broken-page/", "/api/no", "/health", "/page"]
)
def test_pages_errors_redirects_and_probes_carry_it_too(client, settings, path):
    settings.TEMPLATES = PLAIN_TEMPLATES
    client.raise_request_exception = False
    response = client.get(path, headers={"X-Request-ID": "from-the-client"})
    assert response["X-Request-ID"] == "from-the-client"
