"""Amazon's addresses in every shape, and what only looks like one."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.amazon.asin import is_asin
from catalog.amazon.stores import STORES
from catalog.amazon.urls import (
    SHORT_HOSTS,
    AmazonLink,
    NotAnAmazonLink,
    parse_amazon_url,
)
from catalog.marketplaces import MARKETPLACES

A = "B08N5WRWNW"
BOOK = "0306406152"
UK = "https://www.amazon.co.uk"
WRAPPED = quote(f"/Title/dp/{A}/ref=sr_1_1?psc=1", safe="")
SHAPES = [
    (f"{UK}/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/{A}/", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/{A}?tag=other-21&linkCode=ll1", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/{A}#customerReviews", "amazon.co.uk", A, "dp"),
    (f"{UK}/Any-Title-Here/dp/{A}/ref=sr_1_1?keywords=mug&qid=1", "amazon.co.uk", A, "dp"),
    (f"{UK}/-/en/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/-/en/Some-Title/dp/{A}/ref=x", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/product/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/{A.lower()}", "amazon.co.uk", A, "dp"),
    (f"{UK}/DP/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/dp/{BOOK}", "amazon.co.uk", BOOK, "dp"),
    (f"{UK}/dp/080442957X", "amazon.co.uk", "080442957X", "dp"),
    (f"{UK}/dp/080442957x/ref=x", "amazon.co.uk", "080442957X", "dp"),
    (f"{UK}/Caf%C3%A9-M%C3%BCller/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/Café/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/%2Fdp%2F{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}//dp/{A}", "amazon.co.uk", A, "dp"),
    (f"{UK}/gp/product/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/product/{A}/ref=ppx_yo_dt_b?ie=UTF8&psc=1", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/product/glance/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/-/de/gp/product/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/product/features/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/aw/d/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/aw/d/{A}?th=1", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/aw/ol/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/aw/reviews/{A}", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/offer-listing/{A}?condition=new", "amazon.co.uk", A, "gp"),
    (f"{UK}/gp/customer-reviews/R3EXAMPLE?ASIN={A}", "amazon.co.uk", A, "query"),
    (f"{UK}/exec/obidos/ASIN/{BOOK}/tag-21", "amazon.co.uk", BOOK, "legacy"),
    (f"{UK}/exec/obidos/asin/{A}", "amazon.co.uk", A, "legacy"),
    (f"{UK}/exec/obidos/tg/detail/-/{BOOK}", "amazon.co.uk", BOOK, "legacy"),
    (f"{UK}/o/ASIN/{A}", "amazon.co.uk", A, "legacy"),
    (f"{UK}/product/{A}", "amazon.co.uk", A, "legacy"),
    (f"{UK}/product-reviews/{A}/?filterByStar=five", "amazon.co.uk", A, "legacy"),
    (f"{UK}/Some-Title/product-reviews/{A}", "amazon.co.uk", A, "legacy"),
    (f"{UK}/s?asin={A}", "amazon.co.uk", A, "query"),
    (f"{UK}/gp/help?ASIN={A}", "amazon.co.uk", A, "query"),
    (f"{UK}/x?creativeASIN={A}&linkCode=as2", "amazon.co.uk", A, "query"),
    (f"{UK}/b?pd_rd_i={A}", "amazon.co.uk", A, "query"),
    (f"{UK}/sspa/click?ie=UTF8&spc=x&url={WRAPPED}", "amazon.co.uk", A, "dp"),
    (f"{UK}/sspa/click?ie=UTF8&url={quote(WRAPPED, safe='')}", "amazon.co.uk", A, "dp"),
    (f"{UK}/-/en/sspa/click?url={WRAPPED}", "amazon.co.uk", A, "dp"),
    (f"{UK}/gp/slredirect/picassoRedirect.html?ie=UTF8&url={WRAPPED}", "amazon.co.uk", A, "dp"),
    (
        f"{UK}/gp/r.html?C=1&U={quote(f'https://www.amazon.de/dp/{A}', safe='')}",
        "amazon.de",
        A,
        "dp",
    ),
    (f"{UK}/gp/redirect.html?location=/dp/{A}", "amazon.co.uk", A, "dp"),
    (
        f"{UK}/gp/redirect.html?location={quote(f'/sspa/click?url={WRAPPED}', safe='')}",
        "amazon.co.uk",
        A,
        "dp",
    ),
    (f"https://amzn.com/{A}", "amazon.com", A, "direct"),
    (f"https://amzn.com/dp/{A}", "amazon.com", A, "direct"),
    (f"https://www.amzn.com/gp/product/{A}", "amazon.com", A, "direct"),
    (f"http://www.amazon.com/dp/{A}", "amazon.com", A, "dp"),
    (f"https://amazon.com/dp/{A}", "amazon.com", A, "dp"),
    (f"https://m.amazon.de/dp/{A}", "amazon.de", A, "dp"),
    (f"https://smile.amazon.co.uk/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"HTTPS://WWW.AMAZON.CO.UK/dp/{A}", "amazon.co.uk", A, "dp"),
    (f"https://www.amazon.co.jp/-/en/dp/{A}", "amazon.co.jp", A, "dp"),
    (f"https://www.amazon.com.au:443/dp/{A}", "amazon.com.au", A, "dp"),
    (f"https://www.amazon.com.be./dp/{A}", "amazon.com.be", A, "dp"),
    (f"www.amazon.fr/dp/{A}", "amazon.fr", A, "dp"),
    (f"amazon.in/dp/{A}", "amazon.in", A, "dp"),
    (f"//www.amazon.es/dp/{A}", "amazon.es", A, "dp"),
    (f"  <{UK}/dp/{A}>  ", "amazon.co.uk", A, "dp"),
    (f"Look what I found: {UK}/dp/{A}.", "amazon.co.uk", A, "dp"),
    (A, "amazon.co.uk", A, "asin"),
    (f" {A.lower()} ", "amazon.co.uk", A, "asin"),
    (BOOK, "amazon.co.uk", BOOK, "isbn"),
    ("978-0-306-40615-7", "amazon.co.uk", BOOK, "isbn"),
    ("9780306406157", "amazon.co.uk", BOOK, "isbn"),
    ("0-8044-2957-x", "amazon.co.uk", "080442957X", "isbn"),
]
SHORT = [
    "https://amzn.to/3AbCdEf",
    "http://amzn.to/3AbCdEf",
    "amzn.eu/d/2xYzAbC",
    "https://amzn.asia/d/abc123",
    "https://amzn.in/d/abc123",
    "https://a.co/d/9XyZ123",
    "https://a.co/9XyZ123",
    "See https://a.co/d/9XyZ123!",
]
HOSTILE = [
    ("", "empty"),
    ("   ", "empty"),
    ("https://evil.example/dp/" + A, "not_amazon"),
    (f"https://www.amazon.co.uk.evil.example/dp/{A}", "not_amazon"),
    (f"https://evil-amazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://amazon.co.uk-deals.example/dp/{A}", "not_amazon"),
    (f"https://wwwamazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.amazom.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.аmazon.co.uk/dp/{A}", "not_amazon"),  # a Cyrillic a
    (f"https://xn--mazon-3ve.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.amazon.evil/dp/{A}", "not_amazon"),
    (f"https://www.amazon/dp/{A}", "not_amazon"),
    (f"https://aws.amazon.com/dp/{A}", "not_amazon"),
    (f"https://sellercentral.amazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.www.amazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.amazon.co.uk@evil.example/dp/{A}", "not_a_link"),
    (f"https://user:word@www.amazon.co.uk/dp/{A}", "not_a_link"),
    (f"https://evil.example\\@www.amazon.co.uk/dp/{A}", "not_a_link"),
    (f"https://www.amazon.co.uk\\.evil.example/dp/{A}", "not_a_link"),
    (f"https://evil.example/?u=https://www.amazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://evil.example/#https://www.amazon.co.uk/dp/{A}", "not_amazon"),
    (f"https://www.amazon.co.uk:8443/dp/{A}", "not_amazon"),
    (f"https://www.amazon.co.uk:99999/dp/{A}", "not_a_link"),
    (f"https://[::1]/dp/{A}", "not_amazon"),
    (f"https://[www.amazon.co.uk/dp/{A}", "not_a_link"),
    (f"http://127.0.0.1/dp/{A}", "not_amazon"),
    (f"ftp://www.amazon.co.uk/dp/{A}", "not_a_link"),
    (f"javascript:alert('/dp/{A}')", "not_a_link"),
    (f"data:text/html,/dp/{A}", "not_a_link"),
    (f"file:///dp/{A}", "not_a_link"),
    (f"javascript:https://www.amazon.co.uk/dp/{A}", "not_a_link"),
    (f"{UK}/dp/{A}X", "not_a_product"),
    (f"{UK}/dp/{A}é", "not_a_product"),
    (f"{UK}/dp/helloworld", "not_a_product"),
    (f"{UK}/dp/0306406153", "not_a_product"),  # a wrong check digit
    (f"{UK}/dp/B08N5WRW", "not_a_product"),
    (f"{UK}/dp/１２３４５６７８９０", "not_a_product"),
    (f"{UK}/gp/bestsellers/kitchen", "not_a_product"),
    (f"{UK}/s?k=mug", "not_a_product"),
    (f"{UK}/", "not_a_product"),
    (f"{UK}/#/dp/{A}", "not_a_product"),
    (f"{UK}/s?k=/dp/{A}", "not_a_product"),
    (f"{UK}/dp%00/{A}", "not_a_product"),
    (f"{UK}/sspa/click?url=https%3A%2F%2Fevil.example%2Fdp%2F{A}", "not_amazon"),
    (f"{UK}/sspa/click?url=%2F%2Fevil.example%2Fdp%2F{A}", "not_amazon"),
    (f"{UK}/gp/redirect.html?location=javascript%3Aalert(1)%2Fdp%2F{A}", "not_a_link"),
    (f"{UK}/gp/r.html?U=https%3A%2F%2Fwww.amazon.co.uk%5C%40evil.example%2Fdp%2F{A}", "not_a_link"),
    (f"{UK}/gp/redirect.html?location=%2Fgp%2Fredirect.html", "not_a_product"),
    (f"{UK}/sspa/click", "not_a_product"),
    ("https://amzn.to/", "not_a_product"),
    ("https://amzn.to/../../dp", "not_a_product"),
    ("https://amzn.to.evil.example/3AbCdEf", "not_amazon"),
    ("https://amzn.com/helloworld", "not_a_product"),
    ("helloworld", "not_amazon"),
    ("a mug for my aunt", "not_a_link"),
    ("978-0-306-40615-8", "not_amazon"),
    (f"{UK}/dp/{A}" + "a" * 5_000, "too_long"),
    ("https://", "not_a_link"),
    ("https:///dp/" + A, "not_amazon"),
    (f"https://www.amazon.co.uk\t.evil.example/dp/{A}", "not_a_product"),
]


def nested(depth):
    address = f"/dp/{A}"
    for _ in range(depth):
        address = f"/gp/redirect.html?location={quote(address, safe='')}"
    return UK + address


def test_there_are_enough_of_each():
    assert len({text for text, *_ in SHAPES}) >= 60
    assert len({text for text, _ in HOSTILE}) >= 40


@pytest.mark.parametrize(("text", "marketplace", "asin", "kind"), SHAPES)
def test_shapes_that_name_a_product(text, marketplace, asin, kind):
    assert parse_amazon_url(text) == AmazonLink(marketplace, asin, kind)


@pytest.mark.parametrize("text", SHORT)
def test_short_links_are_told_apart(text):
    link = parse_amazon_url(text)
    assert link.needs_resolving
    assert link.asin == ""
    assert link.short_url.startswith("https://")
    assert link.short_url.split("/")[2] in SHORT_HOSTS


@pytest.mark.parametrize(("text", "reason"), HOSTILE)
def test_what_only_looks_like_a_link_is_refused(text, reason):
    with pytest.raises(NotAnAmazonLink) as raised:
        parse_amazon_url(text)
    assert raised.value.reason == reason
    assert reason in NotAnAmazonLink.REASONS


def test_links_inside_links_have_a_bottom():
    assert parse_amazon_url(nested(3)).asin == A
    with pytest.raises(NotAnAmazonLink, match="too_deep"):
        parse_amazon_url(nested(4))


def test_the_stores_are_those_of_the_catalogue():
    assert set(STORES) == set(MARKETPLACES)


def test_a_bare_number_belongs_to_the_store_one_says():
    assert parse_amazon_url(A, default_marketplace="amazon.de").marketplace == "amazon.de"


asins = st.from_regex(r"B0[A-Z0-9]{8}", fullmatch=True)
titles = st.text(st.sampled_from(string.ascii_letters + string.digits + "-%é ,"), max_size=40)


@given(asin=asins, store=st.sampled_from(sorted(STORES)), title=titles, query=titles)
def test_any_product_page_of_any_store(asin, store, title, query):
    text = f"https://www.{store}/{quote(title)}/dp/{asin}/ref=x?keywords={quote(query)}"
    assert parse_amazon_url(text) == AmazonLink(store, asin, "dp")


@given(st.text(max_size=300))
def test_any_text_is_a_sound_link_or_refused(text):
    try:
        link = parse_amazon_url(text)
    except NotAnAmazonLink as error:
        reason = error.reason
    else:
        reason = "empty"
        assert link.needs_resolving or (link.marketplace in STORES and is_asin(link.asin))
    assert reason in NotAnAmazonLink.REASONS


hosts = st.from_regex(r"[a-z0-9.-]{1,30}", fullmatch=True)


@given(host=hosts, asin=asins)
def test_no_other_host_is_taken_for_amazon(host, asin):
    for text in (f"https://{host}/dp/{asin}", f"https://www.amazon.co.uk.{host}/dp/{asin}"):
        try:
            link = parse_amazon_url(text)
        except NotAnAmazonLink:
            continue
        known = {f"{p}{s}" for p in ("", "www.", "m.", "smile.") for s in STORES}
        assert text.split("/")[2].rstrip(".") in known | SHORT_HOSTS | {"amzn.com", "www.amzn.com"}
        assert link.marketplace in STORES or link.needs_resolving
