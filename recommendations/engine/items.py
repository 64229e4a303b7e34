"""The gift as the engine sees it: plain values, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TAG_KINDS = ("interest", "occasion", "relationship", "age_band", "style", "setting")


@dataclass(frozen=True, slots=True)
class Item:
    """One gift.

    `category` runs from the root slug to the leaf. `price` is in pounds, None when unknown.
    `age_min` and `age_max` are whole years of the recipient, inclusive, None for no bound.
    `appeal` is the editors' 1 to 5. `shown` and `liked` count cards, over all sessions.
    """

    id: str
    title: str
    description: str
    brand: str
    category: tuple[str, ...]
    category_name: str
    price: float | None
    age_min: int | None
    age_max: int | None
    is_adult: bool
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tag_names: Mapping[str, str] = field(default_factory=dict)
    appeal: int = 3
    shown: int = 0
    liked: int = 0

    @property
    def text(self) -> str:
        """What is embedded: our own words for the gift, then the interests it serves."""
        interests = ", ".join(self.name_of(slug) for slug in self.tags.get("interest", ()))
        parts = (self.title, self.description, self.category_name, interests)
        return ". ".join(part.strip().rstrip(".") for part in parts if part.strip())

    @property
    def root(self) -> str:
        return self.category[0] if self.category else ""

    @property
    def leaf(self) -> str:
        return self.category[-1] if self.category else ""

    def name_of(self, slug: str) -> str:
        """The words of a tag; the slug itself, spelt out, where no name was given."""
        return self.tag_names.get(slug) or slug.replace("-", " ")
