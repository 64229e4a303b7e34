"""The migrations, run once for all workers of a run: the first one's database is the others' model.

Replaying them takes each worker many seconds, and ends in the same tables. Who comes first migrates
an empty database and leaves a copy of it; whoever comes later begins with that copy, on which
Django then finds nothing left to migrate.
"""

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

IN_MEMORY = "file:giftsync?mode=memory&cache=shared"


class Migrated:
    """The copy of a run, told to its workers by `folder`, which is theirs alone."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "migrating").open("w")
        # A database in a file on SQLite; on PostgreSQL, a file with the name of one.
        self._copy = folder / "migrated"
        self._is_first = False
        self._memory: sqlite3.Connection | None = None

    def begin(self) -> None:
        """Before Django makes the worker's database; until `finish`, no other worker's is made."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._is_first = not self._copy.exists()
        test = connection.settings_dict["TEST"]
        if connection.vendor == "sqlite":
            test["NAME"] = IN_MEMORY
            # It lives as long as anybody is connected to it: until Django is, that is us.
            self._memory = sqlite3.connect(IN_MEMORY, uri=True)
            if not self._is_first:
                with closing(sqlite3.connect(self._copy)) as kept:
                    kept.backup(self._memory)
        elif not self._is_first:
            test["TEMPLATE"] = self._copy.read_text()

    def finish(self) -> None:
        """After Django has made it."""
        if self._memory:
            if self._is_first:
                with closing(sqlite3.connect(self._copy)) as kept:
                    self._memory.backup(kept)
            self._memory.close()
        elif self._is_first:
            made, copy = connection.settings_dict["NAME"], f"migrated_{os.getpid()}"
            connection.close()  # one that is in use cannot be copied
            _on_the_server("CREATE DATABASE {} TEMPLATE {}", copy, made)
            self._copy.write_text(copy)
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def forget(self) -> None:
        """Take the copy away from a server that others may use as well."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self._is_first and connection.vendor == "postgresql":
            _on_the_server("DROP DATABASE {}", self._copy.read_text())
            self._copy.unlink()
        self._lock.close()


def _on_the_server(statement: str, *names: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
