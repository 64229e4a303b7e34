"""A load generator for HTTP/1.1: python -m tests.bench.peer_comparison.loader < PLAN > RESULT

A process of its own, so that it shares no interpreter with what it measures. One thread waits on
all sockets at once; each connection is kept alive and sends its next request as soon as it has the
whole answer to the last (a closed loop). Plan and result are one JSON object each, see `Plan` and
`Outcome`.
"""

import json
import math
import os
import re
import select
import socket
import sys
import time
from dataclasses import asdict, dataclass, field

CHUNK = 262_144
MOST_RECONNECTS = 1_000
ANSWER_WITHIN_S = 30.0
DECK = re.compile(rb"/swipe-sessions/([0-9a-f-]{36})/")
TOP_CARD = re.compile(rb'"cards":\[\{"product":\{"id":"([0-9a-f-]{36})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send. `requests` are whole requests as text, taken in turn.

    `cards` is the gift on top of each deck that is swiped: a swipe whose body names the deck in
    place of a gift is sent with this one, and its answer's first card is the next.
    """

    port: int
    requests: list[str]
    statuses: list[int]
    connections: int = 16
    warm_up_s: float = 1.0
    seconds: float = 5.0
    at_most: int = 1_000_000
    may_be_empty: bool = False
    cards: dict[str, str] = field(default_factory=dict)
    cpu: int | None = None


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came back. `times_s` (of each answer, the shortest first), the `seconds` they came in
    and their `received_bytes` leave out the warm-up; the others do not. `cards` are on top now."""

    times_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    received_bytes: int = 0
    all_answers: int = 0
    reconnects: int = 0
    asked: int = 0
    cpu_s: float = 0.0
    cards: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.times_s) / max(self.seconds, 1e-9)


class Unusable(Exception):
    """The server cannot be measured: it refuses connections or answers wrongly."""


