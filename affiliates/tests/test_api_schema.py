"""The OpenAPI document tells an app everything about clicks and their report."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def document():
    GENERATOR_STATS.reset()
    return SchemaGenerator().get_schema(request=None, public=True)


def resolved(document, schema):
    name = schema["$ref"].rsplit("/", 1)[-1]
    return document["components"]["schemas"][name]


def test_recording_a_click_is_described(document):
    click = document["paths"]["/api/v1/affiliates/clicks/"]["post"]
    body = resolved(document, click["requestBody"]["content"]["application/json"]["schema"])
    assert set(body["required"]) == {"product_id", "placement"}
    assert set(body["properties"]) == {
        "product_id",
        "placement",
        "recommendation_id",
        "swipe_session_id",
        "position",
        "idempotency_key",
        "marketplace",
        "campaign",
        "experiment_arm",
    }
    assert body["properties"]["placement"]["maxLength"] == 32
    answer = resolved(document, click["responses"]["201"]["content"]["application/json"]["schema"])
    assert set(answer["required"]) == {"id", "url"}
    assert {"201", "400", "404", "409", "413", "415", "422", "429"} <= set(click["responses"])
    assert {} in click["security"]


def test_the_report_is_described(document):
    report = document["paths"]["/api/v1/affiliates/report/"]["get"]
    assert {parameter["name"] for parameter in report["parameters"]} == {
        "date_from",
        "date_to",
        "group_by",
        "page",
        "per_page",
    }
    assert "null until" in report["description"]
    assert {"200", "401", "403", "422"} <= set(report["responses"])
    refused = report["responses"]["403"]["content"]["application/json"]["schema"]
    assert refused == {"$ref": "#/components/schemas/Error"}


@pytest.mark.usefixtures("document")
def test_nothing_about_them_had_to_be_guessed():
    said = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert [message for message in said if "affiliates" in str(message).lower()] == []
