"""The image and compose file keep their rules, and what they start really starts and stops."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import yaml
from django.conf import settings

from tests.local_process import free_port

ROOT = Path(__file__).resolve().parent.parent
START = ROOT / "scripts" / "start"
SERVERS = ("web", "worker", "beat")
SECRET_NAMES = (
    "SECRET_KEY",
    "JWT_SIGNING_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
)
STARTED_WITHIN_S = 60


def instructions():
    """(instruction, arguments) of each line of the Dockerfile, continuations joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def final_stage():
    every = instructions()
    last = max(i for i, (name, _) in enumerate(every) if name == "FROM")
    return every[last:]


def test_both_stages_start_from_the_same_pinned_python():
    images = {rest.split(" AS ")[0] for name, rest in instructions() if name == "FROM"}
    assert images == {"python:3.11-slim-bookworm"}


def test_the_image_does_not_run_as_root():
    users = [rest for name, rest in final_stage() if name == "USER"]
    assert users == ["10001:10001"]
    order = [name for name, _ in final_stage()]
    assert order.index("USER") < order.index("ENTRYPOINT")


def test_the_finished_image_installs_nothing():
    text = " ".join(rest for _, rest in final_stage())
    assert not re.search(r"\b(pip|apt-get|uv|gcc|curl)\b", text)


def test_packages_are_installed_by_hash_and_no_package_list_stays_behind():
    runs = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert "--require-hashes" in runs
    assert "--no-cache-dir" in runs
    assert "apt-get" not in runs or "rm -rf /var/lib/apt/lists" in runs


def test_no_secret_is_built_into_the_image():
    text = (ROOT / "Dockerfile").read_text()
    assert not [name for name in SECRET_NAMES if name in text]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".*", "var", "*.sqlite3"} <= set(ignored)


def test_the_image_starts_the_web_server_and_asks_for_its_health():
    found = dict(final_stage())
    assert found["ENTRYPOINT"] == '["scripts/start"]'
    assert found["CMD"] == '["web"]'
    assert "scripts/healthy.py" in found["HEALTHCHECK"]
    assert os.access(START, os.X_OK)


@pytest.fixture
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_compose_runs_every_part(compose):
    assert set(compose["services"]) == {*SERVERS, "migrate", "postgres", "cache", "broker"}
    for name in (*SERVERS, "migrate"):
        assert compose["services"][name]["command"] == name


def test_compose_starts_servers_only_after_their_database_is_ready(compose):
    for name in SERVERS:
        after = compose["services"][name]["depends_on"]
        assert after["migrate"]["condition"] == "service_completed_successfully"
        for server in ("postgres", "cache", "broker"):
            assert after[server]["condition"] == "service_healthy"
            assert compose["services"][server]["healthcheck"]["test"]


def test_compose_takes_every_secret_from_outside_and_insists_on_it(compose):
    text = (ROOT / "compose.yaml").read_text()
    for name in SECRET_NAMES:
        assert f"${{{name}:?" in text
    urls = [compose["services"]["web"]["environment"][name] for name in ("DATABASE_URL",)]
    assert all("${POSTGRES_PASSWORD" in url for url in urls)


def test_compose_keeps_cache_and_broker_apart(compose):
    values = compose["services"]["web"]["environment"]
    assert "@cache:" in values["REDIS_URL"]
    assert "@broker:" in values["CELERY_BROKER_URL"]
    assert "allkeys-lru" in compose["services"]["cache"]["command"]
    assert "noeviction" in compose["services"]["broker"]["command"]
    assert "--appendonly yes" in compose["services"]["broker"]["command"]


def test_compose_opens_no_port_but_the_web_servers_and_that_only_locally(compose):
    ports = {name: part["ports"] for name, part in compose["services"].items() if "ports" in part}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}


def test_workers_take_from_every_queue_that_tasks_are_sent_to():
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    queues.add(settings.CELERY_TASK_DEFAULT_QUEUE)
    for path in (START, ROOT / "scripts" / "serving.py"):
        named = re.search(r"default[a-z,]*", path.read_text()).group()
        assert set(named.split(",")) == queues, path


# --- scripts/start against real servers -----------------------------------------------------