class Connection:
    """One kept-alive connection and the answer that is arriving on it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.request = b""
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = bytearray()
        self.body_at = self.length = -1

    def ask(self, request: bytes) -> None:
        self.request = request
        self.received.clear()
        self.body_at = self.length = -1
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def read(self) -> bool:
        """Take what has arrived; whether the answer is whole. ConnectionError if it cannot be."""
        data = self.socket.recv(CHUNK)
        if not data:
            raise ConnectionResetError
        self.received += data
        if self.body_at < 0 and not self._head():
            return False
        if self.length >= 0:
            return len(self.received) >= self.body_at + self.length
        return self.received.endswith(b"0\r\n\r\n")

    def _head(self) -> bool:
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        self.body_at = end + 4
        self.status = int(head[9:12])
        self.closes = b"\r\nconnection: close" in head
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            self.length = int(head[at + 17 :].split(b"\r\n", 1)[0])
        elif b"\r\ntransfer-encoding: chunked" not in head:
            self.length = 0
        if self.status in (204, 304):
            self.length = 0
        return True


class Load:
    """One run of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.requests = [text.encode() for text in plan.requests]
        self.cards = {deck.encode(): gift.encode() for deck, gift in plan.cards.items()}
        self.next = 0
        self.outcome = Outcome()
        self.times: list[float] = []
        self.poll = select.epoll()
        self.by_fd: dict[int, Connection] = {}

    def run(self) -> Outcome:
        self.warm_at = time.perf_counter() + self.plan.warm_up_s
        self.counts_from = self.ends = math.inf
        gives_up = self.warm_at + self.plan.seconds + 2 * ANSWER_WITHIN_S
        for _ in range(self.plan.connections):
            connection = Connection(self.plan.port)
            self._watch(connection)
            self._send_next(connection)
        while self.by_fd and time.perf_counter() < min(self.ends + ANSWER_WITHIN_S, gives_up):
            for fd, _event in self.poll.poll(1.0):
                self._take(self.by_fd[fd])
        if self.by_fd:
            self._note(f"{len(self.by_fd)} answers did not arrive within {ANSWER_WITHIN_S:.0f} s")
        return self._summary()

    def _watch(self, connection: Connection) -> None:
        fd = connection.socket.fileno()
        self.by_fd[fd] = connection
        self.poll.register(fd, select.EPOLLIN)

    def _forget(self, connection: Connection) -> None:
        fd = connection.socket.fileno()
        self.poll.unregister(fd)
        del self.by_fd[fd]
        connection.socket.close()

    def _send_next(self, connection: Connection) -> None:
        request = self.requests[self.next % len(self.requests)]
        self.next += 1
        if deck := self._deck(request):
            request = request.replace(b'"%s"' % deck, b'"%s"' % self.cards[deck])
        try:
            connection.ask(request)
        except ConnectionError:
            self._again(connection)

    def _deck(self, request: bytes) -> bytes | None:
        """The deck it swipes on, where that is one whose cards are followed."""
        found = DECK.search(request) if self.cards else None
        return found[1] if found and found[1] in self.cards else None

    def _again(self, connection: Connection) -> None:
        """A server may close an idle connection at any time: send the same on a new one."""
        self.outcome.reconnects += 1
        if self.outcome.reconnects > MOST_RECONNECTS:
            raise Unusable("the server closes its connections instead of answering")
        self._forget(connection)
        connection.open()
        self._watch(connection)
        connection.ask(connection.request)

    def _take(self, connection: Connection) -> None:
        try:
            if not connection.read():
                return
        except ConnectionError:
            self._again(connection)
            return
        now = time.perf_counter()
        self.outcome.all_answers += 1
        self._check(connection)
        if deck := self._deck(connection.request):
            top = TOP_CARD.search(connection.received, connection.body_at)
            self.cards[deck] = top[1] if top else self.cards[deck]
        self._begin_to_count(now)
        if connection.asked_at >= self.counts_from:
            self.times.append(now - connection.asked_at)
            self.outcome.received_bytes += len(connection.received)
            self.last_answer = now
        if now >= self.ends or self.outcome.all_answers >= self.plan.at_most:
            self._forget(connection)
        elif connection.closes:
            self._forget(connection)
            connection.open()
            self._watch(connection)
            self._send_next(connection)
        else:
            self._send_next(connection)

    def _begin_to_count(self, now: float) -> None:
        """The warm-up is over when its time is, and as many answers came as there are connections:
        a process that loads something at its first request is not measured doing that."""
        warm = now >= self.warm_at and self.outcome.all_answers >= self.plan.connections
        if warm and self.counts_from == math.inf:
            self.counts_from = self.last_answer = now
            self.ends = now + self.plan.seconds

    def _check(self, connection: Connection) -> None:
        if connection.status not in self.plan.statuses:
            body = bytes(connection.received[connection.body_at :][:200])
            self._note(f"{connection.status} for {connection.request[:120]!r}: {body!r}")
        elif not self.plan.may_be_empty and len(connection.received) <= connection.body_at + 2:
            self._note(f"empty body for {connection.request[:120]!r}")

    def _note(self, problem: str) -> None:
        if len(self.outcome.problems) < 5:
            self.outcome.problems.append(problem)

    def _summary(self) -> Outcome:
        outcome = self.outcome
        outcome.asked = self.next
        outcome.times_s = sorted(self.times)
        outcome.cards = {deck.decode(): gift.decode() for deck, gift in self.cards.items()}
        used = os.times()
        outcome.cpu_s = used.user + used.system
        if self.times:
            outcome.seconds = self.last_answer - self.counts_from
        else:
            self._note("no answer within the time")
        return outcome


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    if plan.cpu is not None:
        os.sched_setaffinity(0, {plan.cpu})
    try:
        outcome = Load(plan).run()
    except (Unusable, OSError) as error:
        outcome = Outcome(problems=[f"{type(error).__name__}: {error}"])
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
