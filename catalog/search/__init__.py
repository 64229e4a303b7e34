"""Search over texts of gifts: arrays, no framework, no database.

`build_search` turns documents into `SearchData`, which `save` and `open_saved` keep on disk;
`SearchIndex` answers queries from it.
"""

from catalog.search.blending import blend, is_long
from catalog.search.building import SearchBuilder, build_search
from catalog.search.documents import Document, Found
from catalog.search.facets import facet_counts
from catalog.search.index import SearchIndex, SearchPart
from catalog.search.storage import SearchData, open_saved, save

__all__ = [
    "Document",
    "Found",
    "SearchBuilder",
    "SearchData",
    "SearchIndex",
    "SearchPart",
    "blend",
    "build_search",
    "facet_counts",
    "is_long",
    "open_saved",
    "save",
]
