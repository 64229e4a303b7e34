"""Reading JSON that others wrote: what makes no sense is left out and noted, never raised."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

LARGEST_COUNT = 2**31 - 1
NUMBERS = (int, float, Decimal)  # and not bool, which is an int to isinstance
LARGEST_PRICE = Decimal(10) ** 8
CENT = Decimal("0.01")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_CURRENCY = re.compile(r"[A-Z]{3}")


def clean(text: str, *, longest: int) -> str:
    """`text` as a database takes it: no control signs, no half characters, not too long."""
    if text.isprintable() and len(text) <= longest:
        return text.strip()
    whole = text.encode("utf-8", "ignore").decode()
    return _CONTROL.sub(" ", whole).strip()[:longest].strip()


@lru_cache(maxsize=512)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


class Reader:
    """Walks one JSON object. `unread` collects the paths of what was there and made no sense."""

    def __init__(self, data: dict[str, Any], *, prefix: str = "") -> None:
        self.data, self.prefix = data, prefix
        self.unread: list[str] = []

    def at(self, path: str) -> Any:
        """What lies at a dotted path; None where nothing does, or something on the way is odd."""
        found: Any = self.data
        for part in _steps(path):
            if type(found) is not dict:
                if found is not None:
                    self.odd(path)
                return None
            found = found.get(part)
        return found

    def odd(self, path: str) -> None:
        where = f"{self.prefix}{path}"
        if where not in self.unread:
            self.unread.append(where)

    def text(self, path: str, *, longest: int = 500) -> str:
        found = self.at(path)
        if found is None:
            return ""
        if not isinstance(found, str):
            self.odd(path)
            return ""
        return clean(found, longest=longest)

    def texts(self, path: str, *, longest: int = 500, most: int = 20) -> tuple[str, ...]:
        found = [clean(each, longest=longest) for each in self._parts(path, str)]
        return tuple(text for text in found if text)[:most]

    def readers(self, path: str) -> Iterator["Reader"]:
        """A reader for each object of the list at `path`; they share this one's notes."""
        for place, part in enumerate(self._parts(path, dict)):
            yield self._within(part, f"{path}[{place}]")

    def inside(self, path: str) -> "Reader | None":
        found = self.at(path)
        if found is None:
            return None
        if not isinstance(found, dict):
            self.odd(path)
            return None
        return self._within(found, path)

    def _within(self, data: dict[str, Any], path: str) -> "Reader":
        inner = Reader(data, prefix=f"{self.prefix}{path}.")
        inner.unread = self.unread
        return inner

    def flag(self, path: str) -> bool | None:
        return self._typed(path, bool)

    def count(self, path: str, *, most: int = LARGEST_COUNT) -> int | None:
        """A whole number from 0 to `most`."""
        found = self.at(path)
        if type(found) is int and 0 <= found <= most:
            return found
        number = self.number(path)
        if number is None:
            return None
        if number != number.to_integral_value() or not 0 <= number <= most:
            self.odd(path)
            return None
        return int(number)

    def number(self, path: str) -> Decimal | None:
        found = self.at(path)
        if found is None:
            return None
        # A float is read by its digits, so that 12.49 stays 12.49.
        kind = type(found)
        number = Decimal(repr(found) if kind is float else found) if kind in NUMBERS else None
        if number is None or not number.is_finite():
            self.odd(path)
            return None
        return number

    def money(self, path: str) -> tuple[Decimal, str] | None:
        """Amount and ISO 4217 currency, as far as both make sense together."""
        inner = self.inside(path)
        if inner is None:
            return None
        amount = inner.number("amount")
        currency = inner.text("currency", longest=10)
        if amount is None or not 0 <= amount < LARGEST_PRICE or not _CURRENCY.fullmatch(currency):
            self.odd(path)
            return None
        return amount.quantize(CENT), currency

    def time(self, path: str) -> datetime | None:
        found = self.text(path, longest=40)
        if not found:
            return None
        try:
            at = datetime.fromisoformat(found)
        except ValueError:
            self.odd(path)
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _typed(self, path: str, kind: type) -> Any:
        found = self.at(path)
        if found is None or isinstance(found, kind):
            return found
        self.odd(path)
        return None

    def _parts(self, path: str, kind: type) -> Iterator[Any]:
        for place, part in enumerate(self._typed(path, list) or ()):
            if isinstance(part, kind):
                yield part
            else:
                self.odd(f"{path}[{place}]")
