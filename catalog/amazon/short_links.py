"""Following a short link to the product it stands for, without reading a page. For tasks only.

Whoever pastes a link chooses where this program connects to, so each hop must be https to a host
of an exact list, at a public address that is looked up once and then connected to; few hops, a
short time, no cookies, no body. A hop that already names the product is not followed at all.
"""

import http.client
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from catalog.amazon.transport import BoundedSocket, speaking, tls
from catalog.amazon.urls import HOSTS, SHORT_HOSTS, AmazonLink, NotAnAmazonLink, parse_amazon_url

MOST_HOPS = 5
TOGETHER_S = 5.0
ALLOWED = SHORT_HOSTS | HOSTS.keys() | {"amzn.com", "www.amzn.com"}
Address = str


class CannotResolve(Exception):
    """`reason`: not_allowed, private_address, too_many_hops, too_slow, unreachable, nowhere."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Hop:
    """What a server said: its status, and where it leads (empty if nowhere)."""

    status: int
    location: str


def resolve_short_link(
    url: str,
    *,
    look_up: Callable[[str], list[Address]] | None = None,
    ask: Callable[[str, Address, str, float], Hop] | None = None,
) -> AmazonLink:
    """The product behind `url`. Raises CannotResolve, or NotAnAmazonLink where it is no product.

    `look_up` gives a host's addresses, `ask` sends one HEAD (host, address, path, seconds).
    """
    look_up, ask = look_up or addresses_of, ask or head
    ends = time.monotonic() + TOGETHER_S
    for _ in range(MOST_HOPS):
        host, path = _checked(url)
        addresses = look_up(host)
        if not addresses or not all(is_public(each) for each in addresses):
            raise CannotResolve("private_address" if addresses else "unreachable")
        left = ends - time.monotonic()
        if left <= 0:
            raise CannotResolve("too_slow")
        hop = ask(host, addresses[0], path, left)
        if not 300 <= hop.status < 400 or not hop.location:
            raise CannotResolve("nowhere")
        url = urljoin(url, hop.location)
        _checked(url)
        try:
            link = parse_amazon_url(url)
        except NotAnAmazonLink as error:
            if error.reason != "not_a_product":
                raise
            continue  # Amazon's own door page, which leads on
        if not link.needs_resolving:
            return link
        url = link.short_url
    raise CannotResolve("too_many_hops")


def _checked(url: str) -> tuple[str, str]:
    """Host and path of an address that may be asked."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotResolve("not_allowed") from None
    host = parts.hostname or ""
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if parts.scheme != "https" or "@" in parts.netloc or port not in (None, 443) or not plain:
        raise CannotResolve("not_allowed")
    if host not in ALLOWED:
        raise CannotResolve("not_allowed")
    return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_public(address: Address) -> bool:
    """Whether an IP address lies on the open internet, also when it is wrapped in another."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if inner:
            return is_public(str(inner))
        if found in ipaddress.ip_network("64:ff9b::/96"):  # an IPv4 address behind NAT64
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


def addresses_of(host: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(each[4][0]) for each in found]


def head(host: str, address: Address, path: str, seconds: float, *, port: int = 443) -> Hop:
    """One HEAD to this very address, with the host's certificate checked; no body is read."""
    ends = time.monotonic() + seconds
    try:
        with (
            socket.create_connection((address, port), timeout=min(3.0, seconds)) as plain,
            tls().wrap_socket(plain, server_hostname=host) as sock,
        ):
            connection = speaking(BoundedSocket(sock, read=seconds, ends=ends), to=host, port=443)
            headers = {"User-Agent": "GiftSync link check", "Connection": "close"}
            connection.request("HEAD", path, headers=headers)
            answer = connection.getresponse()
            return Hop(answer.status, answer.getheader("Location") or "")
    except TimeoutError:
        raise CannotResolve("too_slow") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise CannotResolve("unreachable") from None
