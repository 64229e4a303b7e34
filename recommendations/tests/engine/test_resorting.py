"""A hand put in order again says what ranking everything anew would say of it."""

import pytest

from recommendations.engine.apart import take_apart
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.ranking import rank
from recommendations.engine.resorting import resorted
from recommendations.engine.session import Swipe

BRIEFS = ("my dad, 60, loves jazz and his garden, under £50", "a friend who cooks", "")


@pytest.mark.parametrize("text", BRIEFS)
def test_the_order_is_that_of_the_whole_after_the_new_verdicts(shop, lexical, text):
    context = Context.from_brief(parse_brief(text))
    before = [Swipe(shop.items[3].id, "like"), Swipe(shop.items[9].id, "dislike")]
    dealt = rank(shop, context, embedder=lexical, k=12, swipes=before)
    ids = [scored.item.id for scored in dealt.items]
    verdicts = [*before, Swipe(ids[0], "dislike"), Swipe(ids[1], "like"), Swipe(ids[2], "save")]
    again = list(resorted(shop, ids, dealt.standing, verdicts))
    apart = take_apart(shop, context, ids, embedder=lexical, swipes=verdicts)
    totals = {one.item_id: one.total for one in apart}
    found = [totals[ids[place]] for place, _score in again]
    assert found == pytest.approx(sorted(totals.values(), reverse=True), abs=1e-4)
    scores = [score for _place, score in again]
    assert sorted(scores, reverse=True) == scores
    assert len(set(scores)) == len(ids)


def test_what_is_gone_is_left_out_and_nothing_gives_nothing(shop, lexical):
    dealt = rank(shop, Context(), embedder=lexical, k=5)
    ids = [scored.item.id for scored in dealt.items]
    kept = list(resorted(shop, [*ids[:2], "gone", *ids[3:]], dealt.standing, []))
    assert sorted(place for place, _score in kept) == [0, 1, 3, 4]
    assert list(resorted(shop, ["gone"], dealt.standing, [])) == []
