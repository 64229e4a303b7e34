"""A hand put in order again says what ranking everything anew would say of it."""

import pytest

from recommendations.engine.apart import take_apart
from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.ranking import rank
from recommendations.engine.resorting import Resorter, Standing
from recommendations.engine.session import Swipe

BRIEFS = ("my dad, 60, loves jazz and his garden, under £50", "a friend who cooks", "")


@pytest.mark.parametrize("text", BRIEFS)
def test_the_order_is_that_of_the_whole_after_the_new_verdicts(shop, lexical, text):
    context = Context.from_brief(parse_brief(text))
    before = [Swipe(shop.items[3].id, "like"), Swipe(shop.items[9].id, "dislike")]
    dealt = rank(shop, context, embedder=lexical, k=12, swipes=before)
    ids = [scored.item.id for scored in dealt.items]
    verdicts = [*before, Swipe(ids[0], "dislike"), Swipe(ids[1], "like"), Swipe(ids[2], "save")]
    again = list(Resorter(shop, ids, dealt.standing).after(shop, verdicts))
    apart = take_apart(shop, context, ids, embedder=lexical, swipes=verdicts)
    totals = {one.item_id: one.total for one in apart}
    found = [totals[ids[place]] for place, _score in again]
    assert found == pytest.approx(sorted(totals.values(), reverse=True), abs=1e-4)
    scores = [score for _place, score in again]
    assert sorted(scores, reverse=True) == scores
    assert len(set(scores)) == len(ids)


def test_verdicts_one_by_one_say_the_same_as_all_at_once(shop, lexical):
    dealt = rank(shop, Context(), embedder=lexical, k=12)
    ids = [scored.item.id for scored in dealt.items]
    ways = ("like", "dislike", "save", "like", "dislike")
    verdicts = [Swipe(item.id, way) for item, way in zip(shop.items[3:8], ways, strict=True)]
    verdicts += [Swipe(ids[0], "dislike"), Swipe("gone", "like"), Swipe(shop.items[3].id, "save")]
    one_by_one = Resorter(shop, ids, dealt.standing)
    for count in range(len(verdicts) + 1):
        at_once = list(Resorter(shop, ids, dealt.standing).after(shop, verdicts[:count]))
        found = list(one_by_one.after(shop, verdicts[:count]))
        assert [place for place, _score in found] == [place for place, _score in at_once]
        assert dict(found) == pytest.approx(dict(at_once), abs=1e-4)
    # Taken back.
    assert dict(one_by_one.after(shop, [])) == dict(
        Resorter(shop, ids, dealt.standing).after(shop, [])
    )


def test_what_is_gone_is_left_out_and_nothing_gives_nothing(shop, lexical):
    dealt = rank(shop, Context(), embedder=lexical, k=5)
    ids = [scored.item.id for scored in dealt.items]
    kept = Resorter(shop, [*ids[:2], "gone", *ids[3:]], dealt.standing).after(shop, [])
    assert sorted(place for place, _score in kept) == [0, 1, 3, 4]
    assert list(Resorter(shop, ["gone"], Standing((0.0,))).after(shop, [])) == []