def redis_database(url, further):
    """The Redis database `further` places after the one this test run uses."""
    own = int(urlsplit(url).path.strip("/") or 0)
    return urlsplit(url)._replace(path=f"/{own + further}").geturl()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Environment of a server with a PostgreSQL database and a Redis database of its own."""
    database, cache = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    if not database.startswith("postgres") or not cache:
        pytest.skip("scripts/start is for PostgreSQL and Redis, and this run has not got both")
    name = f"start_{os.getpid()}"
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    yield {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": urlunsplit(urlsplit(database)._replace(path=f"/{name}")),
        "REDIS_URL": redis_database(cache, 1),
        "CELERY_BROKER_URL": redis_database(cache, 2),
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "DB_POOL": "1",
        "WEB_WORKERS": "1",
        "WORKER_CONCURRENCY": "1",
        "WAIT_SECONDS": "20",
        "RECOMMENDER_EMBEDDER": "lexical",
        "LOG_LEVEL": "INFO",
    }
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def launch(role, environment, log):
    with log.open("wb") as out:
        return subprocess.Popen(
            [START, role],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def wait_until(process, log, is_true):
    """Ask until `is_true()`; the process must live as long."""
    deadline = time.monotonic() + STARTED_WITHIN_S
    while not is_true():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def stop(process, log):
    """The exit code after a stop signal, which must not take long."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert "Traceback" not in log.read_text()


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_web_prepares_the_database_answers_and_stops_when_told(place, tmp_path):
    port, log = free_port(), tmp_path / "web.log"
    environment = {**place, "ADDR": f"127.0.0.1:{port}"}
    process = launch("web", environment, log)
    try:
        wait_until(process, log, lambda: answers(port, "/health/"))
        healthy = [sys.executable, ROOT / "scripts" / "healthy.py"]
        assert subprocess.run(healthy, env=environment).returncode == 0
        with psycopg.connect(place["DATABASE_URL"]) as database:
            assert database.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 0
    finally:
        assert stop(process, log) == 0, log.read_text()
    assert subprocess.run(healthy, env=environment).returncode == 1


def test_a_worker_takes_tasks_and_stops_when_told(place, tmp_path):
    log = tmp_path / "worker.log"
    process = launch("worker", place, log)
    try:
        wait_until(process, log, lambda: " ready." in log.read_text())
    finally:
        assert stop(process, log) == 0, log.read_text()


def test_beat_sends_what_is_due_and_stops_when_told(place, tmp_path):
    log = tmp_path / "beat.log"
    process = launch("beat", place, log)
    try:
        wait_until(process, log, lambda: "beat: Starting" in log.read_text())
    finally:
        assert stop(process, log) == 0, log.read_text()


def test_a_start_waits_while_another_one_prepares_the_database(place, tmp_path):
    log = tmp_path / "second.log"
    holder = psycopg.connect(place["DATABASE_URL"], autocommit=True)
    holder.execute("SELECT pg_advisory_lock(%s)", [0x67696674])
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    process = launch("beat", place, log)
    try:
        wait_until(process, log, lambda: holder.execute(waiting).fetchone())
        assert "Preparing the database" not in log.read_text()
        holder.close()
        wait_until(process, log, lambda: "beat: Starting" in log.read_text())
    finally:
        stop(process, log)


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_server_that_does_not_answer_is_named_without_its_password(place, name):
    scheme = {"DATABASE_URL": "postgres", "REDIS_URL": "redis"}[name]
    nowhere = f"{scheme}://someone:pa55word@127.0.0.1:{free_port()}/0"
    environment = {**place, name: nowhere, "WAIT_SECONDS": "0.5"}
    done = subprocess.run([START, "web"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"({name})" in done.stderr
    assert "pa55word" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_unsafe_production_does_not_touch_the_database(place):
    environment = {**place, "GIFTSYNC_MODE": "production", "SECRET_KEY": "short"}
    done = subprocess.run([START, "migrate"], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr
    assert "Preparing" not in done.stdout


def test_an_unknown_role_is_refused_in_a_sentence(place):
    done = subprocess.run([START, "wbe"], env=place, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "scripts/start knows web, worker, beat and migrate, not 'wbe'.\n"
