"""One door to every chore of the project: `python3 scripts/dev.py VERB`, or `make VERB`.

Needs nothing but Python 3.11 or newer; the project's own packages go into `.venv/`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this is what tells people with an older Python
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(f"GiftSync needs Python 3.11 or newer, not {found}. Try: make run PYTHON=python3.11")

import linting
import serving
from installing import PYTHON, ROOT, VENV, InstallFailed, compile_requirements, ensure_installed

# Where it is set, nothing keeps what it compiled, and each start compiles a thousand modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
SQLITE_LEG = {"TEST_DB": "sqlite", "TEST_REDIS": "none"}
# By files in the order of conftest.py, as what a file sets up is set up once; one more than cores,
# as many tests wait for other processes. A later `-n 0` wins, for a debugger.
WORKERS = str((os.cpu_count() or 1) + 1)
ON_ALL_CORES = ("-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder")
USAGE = """usage: python3 scripts/dev.py VERB [OPTIONS]

  install       install the pinned packages, as every other verb does that needs them
  run           install, prepare the database and start GiftSync
  test          run the tests on PostgreSQL and Redis; options go to pytest
  test-sqlite   run the tests on SQLite without Redis
  lint          check style, types, migrations, templates and deployment settings
  fmt           put code and templates into house style
  e2e           run the browser journeys only
  bench         measure speed and recommendation quality
  drills        hurt a running server in every way known, and see that it recovers
  bench-quality measure how good recommendations are
  screenshots   take pictures of the pages
  amazon-standin  run an invented Amazon to connect to, with a thousand products
  requirements  work out the pinned requirement files again"""


def pytest(*options: str, **environment: str) -> int:
    """Run pytest in the project's environment and return its exit code."""
    ensure_installed("requirements-dev.txt")
    command = [str(PYTHON), "-m", "pytest", *options]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode


def pytest_in(folder: str, *options: str) -> int:
    if not (ROOT / folder).exists():
        print(f"There is no {folder} in this checkout.", file=sys.stderr)
        return 1
    return pytest(folder, *options)


def main(verb: str, options: list[str]) -> int:
    """Carry out one verb and return the exit code for the shell."""
    match verb:
        case "install":
            ensure_installed("requirements-dev.txt")
            return 0
        case "run":
            return serving.run()
        case "test":
            return pytest(*ON_ALL_CORES, *options)
        case "test-sqlite":
            return pytest(*ON_ALL_CORES, *options, **SQLITE_LEG)
        case "e2e":
            return pytest_in("tests/e2e", *options)
        case "bench":
            return pytest_in("tests/bench", "-s", "-o", "python_files=bench_*.py", *options)
        case "drills":
            return pytest_in("tests/faults", "-o", "python_files=drill_*.py", *options)
        case "bench-quality":
            good, quick = "tests/bench/bench_quality.py", "tests/bench/bench_scale.py"
            return pytest_in(good, "-s", "-o", "python_files=bench_*.py", quick, *options)
        case "screenshots":
            return pytest_in("tests/e2e", "-o", "python_files=screenshots*.py", *options)
        case "lint":
            return linting.lint()
        case "fmt":
            return linting.fmt()
        case "amazon-standin":
            ensure_installed("requirements.txt")
            command = [str(PYTHON), "-m", "tests.amazon_standin", *options]
            return subprocess.run(command, cwd=ROOT).returncode
        case "requirements":
            return compile_requirements()
        case "help" | "-h" | "--help":
            print(USAGE)
            return 0
    print(f"There is no verb {verb!r}.\n\n{USAGE}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    # A stop that arrives while something is being installed or prepared ends that step too.
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    verb, *options = sys.argv[1:] or ["help"]
    try:
        sys.exit(main(verb, options))
    except InstallFailed as error:
        sys.exit(f"{error}\nTo start afresh, delete {VENV.name}/ and try again.")
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        sys.exit(130)
