"""The seam between the text of a search and the rows of the index."""

from catalog.index.facts import Matched
from catalog.index.generation import Generation


def matching_rows(text: str, generation: Generation) -> tuple[Matched, Matched | None] | None:
    """What `text` finds in the base and in the overlay; None where the database has to search.

    The index holds no words of its own: a text search is the database's.
    """
    return None
