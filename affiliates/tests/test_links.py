"""Links lead to the product in our store, under our tag, and nowhere else."""

import itertools
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliates.links import STORES, LinkError, is_tag, shop_link

TAG = "giftsync-21"
ASIN = "B0ABCDEFGH"
# Written out again, so that a store added by mistake is noticed here.
ENDINGS = """
    ae ca co.jp co.uk com com.au com.be com.br com.mx com.tr de eg es fr ie in it nl pl sa se sg
"""
HOSTS = {f"www.amazon.{ending}" for ending in ENDINGS.split()}


def link(**changes):
    usual = {
        "marketplace": "amazon.co.uk",
        "asin": ASIN,
        "product_marketplace": "amazon.co.uk",
        "search_words": "paper kite",
        "tag": TAG,
    }
    return shop_link(**(usual | changes))


def test_there_are_22_stores():
    assert {f"www.{store}" for store in STORES} == HOSTS
    assert len(STORES) == 22


def test_a_product_of_the_store_leads_to_its_page():
    assert link() == f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}"


def test_a_book_leads_to_the_page_of_its_isbn():
    assert link(asin="080442957X") == f"https://www.amazon.co.uk/dp/080442957X?tag={TAG}"


def test_a_product_of_another_store_leads_to_a_search():
    assert link(product_marketplace="amazon.com") == (
        f"https://www.amazon.co.uk/s?k=paper+kite&tag={TAG}"
    )


@pytest.mark.parametrize("asin", [None, "", "b0abcdefgh", "B0ABCDEFG", "B0ABCDEFGHI", "B0/../../x"])
def test_a_product_without_a_key_leads_to_a_search(asin):
    assert link(asin=asin) == f"https://www.amazon.co.uk/s?k=paper+kite&tag={TAG}"


def test_words_for_a_search_are_put_on_one_line_and_cut():
    url = link(asin=None, search_words=" mug\n&tag=other-21\x00#x " + "y" * 500)
    words = parse_qs(urlsplit(url).query)["k"][0]
    assert words.startswith("mug &tag=other-21 #x y")
    assert len(words) <= 120


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&linkCode=ogi&th=1&psc=1",
        f"https://www.amazon.co.uk/Paper-Kite-Caf%C3%A9/dp/{ASIN}?tag={TAG}&linkCode=osi",
        f"https://www.amazon.co.uk/gp/product/{ASIN}/ref=x?tag={TAG}",
    ],
)
def test_the_shops_own_link_is_used_untouched(url):
    assert link(detail_page_url=url) == url


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.amazon.co.uk/dp/{ASIN}?tag=thief-21",
        f"https://www.amazon.co.uk/dp/{ASIN}",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&tag=thief-21",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&TAG=thief-21",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&%74ag=thief-21",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG};tag=thief-21",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&ascsubtag=visitor-7",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}#tag=thief-21",
        f"https://www.amazon.co.uk/dp/B0OTHEROTH?tag={TAG}",
        f"https://www.amazon.co.uk/gp/redirect.html?location=https://evil.example/&tag={TAG}",
        f"https://www.amazon.com/dp/{ASIN}?tag={TAG}",
        f"https://www.amazon.co.uk.evil.example/dp/{ASIN}?tag={TAG}",
        f"https://www.amazon.co.uk@evil.example/dp/{ASIN}?tag={TAG}",
        f"https://evil.example\\@www.amazon.co.uk/dp/{ASIN}?tag={TAG}",
        f"https://www.amazon.co.uk:8443/dp/{ASIN}?tag={TAG}",
        f"https://xn--amzon-ucc.co.uk/dp/{ASIN}?tag={TAG}",
        f"https://www.am\u0430zon.co.uk/dp/{ASIN}?tag={TAG}",
        f"http://www.amazon.co.uk/dp/{ASIN}?tag={TAG}",
        f"//www.amazon.co.uk/dp/{ASIN}?tag={TAG}",
        f"javascript:alert(1)//www.amazon.co.uk/dp/{ASIN}?tag={TAG}",
        f" https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}\n",
        f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}&x=" + "y" * 2000,
        "https://www.amazon.co.uk",
    ],
)
def test_a_link_that_is_not_plainly_ours_is_passed_over(url):
    assert link(detail_page_url=url) == f"https://www.amazon.co.uk/dp/{ASIN}?tag={TAG}"


