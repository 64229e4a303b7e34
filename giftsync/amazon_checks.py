"""System checks for the settings of Amazon's API: half of a pair, an impossible number."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from catalog.amazon.stores import STORES, region_of

VERSIONS = ("2.1", "2.2", "2.3", "3.1", "3.2", "3.3")
Finding = tuple[str, str]  # what is wrong, what to set


def _credentials() -> Iterator[Finding]:
    if bool(settings.AMAZON_CREDENTIAL_ID) != bool(settings.AMAZON_CREDENTIAL_SECRET):
        yield (
            "Of AMAZON_CREDENTIAL_ID and AMAZON_CREDENTIAL_SECRET only one is set.",
            "Set both, or neither to live on plain links.",
        )
    if settings.AMAZON_CREDENTIAL_VERSION not in VERSIONS:
        yield (
            f"AMAZON_CREDENTIAL_VERSION is {settings.AMAZON_CREDENTIAL_VERSION!r}.",
            f"Use the one Amazon shows beside the credentials: {', '.join(VERSIONS)}.",
        )
    for place, line in enumerate(settings.AMAZON_CREDENTIALS_ELSEWHERE, 1):
        parts = line.split(":")
        if len(parts) != 3 or not all(parts) or parts[0] not in VERSIONS:
            # The line itself holds a secret.
            yield (
                f"Entry {place} of AMAZON_CREDENTIALS_ELSEWHERE is not version:id:secret.",
                f"Begin it with one of {', '.join(VERSIONS)}.",
            )


def _numbers() -> Iterator[Finding]:
    for name in (
        "AMAZON_CALLS_PER_SECOND",
        "AMAZON_CONNECT_SECONDS",
        "AMAZON_READ_SECONDS",
        "AMAZON_TOTAL_SECONDS",
    ):
        if not 0 < getattr(settings, name) < 10_000:
            yield f"{name} is {getattr(settings, name)}.", "Set it to more than nothing."
    if settings.AMAZON_CALLS_PER_DAY < 0:
        yield "AMAZON_CALLS_PER_DAY is negative.", "Set it to 0 or more."
    parts = (settings.AMAZON_DISCOVERY_PERCENT, settings.AMAZON_STAFF_PERCENT)
    if min(parts) < 0 or sum(parts) > 100:
        yield (
            "AMAZON_DISCOVERY_PERCENT and AMAZON_STAFF_PERCENT are no parts of a hundred.",
            "Set both to 0 or more, together at most 100.",
        )


def _addresses() -> Iterator[Finding]:
    for name in ("AMAZON_API_HOST", "AMAZON_TOKEN_URL"):
        value = getattr(settings, name)
        schemes = ("https",) if settings.PRODUCTION else ("https", "http")
        if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
            yield f"{name} is not an https address.", "Leave it out to ask Amazon itself."


@register(Tags.security)
def amazon_settings_are_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What no call to Amazon could be made with; wrong though nothing is asked yet."""
    found: list[CheckMessage] = [
        Error(what, hint=hint, id="giftsync.E013")
        for part in (_credentials, _numbers, _addresses)
        for what, hint in part()
    ]
    store = STORES.get(settings.AMAZON_MARKETPLACE)
    region = region_of(settings.AMAZON_CREDENTIAL_VERSION)
    if settings.AMAZON_CREDENTIAL_ID and region and store and region != store.region:
        what = (
            f"AMAZON_CREDENTIAL_VERSION {settings.AMAZON_CREDENTIAL_VERSION} is for another region"
            f" than {store.domain}."
        )
        hint = "Amazon will refuse it; make credentials in that shop's Associates Central."
        found.append(Warning(what, hint=hint, id="giftsync.W001"))
    return found
