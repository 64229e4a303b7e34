"""Where things lie, and the peer's own environment."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PEER = ROOT.parent / "shared" / "peer"
BENCH = ROOT / "var" / "bench"
PEER_VENV = BENCH / "peer"
PEER_PYTHON = PEER_VENV / "bin" / "python"


def install_peer() -> None:
    """Put the peer's packages into an environment of its own, once."""
    done = PEER_VENV / "installed"
    requirements = PEER / "requirements.txt"
    if done.exists() and done.read_bytes() == requirements.read_bytes():
        return
    BENCH.mkdir(parents=True, exist_ok=True)
    if not PEER_PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER_VENV)], check=True)
    # An environment that uv made has no pip of its own.
    subprocess.run([str(PEER_PYTHON), "-m", "ensurepip", "--upgrade"], check=True)
    pip = [str(PEER_PYTHON), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
    subprocess.run(pip, check=True)
    done.write_bytes(requirements.read_bytes())
