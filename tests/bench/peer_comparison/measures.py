"""What a group of processes has used, read from /proc (Linux)."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """MiB. `pss` counts what is shared once over all that share it; `private` is nobody else's."""

    pss: float
    largest_private: float


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on, or None if the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def tree(root: int) -> list[int]:
    """`root` and every process below it."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (found := _stat(int(entry.name))):
            children.setdefault(int(found[1]), []).append(int(entry.name))
    family, pending = [], [root]
    while pending:
        pid = pending.pop()
        family.append(pid)
        pending += children.get(pid, [])
    return family


def begun_at(pid: int) -> str | None:
    """When the process began, in ticks since the machine did; None if it is gone."""
    found = _stat(pid)
    return found[19] if found else None


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, with that of children `root` has outlived."""
    ticks = 0
    for pid in tree(root):
        if found := _stat(pid):
            ticks += int(found[11]) + int(found[12])
            if pid == root:
                ticks += int(found[13]) + int(found[14])
    return ticks / TICKS


def memory(root: int) -> Memory:
    """Memory of the tree now."""
    pss, privates = 0, [0]
    for pid in tree(root):
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
        except OSError:
            continue
        kib = {name.rstrip(":"): int(value) for name, value, *_ in map(str.split, lines)}
        pss += kib.get("Pss", 0)
        # Clean pages are those of mapped files: what is private about them is only that no other
        # process has looked at the same page yet.
        privates.append(kib.get("Private_Dirty", 0))
    return Memory(pss=pss / 1024, largest_private=max(privates) / 1024)
