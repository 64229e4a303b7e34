"""The associates programme's rules for what leaves the site: pages, mails and answers. Pure.

Each check reads finished text, whatever made it, and returns the rules that are broken.

| rule | what breaks it |
| --- | --- |
| `price_without_time` | a price of the shop with no time beside it |
| `stale` | anything of the shop that is too old to be shown |
| `no_disclosure` | a paid link with no disclosure before it on the page |
| `not_labelled` | a paid link without "(paid link)" inside, or without the right `rel` |
| `bypass` | a link to the shop that our component did not make: it has no beacon |
| `link` | an address of the shop with another tag, an id, or off the list |
| `mail_link`, `mail_price` | an address or a price of the shop in a mail |
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from affiliates.link_faults import link_faults

DISCLOSURE = "As an Amazon Associate I earn from qualifying purchases."
LABEL = "(paid link)"
REL = {"sponsored", "nofollow", "noopener"}
VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img"),
        *("input", "link", "meta", "source", "track", "wbr"),
    }
)
_SHOP_ADDRESS = re.compile(r"(?:https?:)?//[a-z0-9.-]*(?:amazon\.|amzn\.|a\.co/)[^\s\"'<>)]*", re.I)
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
IMAGES = "m.media-amazon.com"  # pictures are shown from there, and nothing is earned by them


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule and what breaks it, in a few words."""

    rule: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the checks must know: our store and tags, and marks that the data was made with.

    `live_prices` are texts of prices that may be shown with their time; `stale` are texts and
    numbers that must not be shown at all.
    """

    marketplace: str
    tags: frozenset[str]
    live_prices: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(slots=True)
class _Element:
    tag: str
    classes: frozenset[str]
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads a page in order and notes links, prices, and when the disclosure has been read."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(convert_charrefs=True)
        self.ground = ground
        self.open: list[_Element] = []
        self.broken: list[Broken] = []
        self.read = ""  # all text so far
        self.link: dict[str, str] | None = None
        self.link_text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(_Element(tag, frozenset(given.get("class", "").split())))
        if tag == "a" and is_of_shop(given.get("href", "")):
            self.link, self.link_text = given, ""
            self._check_link(given)
            return
        for name in ("href", "action", "formaction", "src", "content", "data", "poster"):
            address = given.get(name, "")
            if is_of_shop(address) and urlsplit(address).hostname != IMAGES:
                self.broken.append(Broken("bypass", f"<{tag} {name}> to {address[:80]}"))

    def _check_link(self, given: dict[str, str]) -> None:
        url = given["href"]
        if not given.get("data-click-beacon"):
            self.broken.append(Broken("bypass", f"no beacon on {url[:80]}"))
        if given.get("rel") is None or not set(given["rel"].split()) >= REL:
            self.broken.append(Broken("not_labelled", f"rel of {url[:80]}"))
        if "noreferrer" in given.get("rel", "") or "referrerpolicy" in given:
            self.broken.append(Broken("link", f"hides where it comes from: {url[:80]}"))
        if DISCLOSURE not in " ".join(self.read.split()):
            self.broken.append(Broken("no_disclosure", f"before {url[:80]}"))
        self.broken.extend(faults_of(url, self.ground))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.link is not None:
            if LABEL not in " ".join(self.link_text.split()):
                self.broken.append(Broken("not_labelled", self.link["href"][:80]))
            self.link = None
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place].tag == tag:
                for element in reversed(self.open[place:]):
                    self._close(element)
                del self.open[place:]
                return

    def _close(self, element: _Element) -> None:
        """A price belongs with its time in the element of the class `price` around both."""
        if "price" not in element.classes and element.tag != "body":
            if self.open and len(self.open) > 1:
                self._hand_up(element)
            return
        self._check_price("".join(element.text))

    def _hand_up(self, element: _Element) -> None:
        place = next(i for i, one in enumerate(self.open) if one is element)
        if place:
            self.open[place - 1].text.extend(element.text)

    def _check_price(self, text: str) -> None:
        for price in self.ground.live_prices:
            if price in text and not _TIME.search(text):
                self.broken.append(Broken("price_without_time", price))

    def handle_data(self, data: str) -> None:
        self.read += data
        if self.link is not None:
            self.link_text += data
        if self.open:
            self.open[-1].text.append(data)


def page_faults(html: str, *, ground: Ground) -> list[Broken]:
    """Every rule a page breaks."""
    reader = _Reader(ground)
    reader.feed(html)
    reader.close()
    while reader.open:
        reader.handle_endtag(reader.open[-1].tag)
    return [*reader.broken, *stale_faults(html, ground=ground)]


def mail_faults(text: str, *, ground: Ground) -> list[Broken]:
    """Every rule a mail breaks: it outlives prices, and its reader has not asked for links."""
    links = [Broken("mail_link", found[0][:80]) for found in _SHOP_ADDRESS.finditer(text)]
    prices = [Broken("mail_price", price) for price in ground.live_prices if price in text]
    return [*links, *prices, *stale_faults(text, ground=ground)]


def answer_faults(answer: Any, *, ground: Ground, live_amounts: Iterable[float]) -> list[Broken]:
    """Every rule an answer of the API breaks; `answer` is its JSON, read."""
    broken: list[Broken] = []
    amounts = set(live_amounts)
    for value in _nested(answer):
        if isinstance(value, str) and is_of_shop(value) and urlsplit(value).hostname != IMAGES:
            broken.extend(faults_of(value, ground))
        is_price = isinstance(value, dict) and amounts & set(filter(_is_number, value.values()))
        if is_price and not any(given and "as_of" in name for name, given in value.items()):
            broken.append(Broken("price_without_time", f"in {sorted(value)}"[:100]))
    return [*broken, *stale_faults(str(answer), ground=ground)]


def stale_faults(text: str, *, ground: Ground) -> list[Broken]:
    """What is too old to be shown and stands there all the same."""
    return [Broken("stale", mark) for mark in ground.stale if mark in text]


def faults_of(url: str, ground: Ground) -> list[Broken]:
    """What is wrong with one address of the shop."""
    found = link_faults(url, marketplace=ground.marketplace, tags=ground.tags)
    return [Broken("link", f"{name}: {detail}, in {url[:80]}") for name, detail in found.items()]


def is_of_shop(address: str) -> bool:
    """Whether an address leads to Amazon, by any of its names."""
    return bool(_SHOP_ADDRESS.match(address.strip()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _nested(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for inner in value.values():
            yield from _nested(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nested(inner)
