"""What the services refuse, as the contract's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from rest_framework.exceptions import ParseError

from accounts.services.allowances import TierLimitReached


@contextmanager
def tier_limit_is_a_400() -> Iterator[None]:
    """400 `TIER_LIMIT_REACHED` where what is inside finds no room in the user's tier."""
    try:
        yield
    except TierLimitReached as error:
        raise ParseError(error.message, code=error.code) from error
