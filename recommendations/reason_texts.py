"""The engine's words in the visitor's language: reasons, people and occasions.

The engine gives a code and the values of its sentence; the sentences stand here once more, where
translators find them. A test holds the codes and placeholders of both lists together.
"""

from collections.abc import Mapping
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

REASONS: Mapping[str, Promise] = {
    "matches_interest": _("Matches “{term}” in your note"),
    "matches_chosen_interest": _("Matches the interest “{term}”"),
    "near_interest": _("Has something of “{term}”"),
    "because_you_liked": _("Because you liked “{title}”"),
    "chosen_together": _("Others who chose “{title}” chose this too"),
    "fits_relationship": _("A typical gift for {whom}"),
    "fits_occasion": _("Often given for {occasion}"),
    "fits_age": _("Meant for ages {low} to {high}"),
    "fits_age_from": _("Meant for ages {low} and over"),
    "fits_style": _("In the style you asked for: {style}"),
    "popular": _("Pleases most people"),
    "liked_by_others": _("Often liked by people choosing a gift"),
    "within_budget": _("Within your budget at about £{price}"),
    "similar_to": _("Similar to “{title}”"),
    "new_idea": _("A different kind of idea to start from"),
}
KEPT = _("You kept this one")

# After "Ideas for": the person the giver described.
PEOPLE: Mapping[str, Promise] = {
    "in-law": _("your in-law"),
    "new-parent": _("the new parents"),
    "godchild": _("your godchild"),
    "grandchild": _("your grandchild"),
    "grandparent": _("your grandparent"),
    "dad": _("your dad"),
    "mum": _("your mum"),
    "parent": _("your parent"),
    "partner": _("your partner"),
    "teacher": _("the teacher"),
    "boss": _("your boss"),
    "colleague": _("your colleague"),
    "host": _("your host"),
    "neighbour": _("your neighbour"),
    "teenager": _("the teenager"),
    "son": _("your son"),
    "daughter": _("your daughter"),
    "child": _("the child"),
    "sibling": _("your sibling"),
    "pet-owner": _("the pet owner"),
    "friend": _("your friend"),
}
OCCASIONS: Mapping[str, Promise] = {
    "mothers-day": _("Mother’s Day"),
    "fathers-day": _("Father’s Day"),
    "valentines": _("Valentine’s Day"),
    "secret-santa": _("Secret Santa"),
    "stocking-filler": _("Christmas stocking"),
    "christmas": _("Christmas"),
    "anniversary": _("Anniversary"),
    "engagement": _("Engagement"),
    "wedding": _("Wedding"),
    "baby-shower": _("Baby shower"),
    "new-baby": _("New baby"),
    "graduation": _("Graduation"),
    "retirement": _("Retirement"),
    "exam-results": _("Exam results"),
    "teachers-gift": _("Thank-you to a teacher"),
    "back-to-school": _("Back to school"),
    "moving-out": _("Moving out"),
    "leaving": _("Leaving do"),
    "new-job": _("New job"),
    "housewarming": _("Housewarming"),
    "thank-you": _("Thank-you"),
    "get-well": _("Get well"),
    "easter": _("Easter"),
    "birthday": _("Birthday"),
    "milestone-birthday": _("Milestone birthday"),
}


# The parts of a score, for staff.
PARTS: Mapping[str, Promise] = {
    "interest": _("Interests"),
    "relationship": _("Relationship"),
    "occasion": _("Occasion"),
    "style": _("Style"),
    "age": _("Age"),
    "quality": _("How widely it pleases"),
    "price": _("Price, without a budget"),
    "premise": _("Needs a pet"),
    "taste": _("Learnt from swipes"),
    "together": _("Chosen together by others"),
    "too_expensive": _("Called too expensive"),
    "wrong_occasion": _("Called wrong for the occasion"),
}


def reason_text(code: str, params: Mapping[str, str], *, language: str | None = None) -> str:
    """One sentence in the visitor's language, which may be told where many are asked for."""
    return _template(code, language or get_language()).format_map(params)


@lru_cache(maxsize=256)
def _template(code: str, _language: str | None) -> str:
    return str(REASONS[code])


def relationship_name(slug: str) -> str:
    """ "your dad"; reads after "for"."""
    return str(PEOPLE.get(slug, slug.replace("-", " ")))


def occasion_name(slug: str) -> str:
    """ "Mother's Day", as a label."""
    return str(OCCASIONS.get(slug, slug.replace("-", " ")))
