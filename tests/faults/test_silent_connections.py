"""A connection to which nothing is said is cut; one that is answered on is not."""

import socket
import sys
from pathlib import Path

import pytest

from tests.production import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from silent_connections import OPEN_FILES, SilentConnections

pytestmark = pytest.mark.skipif(not Path(OPEN_FILES).is_dir(), reason="needs the /proc of Linux")


def test_only_the_silent_ones_are_cut():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        callers = [socket.create_connection(address, timeout=5) for _ in range(2)]
        quiet, spoken = (listening.accept()[0] for _ in callers)
        silent = SilentConnections(address[1], silent_s=30)
        assert silent.cut(now=0) == 0
        spoken.sendall(b"hello")
        assert callers[1].recv(5) == b"hello"
        assert silent.cut(now=29) == 0
        assert silent.cut(now=31) == 1
        assert callers[0].recv(1) == b""
        spoken.sendall(b"still here")
        assert callers[1].recv(10) == b"still here"
        assert quiet.recv(1) == b""
        for connection in (*callers, quiet, spoken):
            connection.close()
