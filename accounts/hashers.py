"""Password hashing that cannot take the whole machine.

Every hash is computed in a thread made for that. There is one fewer of them than there are cores,
in all processes of the machine together, and they step back behind whatever else wants to run: a
burst of sign-ins queues for a hash while the other requests are answered.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import hashers

try:
    import fcntl
except ImportError:  # Windows: each process then counts for itself
    HAS_FILE_LOCKS = False
else:
    HAS_FILE_LOCKS = True

# The cores this process may use, which a container can narrow; not every system tells.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
AT_A_TIME = max(1, CORES - 1)
# Of 19. A third of the usual weight: little enough to leave the others their speed, and enough
# that a sign-in is not starved on a machine that is busy all over.
NICENESS = 5
BCRYPT_READS = 72  # bytes; what follows has never counted
Answer = TypeVar("Answer")
_threads: ThreadPoolExecutor | None = None
_lock = threading.Lock()
_n_asked = 0


class HashingBusy(Exception):
    """As many requests of this process wait for a hash as may; the API answers 503 to one more.

    Each holds a thread of the web server while it waits: without a bound, a dozen sign-ins would
    leave none for everybody else.
    """


def _step_back() -> None:
    """Lower the priority of the thread that calls; only Linux has one for each thread."""
    if hasattr(os, "setpriority") and os.uname().sysname == "Linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _forget_threads() -> None:
    """A forked process has none of its parent's threads."""
    global _threads, _lock, _n_asked
    _threads, _lock, _n_asked = None, threading.Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _in_turn(compute: Callable[[], Answer]) -> Answer:
    """The result of `compute`, once a thread is free here and a slot on this machine."""
    global _threads, _n_asked
    with _lock:
        if _n_asked >= settings.HASHING_MOST_AT_ONCE:
            raise HashingBusy
        if _threads is None:
            _threads = ThreadPoolExecutor(AT_A_TIME, "hash", initializer=_step_back)
        threads = _threads
        _n_asked += 1

    def with_slot() -> Answer:
        with _machine_slot():
            return compute()

    try:
        return threads.submit(with_slot).result()
    finally:
        with _lock:
            _n_asked -= 1


@contextmanager
def _machine_slot() -> Iterator[None]:
    """Hold one of this machine's AT_A_TIME slots, each the lock of a file in VAR_DIR."""
    if not HAS_FILE_LOCKS:
        yield
        return
    folder = Path(settings.VAR_DIR) / "hashing"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        slots = [
            os.open(folder / f"slot{n}", os.O_RDWR | os.O_CREAT, 0o600) for n in range(AT_A_TIME)
        ]
    except OSError:  # nowhere to write: each process counts for itself
        yield
        return
    try:
        _take_one(slots)
        yield
    finally:
        for slot in slots:
            os.close(slot)


def _take_one(slots: list[int]) -> None:
    for slot in slots:
        with suppress(BlockingIOError):
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
    # All are taken: wait for one, not always for the same.
    fcntl.flock(slots[threading.get_native_id() % len(slots)], fcntl.LOCK_EX)


class _InTurn(hashers.BasePasswordHasher):
    """Makes a hasher of Django's wait for its turn."""

    def encode(self, password: str, salt: Any, *more: Any) -> str:
        return _in_turn(lambda: super(_InTurn, self).encode(password, salt, *more))


class BoundedArgon2PasswordHasher(_InTurn, hashers.Argon2PasswordHasher):
    """Argon2id, the way new passwords are kept.

    One lane (`parallelism`), so that one computation occupies one core and the bound means what
    it says. 64 MiB and two passes cost about 0.2 CPU seconds, above OWASP's minimum of 19 MiB and
    two.
    """

    time_cost = 2
    memory_cost = 65_536  # KiB
    parallelism = 1

    def verify(self, password: str, encoded: str) -> bool:
        return _in_turn(lambda: super(BoundedArgon2PasswordHasher, self).verify(password, encoded))


class BoundedBCryptSHA256PasswordHasher(_InTurn, hashers.BCryptSHA256PasswordHasher):
    """Django's bcrypt, of accounts that come from elsewhere; renewed at the next sign-in."""


class BoundedBCryptPasswordHasher(_InTurn, hashers.BCryptPasswordHasher):
    """Plain bcrypt, of accounts that come from elsewhere; renewed at the next sign-in."""

    def encode(self, password: str, salt: Any, *more: Any) -> str:
        # The library refuses what it used to cut off, and takes no NUL.
        kept = password.encode()[:BCRYPT_READS].replace(b"\0", b"")
        return super().encode(kept.decode(errors="ignore"), salt)

    def verify(self, password: str, encoded: str) -> bool:
        """False, as for any wrong password, where the kept text is no hash at all."""
        try:
            return super().verify(password, encoded)
        except ValueError:
            return False


class BoundedPBKDF2PasswordHasher(_InTurn, hashers.PBKDF2PasswordHasher):
    """Django's own default, of accounts that come from elsewhere; renewed at the next sign-in."""
