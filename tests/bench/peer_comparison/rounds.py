"""Three rounds, each scenario's servers in turn within each: peer, ours, peer, ours."""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from tests.bench.peer_comparison.loader import Outcome, Plan
from tests.bench.peer_comparison.measures import cpu_seconds
from tests.bench.peer_comparison.places import ROOT
from tests.bench.peer_comparison.scenarios import Scenario, Side
from tests.bench.peer_comparison.servers import Server, inherited
from tests.bench.peer_comparison.services import Services

WARM_UP_S = 1.0
# With fewer cores a processor of its own for the load would be half of what it loads.
CORES_TO_SPARE_ONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One run of one side. Milliseconds of CPU are per answer, warm-up included."""

    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    services_cpu_ms: float
    answers: int
    bytes_each: float
    reconnects: int
    loader_busy: float
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.per_second:.1f}/s, p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms, "
            f"CPU {self.server_cpu_ms:.2f} + {self.services_cpu_ms:.2f} ms "
            f"{' '.join(self.problems[:1])}"
        )


@dataclass(slots=True, kw_only=True)
class Row:
    """All runs of one side of one scenario."""

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


def measure(side: Side, server: Server, services: Services, *, seconds: float) -> Figures:
    """Load one server and count what it cost."""
    helpers = (services.postgres_pid, services.redis_pid)
    before = cpu_seconds(server.process.pid), sum(map(cpu_seconds, helpers))
    outcome = drive(
        Plan(
            port=server.port,
            requests=side.requests,
            statuses=list(side.statuses),
            start=side.start,
            connections=side.connections,
            warm_up_s=WARM_UP_S,
            seconds=seconds,
            may_be_empty=side.may_be_empty,
            cpu=loader_cpu(),
        )
    )
    used = (
        cpu_seconds(server.process.pid) - before[0],
        sum(map(cpu_seconds, helpers)) - before[1],
    )
    side.start = outcome.next_start
    each = 1000 / max(outcome.all_answers, 1)
    return Figures(
        per_second=outcome.per_second,
        p50_ms=outcome.p50_s * 1000,
        p99_ms=outcome.p99_s * 1000,
        server_cpu_ms=used[0] * each,
        services_cpu_ms=used[1] * each,
        answers=outcome.answers,
        bytes_each=outcome.bytes_each,
        reconnects=outcome.reconnects,
        loader_busy=outcome.cpu_s / (WARM_UP_S + seconds),
        problems=tuple(outcome.problems),
    )


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
    for number in range(rounds):
        for row in rows:
            figures = measure(row.side, servers[row.side.server], services, seconds=seconds)
            row.runs.append(figures)
            print(
                f"round {number + 1}: {row.scenario.title} · {row.side.server}: {figures}",
                flush=True,
            )
    return rows
