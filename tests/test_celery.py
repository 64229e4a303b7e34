"""Work that is handed on is done: once, by a worker nobody had to tell which queues to serve."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import structlog

from giftsync.celery import app
from tests import services, worker_tasks

ROOT = Path(__file__).resolve().parent.parent
DONE_WITHIN_S = 60


@pytest.fixture(scope="module", autouse=True)
def every_task():
    app.loader.import_default_modules()


def ours():
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_the_timetable_names_only_tasks_that_exist():
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert named
    assert named <= set(ours())


def test_whatever_is_to_be_forgotten_is_on_the_timetable():
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    purges = {name for name in ours() if ".purge_" in name}
    assert purges
    assert purges <= named


def test_every_task_has_time_limits():
    for name, task in ours().items():
        hard = task.time_limit or app.conf.task_time_limit
        soft = task.soft_time_limit or app.conf.task_soft_time_limit
        assert 0 < soft < hard, name


def test_a_running_task_is_never_handed_out_twice(settings):
    longest = max([app.conf.task_time_limit, *(task.time_limit or 0 for task in ours().values())])
    assert longest < settings.CELERY_TASK_TIME_LIMIT_SECONDS + 300
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1


def test_messages_are_json_and_nothing_else():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def test_every_route_leads_to_a_queue_that_is_served():
    served = {queue.name for queue in app.conf.task_queues}
    routed = {route["queue"] for route in app.conf.task_routes.values()}
    assert {app.conf.task_default_queue, *routed} <= served
    assert len({queue.exchange.name for queue in app.conf.task_queues}) == len(served)


def broker_url(kind):
    if kind == "filesystem":
        return "filesystem://"
    url = services.promised().redis_url
    if url is None:
        pytest.skip("this run promises no Redis")
    return url.replace("unix://", "redis+socket://", 1)


@pytest.fixture(params=["filesystem", pytest.param("redis", marks=pytest.mark.redis)])
def worker(request, tmp_path):
    """A worker as `make run` starts it, its diary, and a connection to its broker."""
    url = broker_url(request.param)
    environment = {
        **os.environ,
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "CELERY_BROKER_URL": url,
        worker_tasks.DIARY: str(tmp_path / "diary"),
    }
    command = ["-q", "-A", "giftsync", "worker", "-P", "threads", "-c", "2"]
    quiet = ["-l", "WARNING", "--without-mingle", "--without-gossip", "--without-heartbeat"]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", *command, *quiet, "-I", "tests.worker_tasks"],
        cwd=ROOT,
        env=environment,
    )
    queue = tmp_path / "queue"
    (queue / "control").mkdir(parents=True, exist_ok=True)
    folders = {"data_folder_in": str(queue), "data_folder_out": str(queue)}
    options = {**folders, "control_folder": str(queue / "control")}
    with app.connection_for_write(url=url, transport_options=options) as connection:
        yield process, tmp_path / "diary", connection
    if process.poll() is None:
        process.kill()
    process.wait()


def test_a_worker_runs_what_is_enqueued_once_whatever_its_queue(worker):
    process, diary, connection = worker
    with structlog.contextvars.bound_contextvars(request_id="asked-for-it"):
        for name in worker_tasks.PROBES:
            app.tasks[name].apply_async(["tea"], connection=connection)
    until = time.monotonic() + DONE_WITHIN_S
    while not diary.exists() or len(diary.read_text().splitlines()) < len(worker_tasks.PROBES):
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < until, "the tasks were not run"
        time.sleep(0.1)
    # What would be delivered a second time is delivered before it ends.
    process.send_signal(signal.SIGTERM)
    assert process.wait(DONE_WITHIN_S) == 0
    ran = [json.loads(line) for line in diary.read_text().splitlines()]
    assert sorted(line["task"] for line in ran) == sorted(worker_tasks.PROBES)
    for line in ran:
        assert line["word"] == "tea"
        assert line["queue"] == worker_tasks.PROBES[line["task"]]
        assert line["bound_task"] == line["task"]
        assert line["request_id"] == "asked-for-it"
