"""`lint` and `fmt`: every static check of the project, each with a line on how to put it right."""

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from installing import BIN, PYTHON, ROOT, ensure_installed

# What production must be told, with values good enough for `check --deploy` to judge the rest.
PRODUCTION = {
    "GIFTSYNC_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "JWT_SIGNING_KEY": secrets.token_urlsafe(64),
    "FIELD_ENCRYPTION_KEYS": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "gifts.example.org",
    "SITE_URL": "https://gifts.example.org",
    "DATABASE_URL": "postgres://giftsync:not-a-secret@127.0.0.1:5432/giftsync",
    "REDIS_URL": "redis://127.0.0.1:6379/1",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp://127.0.0.1:25",
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: `command` must end with exit code 0, and `advice` says what to do when not."""

    name: str
    command: list[str]
    advice: str
    environment: dict[str, str] = field(default_factory=dict)


def templates() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]


def checks() -> list[Check]:
    """Every check; they are shown in this order, fastest first."""
    manage = [str(PYTHON), "manage.py"]
    found = [
        Check(
            name="style (ruff check)",
            command=[str(BIN / "ruff"), "check", "."],
            advice="run `make fmt`, then mend by hand what is still listed above",
        ),
        Check(
            name="layout (ruff format)",
            command=[str(BIN / "ruff"), "format", "--check", "."],
            advice="run `make fmt`",
        ),
        Check(
            name="migrations (makemigrations --check)",
            command=[*manage, "makemigrations", "--check", "--dry-run"],
            advice="run `.venv/bin/python manage.py makemigrations` and commit the new file",
            environment={"DATABASE_URL": "sqlite://:memory:"},
        ),
        Check(
            name="deployment settings (check --deploy)",
            command=[*manage, "check", "--deploy", "--fail-level", "WARNING"],
            advice="mend the setting that is named above; production must start without warnings",
            environment=PRODUCTION,
        ),
        Check(
            name="types (mypy)",
            command=[str(PYTHON), "-m", "mypy"],
            advice="give the lines above the types they miss",
        ),
    ]
    if paths := templates():
        layout = Check(
            name="templates (djade)",
            command=[str(BIN / "djade"), "--check", "--target-version", "5.2", *paths],
            advice="run `make fmt`",
        )
        found.insert(2, layout)
    return found


def run(check: Check) -> "subprocess.CompletedProcess[str]":
    """Run one check; what it says on either channel is in `stdout`."""
    return subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lint() -> int:
    """Run every check at once, whatever becomes of the others; returns 1 when any failed."""
    ensure_installed("requirements-dev.txt")
    failed = []
    with ThreadPoolExecutor() as pool:
        running = [(check, pool.submit(run, check)) for check in checks()]
        for check, ended in running:
            print(f"— {check.name}", flush=True)
            done = ended.result()
            print(done.stdout, end="", flush=True)
            if done.returncode:
                failed.append(check)
    for check in failed:
        print(f"FAILED: {check.name}: {check.advice}.", file=sys.stderr)
    if not failed:
        print("Every check passed.")
    return 1 if failed else 0


def fmt() -> int:
    """Rewrite code and templates in house style; returns 1 when something needs a hand."""
    ensure_installed("requirements-dev.txt")
    ruff = str(BIN / "ruff")
    subprocess.run([ruff, "format", "-q", "."], cwd=ROOT)
    left = subprocess.run([ruff, "check", "--fix", "."], cwd=ROOT).returncode
    subprocess.run([ruff, "format", "-q", "."], cwd=ROOT)
    if paths := templates():
        # djade ends with 1 when it rewrote something, which is what it was asked for.
        subprocess.run([BIN / "djade", "--target-version", "5.2", *paths], cwd=ROOT)
    return left
