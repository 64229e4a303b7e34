"""Callers of a web server while something goes wrong: python -m tests.faults.caller < PLAN > CALLS

A process of its own, so that it shares no interpreter with a test. Each caller asks in turn what
the plan names, with a pause between. A kept connection is used again unless the server said it
would close it, or has closed it by the time of the next request; what then fails has failed.
"""

import asyncio
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from tests.production import ROOT

GIVES_UP_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`requests` are whole requests as text, for all callers to take in turn."""

    port: int
    requests: list[str]
    callers: int = 8
    pause_s: float = 0.01
    kept: bool = True
    seconds: float = 600.0  # or until its input ends


@dataclass
class Call:
    """`at` in seconds since 1970; `status` 0 where no whole answer came."""

    request: int
    at: float
    took_s: float
    status: int
    retry_after: bool = False
    problem: str = ""


@dataclass
class Calls:
    calls: list[Call] = field(default_factory=list)

    def between(self, begun, ended):
        """Those that were asked, or waiting, in that time."""
        return Calls([c for c in self.calls if c.at < ended and c.at + c.took_s > begun])

    def of(self, *requests):
        return Calls([c for c in self.calls if c.request in requests])

    def but(self, *statuses):
        return [c for c in self.calls if c.status not in statuses]

    def share(self, status):
        return sum(c.status == status for c in self.calls) / max(len(self.calls), 1)

    def slowest(self, part):
        """Seconds that this part of the calls stay below."""
        times = sorted(c.took_s for c in self.calls)
        return times[min(len(times) - 1, int(len(times) * part))] if times else 0.0

    def __len__(self):
        return len(self.calls)


class Caller:
    def __init__(self, plan, calls, turn):
        self.plan, self.calls, self.turn = plan, calls, turn
        self.reader = self.writer = None

    async def run(self, ends):
        while time.time() < ends:
            place = next(self.turn)
            begun, clock = time.time(), time.perf_counter()
            call = Call(place, begun, 0.0, 0)
            try:
                async with asyncio.timeout(GIVES_UP_S):
                    await self.ask(self.plan.requests[place].encode(), call)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                call.problem = repr(error)
                self.close()
            call.took_s = time.perf_counter() - clock
            self.calls.append(call)
            await asyncio.sleep(self.plan.pause_s)

    async def ask(self, request, call):
        if self.writer is None or self.reader.at_eof():
            self.close()
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.plan.port)
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        call.status = int(head[9:12])
        call.retry_after = b"\r\nretry-after:" in head
        if not self.plan.kept or b"\r\nconnection: close" in head:
            self.close()

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def turns(count):
    while True:
        yield from range(count)


async def call_all(plan):
    calls, turn, loop = [], turns(len(plan.requests)), asyncio.get_running_loop()
    callers = [Caller(plan, calls, turn) for _ in range(plan.callers)]
    tasks = [asyncio.create_task(c.run(time.time() + plan.seconds)) for c in callers]
    over = asyncio.create_task(asyncio.wait(tasks))
    told = loop.run_in_executor(None, sys.stdin.buffer.read)
    await asyncio.wait([over, told], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    return [asdict(call) for call in calls]


def get(path, **headers):
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: gifts.example.org\r\n{more}\r\n"


def post(path, body):
    text = json.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: gifts.example.org\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(text)}\r\n\r\n{text}"
    )


@contextmanager
def calling(site, requests, **options):
    """Callers at work while in here; their calls fill what this gives when it is left."""
    plan = Plan(port=site.port, requests=requests, **options)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.caller"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdin.write(json.dumps(asdict(plan)).encode() + b"\n")
    process.stdin.flush()
    calls = Calls()
    try:
        yield calls
    finally:
        told, _ = process.communicate()
        calls.calls += [Call(**call) for call in json.loads(told)]


if __name__ == "__main__":
    found = asyncio.run(call_all(Plan(**json.loads(sys.stdin.buffer.readline()))))
    json.dump(found, sys.stdout)
