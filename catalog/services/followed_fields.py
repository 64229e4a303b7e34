"""The rule that lets staff edit what a file once loaded.

A field follows the file as long as it still holds what the file put there. Once staff changed it,
it is theirs, and stays so until it holds again what was loaded, or what the file now says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EMPTY: tuple[Any, ...] = ("", None, [])


@dataclass(frozen=True, slots=True)
class Followed:
    """What to change in a row, what then counts as loaded, and which fields staff keep."""

    changes: dict[str, Any]
    loaded: dict[str, Any]
    kept: tuple[str, ...]


def follow(
    new: Mapping[str, Any], *, current: Mapping[str, Any], loaded: Mapping[str, Any]
) -> Followed:
    """Compare a row of the file with what stands in the database and what was last loaded.

    A field that was never loaded is taken over only while it is empty.
    """
    changes: dict[str, Any] = {}
    now_loaded = dict(loaded)
    kept = []
    for name, value in new.items():
        mine = current[name]
        if mine == value:
            now_loaded[name] = value
        elif mine == loaded[name] if name in loaded else mine in EMPTY:
            changes[name] = now_loaded[name] = value
        else:
            kept.append(name)
    return Followed(changes, now_loaded, tuple(kept))
