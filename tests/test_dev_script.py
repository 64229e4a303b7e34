"""`scripts/dev.py` speaks in sentences when something is not as it should be."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / "scripts" / "dev.py"
MAKEFILE = ROOT / "Makefile"


def dev(*options, **environment):
    return subprocess.run(
        [sys.executable, DEV, *options],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "address", ["nonsense", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:8e3"]
)
def test_an_address_that_is_none_is_refused_in_one_sentence(address):
    done = dev("run", ADDR=address)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"ADDR={address} is not an address GiftSync can listen on. "
        "Write host:port, such as ADDR=127.0.0.1:8000.\n"
    )


def test_an_address_in_use_is_refused_before_anything_is_installed():
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        done = dev("run", ADDR=address)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"GiftSync cannot listen on {address} (Address already in use).")
    assert len(done.stderr.splitlines()) == 1


def test_an_unknown_verb_shows_the_known_ones():
    done = dev("tset")
    assert done.returncode == 2
    assert "There is no verb 'tset'." in done.stderr
    assert "test-sqlite" in done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_makefile_offers_every_verb_of_the_script():
    verbs = {line.split()[0] for line in dev("help").stdout.splitlines() if line.startswith("  ")}
    listed = subprocess.run(
        ["make", "-s", "-f", MAKEFILE], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert {line.split()[1] for line in listed.splitlines()} == verbs | {"help"}


def test_an_old_python_is_told_which_one_is_needed():
    source = DEV.read_text()
    check = source[: source.index("import linting")]
    older = f"import sys\nsys.version_info = (3, 9, 2)\n{check.split('annotations', 1)[1]}"
    done = subprocess.run([sys.executable, "-c", older], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("GiftSync needs Python 3.11 or newer, not 3.9.2.")
