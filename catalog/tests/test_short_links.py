"""Short links are followed only where it is safe, and not a step further than need be."""

import pytest

from catalog.amazon.short_links import (
    MOST_HOPS,
    CannotResolve,
    Hop,
    head,
    is_public,
    resolve_short_link,
)
from catalog.amazon.urls import AmazonLink, NotAnAmazonLink

START = "https://amzn.to/3AbCdEf"
PUBLIC = "54.239.34.171"
PRODUCT = "https://www.amazon.co.uk/dp/B08N5WRWNW?tag=other-21"


class Net:
    """A network of redirects, which remembers who was asked."""

    def __init__(self, redirects, addresses=None):
        self.redirects, self.addresses = redirects, addresses or {}
        self.asked = []

    def look_up(self, host):
        return self.addresses.get(host, [PUBLIC])

    def ask(self, host, address, path, seconds):
        assert 0 < seconds <= 5
        self.asked.append((host, address, path))
        return Hop(302, self.redirects.get(f"https://{host}{path}", ""))


def resolve(net, url=START):
    return resolve_short_link(url, look_up=net.look_up, ask=net.ask)


def test_the_product_is_read_from_the_redirect_and_its_page_left_alone():
    net = Net({START: PRODUCT})
    assert resolve(net) == AmazonLink("amazon.co.uk", "B08N5WRWNW", "dp")
    assert net.asked == [("amzn.to", PUBLIC, "/3AbCdEf")]


def test_one_short_link_may_lead_to_another():
    net = Net({START: "https://amzn.eu/d/x1", "https://amzn.eu/d/x1": PRODUCT})
    assert resolve(net).asin == "B08N5WRWNW"


def test_a_door_page_of_the_shop_may_lie_between():
    door = "https://www.amazon.co.uk/hz/mobile/mission?x=1"
    assert resolve(Net({START: door, door: "/gp/aw/d/B08N5WRWNW"})).asin == "B08N5WRWNW"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/dp/B08N5WRWNW",
        "http://www.amazon.co.uk/hz/x",
        "https://127.0.0.1/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://www.amazon.co.uk:8443/hz",
        "https://www.amazon.co.uk@evil.example/",
        "https://www.amazon.co.uk.evil.example/",
        "https://evil.example\\@www.amazon.co.uk/hz",
        "//evil.example/dp/B08N5WRWNW",
        "file:///etc/passwd",
        "gopher://www.amazon.co.uk/",
        "https://www.amazon.co.uk/hz\r\nX-Evil: 1",
    ],
)
def test_no_step_is_taken_off_the_list(target):
    net = Net({START: target})
    with pytest.raises(CannotResolve, match="not_allowed"):
        resolve(net)
    assert len(net.asked) == 1


@pytest.mark.parametrize(
    "url",
    ["http://amzn.to/x", "https://evil.example/x", "https://amzn.to:22/x", "https://a@amzn.to/x"],
)
def test_nothing_is_asked_of_a_start_off_the_list(url):
    net = Net({})
    with pytest.raises(CannotResolve, match="not_allowed"):
        resolve(net, url)
    assert net.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "not an address",
    ],
)
def test_names_that_point_inside_are_not_followed(address):
    assert not is_public(address)
    # One inner address among public ones is enough: the list could be tried from its end.
    net = Net({START: PRODUCT}, addresses={"amzn.to": [PUBLIC, address]})
    with pytest.raises(CannotResolve, match="private_address"):
        resolve(net)
    assert net.asked == []


def test_public_addresses_are_public():
    assert is_public(PUBLIC)
    assert is_public("2600:9000:2240::1")
    assert is_public("64:ff9b::36ef:22ab")


def test_a_circle_ends():
    net = Net({START: "https://amzn.eu/d/x1", "https://amzn.eu/d/x1": START})
    with pytest.raises(CannotResolve, match="too_many_hops"):
        resolve(net)
    assert len(net.asked) == MOST_HOPS


def test_a_link_to_nowhere_says_so():
    with pytest.raises(CannotResolve, match="nowhere"):
        resolve(Net({}))
    with pytest.raises(CannotResolve, match="unreachable"):
        resolve(Net({}, addresses={"amzn.to": []}))
    with pytest.raises(NotAnAmazonLink, match="too_deep"):
        resolve(Net({START: _deep()}))


def _deep():
    from urllib.parse import quote

    address = "/dp/B08N5WRWNW"
    for _ in range(4):
        address = f"/gp/redirect.html?location={quote(address, safe='')}"
    return f"https://www.amazon.co.uk{address}"


def test_a_closed_port_is_unreachable():
    with pytest.raises(CannotResolve, match=r"unreachable|too_slow"):
        head("amzn.to", "127.0.0.1", "/x", 1.0)
