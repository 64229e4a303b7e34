"""A large catalogue is searched by clusters: quicker, and as strict as a small one."""

from dataclasses import replace

import numpy as np
import pytest

from recommendations.engine.artifact import build_artifact, open_artifact, save_artifact
from recommendations.engine.brief import parse_brief
from recommendations.engine.candidates import Reach
from recommendations.engine.context import Context
from recommendations.engine.filters import eligible
from recommendations.engine.overlay import overlay
from recommendations.engine.ranking import Swipe, rank
from recommendations.engine.similar import similar
from recommendations.tests.engine.gifts import gift, starter
from recommendations.tests.engine.random_requests import broken_limits, requests

FEW = Reach(exact=50, short=300, probes=4, want=30, keep=40)


def many(copies=120):
    return [
        replace(
            item,
            id=f"{item.id}-{n}",
            title=f"{item.title} {n}",
            price=None if item.price is None else round(item.price * (0.4 + n % 13 / 8), 2),
            appeal=1 + n % 5,
        )
        for n in range(copies)
        for item in starter()
    ]


@pytest.fixture(scope="module")
def mall(lexical, tmp_path_factory):
    built = build_artifact(many(), embedder=lexical, clustered_from=1_000)
    return open_artifact(save_artifact(built, tmp_path_factory.mktemp("mall")))


def test_no_limit_is_broken_in_a_clustered_catalogue(mall, lexical):
    assert mall.clusters is not None
    ids = [item.id for item in mall.items]
    slugs = mall.tables["categories"]
    for request in requests(300, ids, categories=slugs):
        found = rank(mall, request.context, embedder=lexical, swipes=request.swipes,
                     exclude=request.given, reach=FEW)  # fmt: skip
        for scored in found.items:
            assert broken_limits(mall, request, scored.item) == []
        wanted = eligible(mall, request.context, exclude=request.banned)
        assert found.candidates <= np.count_nonzero(wanted)


def test_the_count_of_gifts_is_exact(mall, lexical):
    context = Context.from_brief(parse_brief("my dad, loves jazz, under £30"))
    found = rank(mall, context, embedder=lexical, reach=FEW)
    assert found.candidates == np.count_nonzero(eligible(mall, context))
    assert len(found.items) == 10


def test_the_clusters_bring_up_what_an_exact_search_finds(mall, lexical):
    everything = Reach(exact=10**9)
    shared = []
    for text in ("loves jazz", "gardening and chocolate", "yoga, under £25", "boy, 6, dinosaurs"):
        context = Context.from_brief(parse_brief(text))
        lists = [
            {s.item.id for s in rank(mall, context, embedder=lexical, reach=reach).items}
            for reach in (FEW, everything)
        ]
        shared.append(len(lists[0] & lists[1]) / len(lists[1]))
    assert np.mean(shared) > 0.6


def test_an_empty_brief_gets_a_full_list_within_the_budget(mall, lexical):
    context = Context.from_brief(parse_brief("under £12"))
    found = rank(mall, context, embedder=lexical, reach=FEW)
    assert len(found.items) == 10
    assert all(s.item.price <= 12 for s in found.items)


def test_what_is_nearly_what_they_have_is_left_out(mall, lexical):
    swipes = [Swipe("kind-of-blue-7", "dislike", "already_has")]
    found = rank(mall, Context(interests=("jazz",)), embedder=lexical, swipes=swipes, k=50)
    mine = mall.vectors[mall.row_of["kind-of-blue-7"]]
    near = [mall.vectors[mall.row_of[s.item.id]] @ mine for s in found.items]
    assert max(near) < 0.92


def test_changes_are_laid_over_a_clustered_catalogue(mall, lexical):
    dearer = replace(mall.items[mall.row_of["novel-3"]], price=900.0)
    new = gift("banjo", "A banjo for beginners", interest=["banjo"], price=70.0)
    added = build_artifact([dearer, new], embedder=lexical, reuse=mall)
    now = overlay(mall, added, replaced=["novel-3", "mug-5"])
    assert now.version != mall.version
    assert "mug-5" not in now.row_of
    assert now.items[now.row_of["novel-3"]].price == 900.0
    found = rank(now, Context(interests=("banjo",)), embedder=lexical, reach=FEW)
    assert found.items[0].item.id == "banjo"
    dear = rank(now, Context(budget_min=800.0), embedder=lexical, reach=FEW)
    assert "novel-3" in {s.item.id for s in dear.items}
    before, after = (rank(a, Context(), embedder=lexical).candidates for a in (mall, now))
    assert after == before  # one retired, one new
    assert "banjo" not in {s.item.id for s in similar(now, "novel-3")}


def test_similar_gifts_of_a_large_catalogue(mall):
    found = similar(mall, "yoga-mat-1", k=5)
    assert found[0].item.id.startswith("yoga-mat-")
    assert all(not s.item.is_adult for s in found)