@pytest.mark.parametrize("store", ["", "amazon.evil", "www.amazon.co.uk", "AMAZON.CO.UK", "x/y"])
def test_an_unknown_store_gets_no_link(store):
    with pytest.raises(LinkError, match="not a store"):
        link(marketplace=store)


@pytest.mark.parametrize(
    "tag", ["", "giftsync", "-21", "Gift-21", "a b-21", "x&y-21", "x-21\n", "x" * 62 + "-21"]
)
def test_a_malformed_tag_gets_no_link(tag):
    with pytest.raises(LinkError, match="tracking id"):
        link(tag=tag)


def test_nothing_to_link_to_is_an_error():
    with pytest.raises(LinkError, match="neither a page"):
        link(asin=None, search_words="\x00 \n")


hostile = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            TAG,
            ASIN,
            "thief-21",
            "amazon.co.uk",
            "amazon.com",
            "amazon.co.uk.evil.example",
            "amazon.co.uk@evil.example",
            "javascript:alert(1)",
            "&tag=thief-21",
            "?tag=thief-21#",
            "\r\nLocation: https://evil.example",
        ]
    ),
)
hostile_url = st.one_of(
    hostile,
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "https:\\\\", "javascript:", ""]),
        st.sampled_from(["www.amazon.co.uk", "www.amazon.de", "evil.example", "amazon.co.uk"]),
        st.sampled_from(["", ":443", "@evil.example", ".evil.example", "\\evil.example", "%2e"]),
        st.sampled_from(
            ["", f"/dp/{ASIN}", "/gp/redirect.html", "//evil.example", f"/x/dp/{ASIN}/"]
        ),
        st.lists(
            st.sampled_from(
                ["?", "&", ";", "#", f"tag={TAG}", "tag=thief-21", "%74ag=thief-21", "ascsubtag=u7"]
            ),
            max_size=6,
        ).map("".join),
    ),
)


def few(values, count):
    return st.lists(values, min_size=count, max_size=count)


# 400 draws of 27 inputs each: drawing costs more than checking.
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stores=st.tuples(st.one_of(st.sampled_from(sorted(STORES)), hostile), st.booleans(), hostile),
    asins=few(st.one_of(st.none(), st.just(ASIN), hostile), 3),
    words=hostile,
    tags=few(st.one_of(st.just(TAG), hostile), 3),
    urls=few(st.one_of(st.none(), hostile_url), 3),
)
def test_no_input_makes_a_link_off_the_list_or_under_another_tag(stores, asins, words, tags, urls):
    store, is_own, other_store = stores
    for asin, tag, url in itertools.product(asins, tags, urls):
        try:
            made = shop_link(
                marketplace=store,
                product_marketplace=store if is_own else other_store,
                asin=asin,
                search_words=words,
                tag=tag,
                detail_page_url=url,
            )
        except LinkError:
            continue
        assert_plainly_ours(made, store=store, tag=tag)


def assert_plainly_ours(url, *, store, tag):
    """Read with a stricter eye than the builder's: plain ASCII, and one tag however one splits."""
    assert re.fullmatch(r"[!-~]+", url)
    assert "\\" not in url
    assert url.split("/")[2] == f"www.{store}"
    assert url.startswith(tuple(f"https://{host}/" for host in HOSTS))
    assert parse_qs(urlsplit(url).query)["tag"] == [tag]
    assert re.split("[?&;#]", url).count(f"tag={tag}") == 1
    assert len(re.findall(r"[?&;#](?:t|%74)ag=", url, re.IGNORECASE)) == 1
    assert is_tag(tag)
    assert "ascsubtag=" not in url.lower()
