"""Amazon's settings are checked before anybody trusts them, and a secret is not repeated."""

import pytest

from giftsync.amazon_checks import amazon_settings_are_readable


def complaints():
    return [f"{found.msg} {found.hint}" for found in amazon_settings_are_readable(None)]


def test_the_defaults_and_whole_credentials_are_fine(settings):
    assert complaints() == []
    settings.AMAZON_CREDENTIAL_ID = "amzn1.application-oa2-client.x"
    settings.AMAZON_CREDENTIAL_SECRET = "amzn1.oa2-cs.v1.x"
    settings.AMAZON_CREDENTIALS_ELSEWHERE = ["3.1:an-id:a-secret"]
    assert complaints() == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AMAZON_CREDENTIAL_ID", "an-id", "only one is set"),
        ("AMAZON_CREDENTIAL_SECRET", "hush", "only one is set"),
        ("AMAZON_CREDENTIAL_VERSION", "4.0", "Use the one Amazon shows"),
        ("AMAZON_CREDENTIALS_ELSEWHERE", ["an-id:hush"], "Entry 1"),
        ("AMAZON_CALLS_PER_SECOND", 0.0, "more than nothing"),
        ("AMAZON_CALLS_PER_SECOND", float("nan"), "more than nothing"),
        ("AMAZON_READ_SECONDS", -1.0, "more than nothing"),
        ("AMAZON_CALLS_PER_DAY", -1, "negative"),
        ("AMAZON_STAFF_PERCENT", 90, "no parts of a hundred"),
        ("AMAZON_DISCOVERY_PERCENT", -5, "no parts of a hundred"),
        ("AMAZON_API_HOST", "creatorsapi.amazon", "not an https address"),
        ("AMAZON_TOKEN_URL", "ftp://127.0.0.1/", "not an https address"),
    ],
)
def test_what_is_wrong_is_named(settings, name, value, says):
    setattr(settings, name, value)
    (complaint,) = complaints()
    assert says in complaint
    assert "hush" not in complaint


def test_production_speaks_to_amazon_over_tls_alone(settings):
    settings.AMAZON_API_HOST = "http://127.0.0.1:8099"
    assert complaints() == []
    settings.PRODUCTION = True
    assert "https" in complaints()[0]


def test_credentials_of_another_region_are_pointed_out(settings):
    settings.AMAZON_CREDENTIAL_ID = settings.AMAZON_CREDENTIAL_SECRET = "x"
    settings.AMAZON_CREDENTIAL_VERSION = "3.1"
    assert "another region than amazon.co.uk" in complaints()[0]
