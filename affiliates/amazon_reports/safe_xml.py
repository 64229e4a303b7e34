"""XML as a stream, without anything that could make it more than it looks.

A document type is where entities are declared, with which a few bytes become gigabytes or a file
of the server is read. No report has one, so it is refused as such.
"""

from collections.abc import Callable, Iterable
from typing import Any
from xml.parsers import expat

from affiliates.amazon_reports.refusals import refuse


def local_name(tag: str) -> str:
    """The name without its namespace's prefix."""
    return tag.rpartition(":")[2] if ":" in tag else tag


def feed(
    chunks: Iterable[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    sheet: str,
) -> Iterable[None]:
    """Parse, calling back as it goes; yields after each piece so that rows can be passed on."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text

    def forbidden(*_given: Any) -> int:
        raise refuse("It declares a document type or entities, which no report does", sheet=sheet)

    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        reason = f"It is no whole XML, as in a file that was cut short ({error})"
        raise refuse(reason, row=error.lineno, sheet=sheet) from error
