"""How much of a file is read before it is taken for an attack."""

from collections.abc import Iterator
from typing import IO

from affiliates.amazon_reports.refusals import refuse

MIB = 1024 * 1024
MOST_PACKED = 100 * MIB
MOST_UNPACKED = 512 * MIB
# Reports shrink to a tenth or so; a thousandfold is a bomb.
MOST_TIMES = 250
SMALL = 1 * MIB
MOST_MEMBERS = 40
MOST_ROWS = 2_000_000
MOST_COLUMNS = 64
MOST_LETTERS_IN_A_LINE = 64 * 1024
MOST_LETTERS_IN_A_CELL = 4_000
MOST_LETTERS_IN_STRINGS = 64 * MIB
LETTERS_OF_A_STRING = 8  # that each shared string costs beside its own
MOST_STRINGS_COMPARED = 100_000
CHUNK = 256 * 1024


class Budget:
    """What may still be read of a file, over all its parts together."""

    def __init__(self, packed: int) -> None:
        if packed > MOST_PACKED:
            raise refuse(f"The file is larger than {MOST_PACKED // MIB} MiB")
        # The parts are read up to twice: once for the encoding, once for the rows.
        self.most = 2 * min(MOST_UNPACKED, max(SMALL, packed * MOST_TIMES))
        self.read = 0
        self.expected = 0

    @property
    def fraction(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return min(1.0, self.read / self.expected) if self.expected else 0.0

    def spend(self, size: int) -> None:
        """Count bytes that were read; Refused once it is too much."""
        self.read += size
        if self.read > self.most:
            raise refuse("It unpacks to far more than a report can be (a zip bomb)")

    def chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        """The content of a stream, piece by piece."""
        while piece := stream.read(CHUNK):
            self.spend(len(piece))
            yield piece
