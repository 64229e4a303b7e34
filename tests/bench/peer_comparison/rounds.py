"""Rounds in which servers take turns in short slices: peer, ours, peer, ours.

A machine is not equally fast from one second to the next, the less so where a host gives its
processors to others as well. Slices of different servers that lie side by side see the same of it;
those in which the host took much are taken again.
"""

import itertools
import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.bench.peer_comparison.loader import Outcome, Plan
from tests.bench.peer_comparison.measures import cpu_seconds
from tests.bench.peer_comparison.places import ROOT
from tests.bench.peer_comparison.scenarios import Scenario, Side
from tests.bench.peer_comparison.servers import Server, inherited
from tests.bench.peer_comparison.services import Services
from tests.bench.processors import STOLEN_AT_MOST, Processors, settle

SLICES = 3  # a round
TRIES = 2  # times as many slices as are wanted, at most
WARM_UP_S = 0.5  # of each slice
# Of a list of questions no more is handed to the loader than it can get through.
MOST_A_SECOND = 20_000
SETTLES_WITHIN_S = 10.0
# With fewer cores a processor of its own for the load would be half of what it loads.
CORES_TO_SPARE_ONE = 4


def longest(*, rounds: int, seconds: float) -> float:
    """Seconds that one side may be loaded for in all."""
    of_warming = WARM_UP_S + seconds / SLICES
    return of_warming + rounds * TRIES * (SLICES * WARM_UP_S + seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One server under load for a while. CPU seconds are of all answers, with what the server did
    after the last one; `stolen` is the share of the processors' time that the host took."""

    outcome: Outcome
    server_cpu_s: float
    services_cpu_s: float
    stolen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One round of one side. Milliseconds of CPU are per answer, warm-up included."""

    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    services_cpu_ms: float
    answers: int
    bytes_each: float
    reconnects: int
    loader_busy: float
    stolen: float
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, slices: Sequence[Slice]) -> "Figures":
        outcomes = [one.outcome for one in slices]
        times = sorted(itertools.chain.from_iterable(one.times_s for one in outcomes)) or [0.0]
        answers = sum(len(one.times_s) for one in outcomes)
        seconds = sum(one.seconds for one in outcomes)
        each = 1000 / max(sum(one.all_answers for one in outcomes), 1)
        return cls(
            per_second=answers / max(seconds, 1e-9),
            p50_ms=times[len(times) // 2] * 1000,
            p99_ms=times[len(times) * 99 // 100] * 1000,
            server_cpu_ms=sum(one.server_cpu_s for one in slices) * each,
            services_cpu_ms=sum(one.services_cpu_s for one in slices) * each,
            answers=answers,
            bytes_each=sum(one.received_bytes for one in outcomes) / max(answers, 1),
            reconnects=sum(one.reconnects for one in outcomes),
            loader_busy=sum(one.cpu_s for one in outcomes) / (seconds + WARM_UP_S * len(outcomes)),
            stolen=statistics.mean(one.stolen for one in slices),
            problems=tuple(problem for one in outcomes for problem in one.problems),
        )

    def __str__(self) -> str:
        return (
            f"{self.per_second:.1f}/s, p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms, "
            f"CPU {self.server_cpu_ms:.2f} + {self.services_cpu_ms:.2f} ms, "
            f"stolen {100 * self.stolen:.0f} % "
            f"{' '.join(self.problems[:1])}"
        )


@dataclass(slots=True, kw_only=True)
class Row:
    """All rounds of one side of one scenario."""

    scenario: Scenario
    side: Side
    runs: list[Figures] = field(default_factory=list)

    def median(self, name: str) -> float:
        return statistics.median(getattr(run, name) for run in self.runs)

    def problems(self) -> list[str]:
        return [problem for run in self.runs for problem in run.problems]


def loader_cpu() -> int | None:
    """The processor the load has to itself, where there are enough."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[-1] if len(cores) >= CORES_TO_SPARE_ONE else None


def drive(plan: Plan) -> Outcome:
    """Run the loader in a process of its own, bounded in time."""
    limit = plan.warm_up_s + plan.seconds + 90
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.peer_comparison.loader"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=inherited(),
        timeout=limit,
        check=True,
    )
    return Outcome(**json.loads(done.stdout))


def upcoming(side: Side, *, seconds: float) -> list[str]:
    """The side's next questions, as many as can be asked in this time."""
    count, most = len(side.requests), math.ceil(MOST_A_SECOND * seconds)
    return [side.requests[(side.start + place) % count] for place in range(min(count, most))]


def measure(side: Side, server: Server, services: Services, *, seconds: float) -> Slice:
    """Load one server and count what it cost."""
    helpers = (services.postgres_pid, services.redis_pid)
    before = cpu_seconds(server.process.pid), sum(map(cpu_seconds, helpers))
    began = Processors.now()
    outcome = drive(
        Plan(
            port=server.port,
            requests=upcoming(side, seconds=WARM_UP_S + seconds),
            statuses=list(side.statuses),
            connections=side.connections,
            warm_up_s=WARM_UP_S,
            seconds=seconds,
            may_be_empty=side.may_be_empty,
            cards=side.cards,
            cpu=loader_cpu(),
        )
    )
    stolen = Processors.now().since(began).share_stolen
    settle(at_most_s=SETTLES_WITHIN_S)
    side.start = (side.start + outcome.asked) % len(side.requests)
    side.cards = outcome.cards
    return Slice(
        outcome=outcome,
        server_cpu_s=cpu_seconds(server.process.pid) - before[0],
        services_cpu_s=sum(map(cpu_seconds, helpers)) - before[1],
        stolen=stolen,
    )


def calm(slices: Sequence[Slice]) -> list[Slice]:
    """Those in which the host took little."""
    return [one for one in slices if one.stolen <= STOLEN_AT_MOST]


def in_slices(
    rows: list[Row], servers: dict[str, Server], services: Services, *, seconds: float
) -> list[Figures]:
    """One round of rows that are compared with each other, `seconds` each."""
    taken: list[list[Slice]] = [[] for _ in rows]
    for _ in range(SLICES * TRIES):
        for row, slices in zip(rows, taken, strict=True):
            if len(calm(slices)) < SLICES:
                server = servers[row.side.server]
                slices.append(measure(row.side, server, services, seconds=seconds / SLICES))
    return [
        Figures.of(sorted(slices, key=lambda one: max(one.stolen, STOLEN_AT_MOST))[:SLICES])
        for slices in taken
    ]


def compare(
    scenarios: list[Scenario],
    servers: dict[str, Server],
    services: Services,
    *,
    rounds: int,
    seconds: float,
) -> list[Row]:
    """Every side of every scenario, `rounds` times, in turn."""
    rows = [
        Row(scenario=scenario, side=side)
        for scenario in scenarios
        for side in ([scenario.peer] if scenario.peer else []) + scenario.ours
        if side.server in servers
    ]
    for row in rows:
        measure(row.side, servers[row.side.server], services, seconds=seconds / SLICES)
    for number in range(rounds):
        for _turn, found in itertools.groupby(rows, lambda row: row.scenario.turn):
            beside = list(found)
            for row, figures in zip(
                beside, in_slices(beside, servers, services, seconds=seconds), strict=True
            ):
                row.runs.append(figures)
                print(
                    f"round {number + 1}: {row.scenario.title} · {row.side.server}: {figures}",
                    flush=True,
                )
    return rows
