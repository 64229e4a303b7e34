"""A production start in a process of its own, for tests of what only production does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH", "LD_LIBRARY_PATH")
COMPLETE = {
    "GIFTSYNC_MODE": "production",
    "SECRET_KEY": "q8Zr-first-secret-of-fifty-letters-and-digits-0123456789",
    "JWT_SIGNING_KEY": "w3Xk-second-secret-of-fifty-letters-and-digits-987654321",
    "FIELD_ENCRYPTION_KEYS": "t5Vn-third-secret-of-fifty-letters-and-digits-1029384756",
    "ALLOWED_HOSTS": "gifts.example.org",
    "SITE_URL": "https://gifts.example.org",
    # Nothing listens there: a start must not depend on the services being up.
    "DATABASE_URL": "postgres://giftsync:word@127.0.0.1:1/giftsync",
    "REDIS_URL": "redis://127.0.0.1:1/1",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://name:word@mail.example.org:587",
}


def run(*command, folder, without=(), **changes):
    """Run Python with a complete production environment but for `without` and `changes`."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environment |= {**COMPLETE, "VAR_DIR": str(folder), **changes}
    for name in without:
        # Set and empty, as an .env file of the checkout could otherwise fill it in.
        environment[name] = ""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
