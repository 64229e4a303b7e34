"""One PostgreSQL and one Redis for both sides, from the wheels the tests use."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

from tests.embedded_pg import EmbeddedPostgres
from tests.embedded_redis import EmbeddedRedis
from tests.local_process import end_with_us, scratch_folder

# A click counts as kept when it is on the disk: nothing here is switched off for speed.
SERVER_OPTIONS = ("max_connections=300", "shared_buffers=512MB", "max_wal_size=4GB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Where both sides keep their data."""

    postgres_port: int
    redis_port: int
    postgres_pid: int
    redis_pid: int

    def database(self, name: str, *, scheme: str = "postgres") -> str:
        return f"{scheme}://giftsync@127.0.0.1:{self.postgres_port}/{name}"

    def redis(self, number: int) -> str:
        return f"redis://127.0.0.1:{self.redis_port}/{number}"


@contextmanager
def running_services() -> Iterator[Services]:
    """Both servers with two empty databases, `giftsync` and `peer`. Raises ServiceUnavailable."""
    with ExitStack() as stack:
        folders = [scratch_folder(), scratch_folder()]
        for folder in folders:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = EmbeddedPostgres(folders[0], options=SERVER_OPTIONS)
        redis = EmbeddedRedis(folders[1])
        urls = []
        servers: list[EmbeddedPostgres | EmbeddedRedis] = [postgres, redis]
        for server, folder in zip(servers, folders, strict=True):
            urls.append(server.start())
            stack.callback(server.stop)
            end_with_us(server.process, folder)
        with psycopg.connect(urls[0], autocommit=True) as connection:
            connection.execute("CREATE DATABASE giftsync")
            connection.execute("CREATE DATABASE peer")
        ports = [urlsplit(url).port or 0 for url in urls]
        yield Services(
            postgres_port=ports[0],
            redis_port=ports[1],
            postgres_pid=postgres.process.pid,
            redis_pid=redis.process.pid,
        )
