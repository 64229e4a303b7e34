"""Chance deals few cards, none when switched off, and the same ones when asked again."""

from recommendations.engine.exploration import MOST, POOL, explored

RANKED = list(range(40))


def deal(share, *, key="s", first=0):
    return explored(RANKED, count=3, share=share, key=key, first=first)


def test_off_is_off():
    assert all(deal(0.0, first=n) == [(0, False), (1, False), (2, False)] for n in range(500))


def test_the_share_is_kept_and_never_above_the_most():
    for share, expected in ((0.05, 0.05), (0.9, MOST)):
        drawn = [by_chance for n in range(4000) for _, by_chance in deal(share, first=3 * n)]
        assert abs(sum(drawn) / len(drawn) - expected) < 0.01


def test_what_is_drawn_is_good_and_never_twice():
    seen = set()
    for n in range(2000):
        dealt = [item for item, _ in deal(1.0, first=n)]
        assert len(set(dealt)) == 3
        seen.update(item for item, by_chance in deal(1.0, first=n) if by_chance)
    assert seen == set(range(3, 3 + POOL))


def test_asking_again_deals_the_same():
    assert [deal(0.1, first=n) for n in range(50)] == [deal(0.1, first=n) for n in range(50)]
    assert explored([7], count=3, share=1.0, key="s", first=0) == [(7, False)]
