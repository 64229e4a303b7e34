"""Request bodies: one JSON object, not too deep."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 32


def _depth(value: Any) -> int:
    deepest, pending = 0, [(value, 1)]
    while pending:
        current, level = pending.pop()
        deepest = max(deepest, level)
        if isinstance(current, dict):
            pending.extend((child, level + 1) for child in current.values())
        elif isinstance(current, list):
            pending.extend((child, level + 1) for child in current)
    return deepest


class ObjectParser(JSONParser):
    """Strict UTF-8 JSON whose outermost value is an object; raises ParseError otherwise."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            data = super().parse(stream, media_type, parser_context)
        except (ParseError, RecursionError) as error:
            raise ParseError("The body is not valid JSON.") from error
        if not isinstance(data, dict):
            raise ParseError("The body must be a JSON object.")
        if _depth(data) > DEEPEST:
            raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")
        return data
