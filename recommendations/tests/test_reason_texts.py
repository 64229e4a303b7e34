"""The sentences people read are the ones the engine meant."""

import string

from recommendations import reason_texts
from recommendations.engine import reasons, vocabulary


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_code_has_a_sentence_with_the_same_values() -> None:
    ours = {code: placeholders(str(text)) for code, text in reason_texts.REASONS.items()}
    theirs = {code: placeholders(text) for code, text in reasons.TEMPLATES.items()}

    assert ours == theirs


def test_every_person_and_occasion_has_a_name() -> None:
    assert set(reason_texts.PEOPLE) == {r.slug for r in vocabulary.RELATIONSHIPS}
    assert set(reason_texts.OCCASIONS) == {o.slug for o in vocabulary.OCCASIONS}
