"""Which store a visitor shops in, as far as they or their browser say; nobody is looked up.

Only stores that we have a tag for count: a link without one earns nothing.
"""

import re

from django.conf import settings
from django.http import HttpRequest

from affiliates.links import is_store, is_tag

COOKIE = "store"
COOKIE_SECONDS = 365 * 24 * 3600
# The store that serves a country, by its ISO 3166 code.
STORE_OF_COUNTRY = {
    **{"GB": "amazon.co.uk", "UK": "amazon.co.uk", "US": "amazon.com", "DE": "amazon.de"},
    **{"AT": "amazon.de", "FR": "amazon.fr", "IT": "amazon.it", "ES": "amazon.es"},
    **{"NL": "amazon.nl", "BE": "amazon.com.be", "IE": "amazon.ie", "PL": "amazon.pl"},
    **{"SE": "amazon.se", "CA": "amazon.ca", "MX": "amazon.com.mx", "BR": "amazon.com.br"},
    **{"JP": "amazon.co.jp", "AU": "amazon.com.au", "NZ": "amazon.com.au", "SG": "amazon.sg"},
    **{"IN": "amazon.in", "TR": "amazon.com.tr", "AE": "amazon.ae", "SA": "amazon.sa"},
    **{"EG": "amazon.eg"},
}
_REGION = re.compile(r"[a-zA-Z]{2,3}-([A-Z]{2}|[a-z]{2})")


def stores() -> tuple[str, ...]:
    """The stores that links may lead to, the site's own first."""
    tags = settings.AMAZON_PARTNER_TAGS
    usable = sorted(store for store, tag in tags.items() if is_store(store) and is_tag(tag))
    own = settings.AMAZON_MARKETPLACE
    return (own, *(store for store in usable if store != own))


def visitor_store(request: HttpRequest | None) -> str:
    """The visitor's choice, else their country's by the header that STORE_COUNTRY_HEADER names,
    else by the first language with a country that their browser asks for, else the site's."""
    ours = stores()
    if request is None or len(ours) == 1:
        return ours[0]
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in ours:
        return chosen
    countries = []
    if settings.STORE_COUNTRY_HEADER:
        countries.append(request.headers.get(settings.STORE_COUNTRY_HEADER, "").strip().upper())
    languages = request.headers.get("Accept-Language", "")[:200].split(",")
    regions = (_REGION.match(language.strip()) for language in languages)
    first = next((region[1].upper() for region in regions if region), "")
    countries.append(first)
    for country in countries:
        if (store := STORE_OF_COUNTRY.get(country)) in ours:
            return str(store)
    return ours[0]
