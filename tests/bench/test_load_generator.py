"""What the load generator says of a server is true of it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.bench.peer_comparison.loader import Load, Plan
from tests.bench.peer_comparison.measures import cpu_seconds, memory, tree


def card(number):
    return f"{number:08d}-0000-7000-8000-000000000000"


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")
            return
        self.send_response(503 if self.path == "/broken" else 200)
        body = b"" if self.path == "/empty" else b"hello"
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/once":
            self.send_header("Connection", "close")
            self.close_connection = True
        if self.path == "/silently-once":
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        swiped = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append(swiped)
        number = int(swiped[-37:-1][:8])
        body = b'{"swipe":{},"cards":[{"product":{"id":"%s"}}]}' % card(number + 1).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def port():
    Answers.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def loaded(port, *paths, **plan):
    requests = [f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths]
    given = {"connections": 2, "warm_up_s": 0.0, "seconds": 5.0, "at_most": 20, **plan}
    return Load(Plan(port=port, requests=requests, statuses=[200], **given)).run()


def test_it_counts_whole_answers_and_sends_in_turn(port):
    outcome = loaded(port, "/a", "/b", "/c", connections=1)
    assert outcome.all_answers == 20
    assert len(outcome.times_s) == 19  # the first is the warm-up
    assert outcome.problems == []
    assert Answers.asked == [("/a", "/b", "/c")[place % 3] for place in range(20)]
    assert outcome.asked == 20
    assert 0 < outcome.times_s[0] <= outcome.times_s[-1] <= outcome.seconds


@pytest.mark.parametrize("path", ["/chunked", "/once", "/silently-once"])
def test_every_way_to_end_an_answer_is_understood(port, path):
    outcome = loaded(port, path)
    assert len(outcome.times_s) >= 15
    assert outcome.all_answers >= 20
    assert outcome.problems == []


@pytest.mark.parametrize(("path", "said"), [("/broken", "503"), ("/empty", "empty body")])
def test_wrong_answers_are_told(port, path, said):
    assert said in loaded(port, path).problems[0]


def test_a_deck_is_swiped_on_the_card_its_last_answer_put_on_top(port):
    deck = "9" * 8 + card(0)[8:]
    head = f"POST /swipe-sessions/{deck}/swipes/ HTTP/1.1\r\nHost: x\r\nContent-Length: 38\r\n\r\n"
    plan = Plan(
        port=port,
        requests=[f'{head}"{deck}"'],
        statuses=[200],
        connections=1,
        warm_up_s=0.0,
        at_most=5,
        cards={deck: card(7)},
    )
    outcome = Load(plan).run()
    assert outcome.problems == []
    assert Answers.asked == [f'"{card(number)}"' for number in range(7, 12)]
    assert outcome.cards == {deck: card(12)}


def test_a_process_is_measured():
    import os

    pid = os.getpid()
    assert pid in tree(pid)
    assert cpu_seconds(pid) > 0
    assert memory(pid).pss > 1
