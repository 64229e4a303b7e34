"""Each rule of the associates programme is noticed when it is broken."""

import pytest

from affiliates.page_rules import Ground, answer_faults, mail_faults, page_faults

GROUND = Ground(
    marketplace="amazon.co.uk",
    tags=frozenset({"giftsync-21"}),
    live_prices=("1,234.56",),
    stale=("LONG AGO",),
)
URL = "https://www.amazon.co.uk/dp/B000000001?tag=giftsync-21"
SAID = "<p>As an Amazon Associate I earn from\n qualifying purchases.</p>"
REL = 'rel="sponsored nofollow noopener"'
BEACON = 'data-click-beacon="/api/"'
LINK = f'<a href="{URL}" {REL} {BEACON}>See it <small>(paid link)</small></a>'
PRICE = '<div class="price"><strong>£1,234.56</strong> <span>as of 14:11</span></div>'


def rules(html):
    return sorted({broken.rule for broken in page_faults(f"<body>{html}</body>", ground=GROUND)})


def test_a_page_as_it_should_be_breaks_nothing():
    assert rules(SAID + PRICE + LINK) == []
    assert rules('<a href="https://example.org/amazon.html">x</a><img src="/a.png">') == []
    assert rules('<img src="https://m.media-amazon.com/images/I/x.jpg" alt="">') == []


@pytest.mark.parametrize(
    ("html", "broken"),
    [
        (LINK, ["no_disclosure"]),
        (LINK + SAID, ["no_disclosure"]),
        (SAID + LINK.replace("(paid link)", ""), ["not_labelled"]),
        (SAID + LINK.replace(REL, 'rel="nofollow"'), ["not_labelled"]),
        (SAID + LINK.replace(REL, ""), ["not_labelled"]),
        (SAID + LINK.replace(BEACON, ""), ["bypass"]),
        (SAID + LINK.replace("noopener", "noopener noreferrer"), ["link"]),
        (SAID + LINK.replace("giftsync-21", "thief-21"), ["link"]),
        (SAID + LINK.replace("-21", "-21&amp;ascsubtag=u7"), ["link"]),
        (SAID + LINK.replace("www.amazon.co.uk", "www.amazon.com"), ["link"]),
        (SAID + LINK.replace(URL, "https://amzn.to/3abcde"), ["link"]),
        (f'<form action="{URL}"></form>', ["bypass"]),
        (f'<meta http-equiv="refresh" content="{URL}">', ["bypass"]),
        ('<img src="//www.amazon.co.uk/x.gif">', ["bypass"]),
        ('<div class="price">£1,234.56</div><p>14:11</p>', ["price_without_time"]),
        ("<p>Only £1,234.56</p>", ["price_without_time"]),
        ("<p><b>£1,234.56", ["price_without_time"]),
        ("<p title='LONG AGO'></p>", ["stale"]),
    ],
)
def test_what_breaks_a_rule_is_noticed(html, broken):
    assert rules(html) == broken


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("Hello. https://giftsync.example/gifts/1/", []),
        (f"Buy it: {URL}", ["mail_link"]),
        ("https://amzn.to/x", ["mail_link"]),
        ("now £1,234.56", ["mail_price"]),
        ("LONG AGO", ["stale"]),
    ],
)
def test_a_mail_has_no_link_and_no_price_of_the_shop(text, broken):
    assert [one.rule for one in mail_faults(text, ground=GROUND)] == broken


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ({"url": URL, "price": {"amount": 1234.56, "as_of": "2026-11-22T14:11:00Z"}}, []),
        ({"items": [{"url": URL.replace("giftsync", "thief")}]}, ["link"]),
        ({"items": [{"price": {"amount": 1234.56, "as_of": None}}]}, ["price_without_time"]),
        ({"title": "LONG AGO"}, ["stale"]),
    ],
)
def test_an_answer_is_held_to_the_same(answer, broken):
    found = answer_faults(answer, ground=GROUND, live_amounts=(1234.56,))
    assert [one.rule for one in found] == broken
