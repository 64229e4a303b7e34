"""What web processes answer from: published, swapped, refused, rolled on."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.tests.factories import ProductFactory
from recommendations.engine.context import Context
from recommendations.services import publishing, serving, training
from recommendations.services.recommending import recommend

pytestmark = pytest.mark.django_db


def served_titles() -> set[str]:
    return {p.product.title for p in recommend(context=Context(), count=50, surface="api").picks}


def folder(settings: Any) -> Path:
    return Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"])


def test_before_any_training_the_rows_themselves_answer() -> None:
    ProductFactory(title="Only one")

    assert served_titles() == {"Only one"}
    assert serving.live().version is None


def test_an_empty_catalogue_gives_an_empty_list() -> None:
    assert served_titles() == set()


def test_training_publishes_what_is_then_served(settings: Any) -> None:
    ProductFactory(title="Trained")
    call_command("train_recommender")
    serving.refresh()

    assert served_titles() == {"Trained"}
    assert serving.live().version == publishing.live_version()


def test_a_rehearsal_publishes_nothing() -> None:
    ProductFactory()
    call_command("train_recommender", "--dry-run")

    assert publishing.live_version() is None


def test_an_empty_catalogue_cannot_be_trained() -> None:
    with pytest.raises(CommandError, match="no available gift"):
        call_command("train_recommender")


def test_training_if_missing_does_nothing_when_nothing_changed() -> None:
    ProductFactory()
    call_command("train_recommender")
    version = publishing.live_version()
    call_command("train_recommender", "--if-missing")

    assert publishing.live_version() == version


def test_a_gift_added_since_the_training_is_served_without_another(settings: Any) -> None:
    settings.RECOMMENDER_POLL_SECONDS = 0
    ProductFactory(title="Old")
    training.train()
    assert served_titles() == {"Old"}
    ProductFactory(title="New")

    assert served_titles() == {"Old", "New"}


def test_a_running_process_swaps_to_a_newer_artefact(settings: Any) -> None:
    settings.RECOMMENDER_POLL_SECONDS = 0
    ProductFactory()
    training.train()
    first = serving.live().version
    ProductFactory()
    training.train()

    assert serving.catch_up().version not in (None, first)


def test_a_damaged_artefact_is_refused_and_the_last_good_one_serves(settings: Any) -> None:
    settings.RECOMMENDER_POLL_SECONDS = 0
    ProductFactory(title="Good")
    training.train()
    assert served_titles() == {"Good"}
    ProductFactory(title="Later")
    damaged = training.train().version
    file = next((folder(settings) / str(damaged)).glob("*.npy"))
    file.write_bytes(file.read_bytes()[:-1] + b"\xff")
    serving.catch_up()

    assert served_titles() == {"Good", "Later"}
    assert serving.live().version != damaged
    assert not serving.live().is_wanted


def test_a_new_process_meeting_only_a_damaged_artefact_answers_from_the_rows(
    settings: Any,
) -> None:
    ProductFactory(title="Still here")
    version = training.train().version
    (folder(settings) / str(version) / "manifest.json").write_text("{")
    serving.refresh()

    assert served_titles() == {"Still here"}


def test_only_the_newest_artefacts_are_kept(settings: Any) -> None:
    settings.RECOMMENDER_KEEP_ARTIFACTS = 2
    for place in range(4):
        ProductFactory(title=f"Gift {place}")
        training.train()

    kept = [path.name for path in folder(settings).glob("art-*")]
    assert len(kept) <= 3
    assert publishing.live_version() in kept
