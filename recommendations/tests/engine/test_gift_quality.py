"""The gift test: does a brief find the gifts its writer had in mind?"""

import sys
from dataclasses import replace

import numpy as np
import pytest

from recommendations.engine.artifact import build_artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.interest_match import match_interests
from recommendations.engine.parts import Part
from recommendations.engine.ranking import rank
from recommendations.tests.engine.gifts import (
    gift_test_briefs,
    gift_test_grades,
    gift_test_items,
    ndcg,
)


def without_budget(text):
    """The grades ignore prices."""
    return replace(Context.from_brief(parse_brief(text)), budget_min=None, budget_max=None)


@pytest.fixture(scope="module")
def contexts():
    return [without_budget(text) for text in gift_test_briefs()]


@pytest.fixture(scope="module")
def grades():
    return gift_test_grades()


def quality(embedder, contexts, grades):
    artifact = build_artifact(gift_test_items(), embedder=embedder)
    by_score, by_rank = [], []
    for context, wanted in zip(contexts, grades, strict=True):
        match = match_interests(Part.whole(artifact), context.interests, embedder=embedder)
        scores = np.zeros(len(artifact)) if match is None else match.logit
        by_score.append(ndcg(np.argsort(-scores, kind="stable"), wanted))
        listed = [int(s.item.id) for s in rank(artifact, context, embedder=embedder).items]
        by_rank.append(ndcg(np.array(listed, int), wanted))
    return float(np.mean(by_score)), float(np.mean(by_rank))


def test_the_sentence_model_finds_the_gifts_meant(minilm, contexts, grades, capsys):
    by_score, by_rank = quality(minilm, contexts, grades)
    with capsys.disabled():
        sys.stdout.write(
            f"\ngift test, nDCG@10: scores {by_score:.3f}, lists {by_rank:.3f} (bar 0.55)\n"
        )
    assert by_score >= 0.55
    assert by_rank >= 0.55


def test_plain_words_still_find_something(lexical, contexts, grades, capsys):
    by_score, by_rank = quality(lexical, contexts, grades)
    with capsys.disabled():
        sys.stdout.write(
            f"\ngift test by plain words, nDCG@10: scores {by_score:.3f}, lists {by_rank:.3f}\n"
        )
    assert by_rank >= 0.28
