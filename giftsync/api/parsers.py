"""Request bodies: one JSON object, not too deep, of text and numbers that exist."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils.json import strict_constant

DEEPEST = 32
_decoder = json.JSONDecoder(parse_constant=strict_constant)


def _is_unsound(value: Any) -> bool:
    """Half a surrogate pair, or a number too large for a float: JSON's grammar lets both pass."""
    if isinstance(value, str):
        return not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)
    return isinstance(value, float) and not math.isfinite(value)


def _check(body: dict[str, Any]) -> None:
    """Walk the body without recursion; raises ParseError."""
    pending: list[tuple[Any, int]] = [(body, 1)]
    while pending:
        value, level = pending.pop()
        if level > DEEPEST:
            message = _("The body is nested deeper than {levels} levels.")
            raise ParseError(message.format(levels=DEEPEST))
        if isinstance(value, dict):
            pending += ((child, level + 1) for child in value.values())
            pending += ((name, level) for name in value)
        elif isinstance(value, list):
            pending += ((child, level + 1) for child in value)
        elif _is_unsound(value):
            raise ParseError(_("The body holds text or a number that cannot be read."))


class ObjectParser(JSONParser):
    """Strict UTF-8 JSON whose outermost value is an object; raises ParseError otherwise."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return read_object(stream.read())


def read_object(body: bytes) -> dict[str, Any]:
    """The object of a body in UTF-8; raises ParseError for anything else."""
    try:
        data = _decoder.decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise ParseError(_("The body is not valid JSON.")) from error
    if not isinstance(data, dict):
        raise ParseError(_("The body must be a JSON object."))
    _check(data)
    return data
