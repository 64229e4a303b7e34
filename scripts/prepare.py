"""Bring the database and what hangs on it up to date: runs the management commands it is given.

`python scripts/prepare.py migrate "train_recommender --if-missing"`, inside the project's
environment. One process for all of them, since most of a management command's time is start-up.
On PostgreSQL an advisory lock lets several machines start together: one does the work, the others
wait and then find it done.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import NoAnswer, wait_for_services

SAYS = {
    "migrate": "Preparing the database…",
    "load_starter_catalogue": "Loading the starter catalogue…",
    "load_commission_rates": "Loading the shop's rates…",
    "build_catalogue_index": "Preparing the lists…",
    "train_recommender": "Preparing the recommendations… (the first time takes a little longer)",
    "collectstatic": "Collecting the static files…",
}
LOCK = 0x67696674  # "gift": any number will do, as long as nothing else uses it
LOCK_WAIT = "10min"


@contextmanager
def alone() -> Iterator[None]:
    """Hold the advisory lock on PostgreSQL; elsewhere there is one machine, and nothing to hold.

    The lock sits on a connection of its own: it must outlive what the commands do with theirs.
    """
    from django.db import connections

    if connections["default"].vendor != "postgresql":
        yield
        return
    keeper = connections.create_connection("default")
    try:
        with keeper.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_WAIT])
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        keeper.close()  # which gives the lock back


def prepare(commands: list[str], *, wait_s: float) -> None:
    """Wait for the servers, then run each management command, saying in plain words what it does.

    Raises NoAnswer, and whatever a command raises.
    """
    import django

    django.setup()
    from giftsync.checks import refuse_unsafe_start

    # Before the first touch: a forgotten DATABASE_URL must not fill the wrong database.
    refuse_unsafe_start()
    from django.core.management import call_command

    if wait_s:
        wait_for_services(wait_s)
    if not commands:
        return
    with alone():
        for command in commands:
            name, *options = shlex.split(command)
            print(SAYS.get(name, f"{name}…"), flush=True)
            call_command(name, *options, verbosity=0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS")
    parser.add_argument("commands", nargs="*")
    chosen = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    # A short process with two connections has no use for a pool, and a migration or the reading
    # of all behaviour may take longer than a web request should.
    os.environ.update(DB_POOL="0", DB_STATEMENT_TIMEOUT_MS="0")
    try:
        prepare(chosen.commands, wait_s=chosen.wait)
    except KeyboardInterrupt:
        return 130
    except NoAnswer as error:
        print(f"{error} GiftSync was not started.", file=sys.stderr)
        return 1
    except Exception as error:
        if os.environ.get("GIFTSYNC_TRACEBACK"):
            raise
        print(
            f"{type(error).__name__}: {error}\n"
            "GiftSync was not started. Set GIFTSYNC_TRACEBACK=1 to see where it happened.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
