"""System checks: without a known store and a well-formed tag no link can be built."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from affiliates.links import STORES, is_store, is_tag
from affiliates.services.links import partner_tag

TRADEMARKS = ("amazon", "amzn", "kindle")


def _store_errors() -> Iterator[CheckMessage]:
    for name in {settings.AMAZON_MARKETPLACE, *settings.AMAZON_PARTNER_TAGS}:
        if not is_store(name):
            yield Error(
                f"{name!r} is not an Amazon store.",
                hint=f"AMAZON_MARKETPLACE, AMAZON_PARTNER_TAGS: use {', '.join(sorted(STORES))}.",
                id="affiliates.E001",
            )


def _tag_errors() -> Iterator[CheckMessage]:
    if not partner_tag():
        yield Error(
            f"There is no tag for {settings.AMAZON_MARKETPLACE}.",
            hint="Set AMAZON_PARTNER_TAG to your tracking id.",
            id="affiliates.E002",
        )
    for tag in filter(None, settings.AMAZON_PARTNER_TAGS.values()):
        if not is_tag(tag):
            yield Error(
                f"The tag {tag!r} is not a tracking id.",
                hint="Small letters, digits and hyphens, and two digits last: 'giftsync-21'.",
                id="affiliates.E003",
            )
        elif any(word in tag for word in TRADEMARKS):
            yield Warning(
                f"The tag {tag!r} contains one of Amazon's names.",
                hint="The associates programme does not allow it. Use another tracking id.",
                id="affiliates.W001",
            )


@register()
def links_can_be_built(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Everything about store and tags that would stop a link, all at once."""
    return [*_store_errors(), *_tag_errors()]
