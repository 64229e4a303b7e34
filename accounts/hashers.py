"""Argon2id that cannot take the whole machine."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# The cores this process may use, which a container can narrow; not every system tells.
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
AT_A_TIME = max(1, CORES - 1)
_slots = threading.BoundedSemaphore(AT_A_TIME)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id of which one process computes at most `AT_A_TIME` at once.

    A burst of logins then queues for a hash while the other threads keep answering. One lane
    (`parallelism`), so that one computation occupies one core and the bound means what it says.
    64 MiB and two passes cost about 0.2 CPU seconds, above OWASP's minimum of 19 MiB and two.
    """

    time_cost = 2
    memory_cost = 65_536  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _slots:
            return super().verify(password, encoded)
