"""Our own drawings of categories, which stand where a shop's picture may not be shown."""

from functools import cache

from django.contrib.staticfiles import finders
from django.templatetags.static import static

DRAWINGS = "img/categories/%s.svg"
GENERAL = "home-comforts"


@cache
def is_drawn(slug: str) -> bool:
    """Whether there is a drawing for a category. Naming a missing file would fail in production."""
    return bool(slug) and finders.find(DRAWINGS % slug) is not None


def drawing_url(*slugs: str) -> str:
    """The drawing of the first category that has one, else a general one."""
    return static(DRAWINGS % next(filter(is_drawn, slugs), GENERAL))
