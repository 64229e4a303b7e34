"""Short links over real TLS: a server of our own, with certificates good and bad."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from catalog.amazon.short_links import CannotResolve, head, resolve_short_link
from catalog.amazon.transport import tls

START, PUBLIC = "https://amzn.to/3AbCdEf", "54.239.34.171"
PRODUCT = "https://www.amazon.co.uk/dp/B08N5WRWNW?tag=other-21"
NOW = datetime.now(UTC)


def certified(folder, *, names, ends=NOW + timedelta(days=1)):
    """A certificate that vouches for itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "short links")])
    alternatives = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=9))
        .not_valid_after(ends)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def trusting(monkeypatch):
    """Trust what a file certifies, as an operator would, for one test."""

    def trust(path):
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        tls.cache_clear()

    yield trust
    tls.cache_clear()


@pytest.fixture
def serving():
    """A server with a certificate; `asked` says what it was asked for."""
    servers = []

    def serve(certificate, redirects):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                asked.append((self.command, self.headers["Host"], self.path, dict(self.headers)))
                self.send_response(301)
                self.send_header("Location", redirects.get(self.path, ""))
                self.end_headers()

            do_GET = do_HEAD

            def log_message(self, *_args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_args: None  # whoever distrusts it hangs up
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return asked, server.server_address[1]

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def resolve(port, *, addresses=(PUBLIC,)):
    """As ever, but the public address that was found leads to our server."""

    def ask(host, address, path, seconds):
        assert address == PUBLIC
        return head(host, "127.0.0.1", path, seconds, port=port)

    return resolve_short_link(START, look_up=lambda _host: list(addresses), ask=ask)


def test_hops_go_over_tls_and_ask_for_nothing_but_the_way(tmp_path, trusting, serving):
    path = certified(tmp_path, names=["amzn.to", "amzn.eu"])
    trusting(path)
    asked, port = serving(path, {"/3AbCdEf": "https://amzn.eu/d/x1", "/d/x1": PRODUCT})
    assert resolve(port).asin == "B08N5WRWNW"
    assert [each[:3] for each in asked] == [
        ("HEAD", "amzn.to", "/3AbCdEf"),
        ("HEAD", "amzn.eu", "/d/x1"),
    ]
    assert {name.lower() for each in asked for name in each[3]} == {
        *("host", "accept-encoding", "user-agent", "connection")
    }


@pytest.mark.parametrize(
    ("names", "ends", "is_trusted"),
    [
        (["amzn.to"], NOW + timedelta(days=1), False),
        (["amzn.to"], NOW - timedelta(days=1), True),
        (["evil.example"], NOW + timedelta(days=1), True),
    ],
    ids=["nobody vouches for it", "run out", "for another host"],
)
def test_nothing_is_asked_of_a_server_that_cannot_prove_its_name(
    tmp_path, trusting, serving, names, ends, is_trusted
):
    path = certified(tmp_path, names=names, ends=ends)
    if is_trusted:
        trusting(path)
    asked, port = serving(path, {"/3AbCdEf": PRODUCT})
    with pytest.raises(CannotResolve, match="unreachable"):
        resolve(port)
    assert asked == []


def test_an_inner_address_is_not_even_greeted(tmp_path, trusting, serving):
    path = certified(tmp_path, names=["amzn.to"])
    trusting(path)
    asked, port = serving(path, {"/3AbCdEf": PRODUCT})
    with pytest.raises(CannotResolve, match="private_address"):
        resolve_short_link(START, look_up=lambda _host: ["127.0.0.1"], ask=partial(head, port=port))
    with pytest.raises(CannotResolve, match="private_address"):
        resolve(port, addresses=(PUBLIC, "10.0.0.1"))
    assert asked == []


def test_a_redirect_off_the_list_is_not_followed(tmp_path, trusting, serving):
    path = certified(tmp_path, names=["amzn.to", "evil.example"])
    trusting(path)
    asked, port = serving(path, {"/3AbCdEf": "https://evil.example/dp/B08N5WRWNW"})
    with pytest.raises(CannotResolve, match="not_allowed"):
        resolve(port)
    assert len(asked) == 1


def test_a_server_that_never_greets_is_left(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = datetime.now(UTC)
        with pytest.raises(CannotResolve, match="too_slow"):
            head("amzn.to", "127.0.0.1", "/x", 0.2, port=silent.getsockname()[1])
        assert datetime.now(UTC) - began < timedelta(seconds=2)
