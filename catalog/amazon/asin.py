"""The shape of Amazon's product numbers."""

import re

# Books bear their ISBN-10; everything else begins with a letter.
ASIN = re.compile(r"(?:[0-9]{9}[0-9X]|[A-Z][A-Z0-9]{9})")


def is_asin(text: str) -> bool:
    """Whether `text` could be an ASIN, in upper case and nothing around it."""
    return ASIN.fullmatch(text) is not None
