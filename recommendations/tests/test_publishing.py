"""Publishing: held back when worse, rolled back by command, whole or not at all, on disk and S3."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from moto.server import ThreadedMotoServer

from catalog.models import Product, Tag
from catalog.tests.factories import ProductFactory
from recommendations.engine.context import Context
from recommendations.services import publishing, serving, training
from recommendations.services.recommending import recommend

pytestmark = pytest.mark.django_db


def served_titles() -> set[str]:
    return {p.product.title for p in recommend(context=Context(), count=50, surface="api").picks}


def told(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.fixture
def bucket(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket behind a real socket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1")
    client.create_bucket(Bucket="models")
    settings.ARTIFACT_CACHE_DIR = tmp_path / "cache"
    options = {"bucket_name": "models", "endpoint_url": address, "region_name": "us-east-1",
               "location": "artifacts", "file_overwrite": True}  # fmt: skip
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    yield client
    server.stop()


def test_a_bucket_holds_what_is_served(bucket: Any, settings: Any) -> None:
    ProductFactory(title="In the cloud")
    first = training.train().version
    serving.refresh()
    assert served_titles() == {"In the cloud"}
    assert serving.live().version == first == publishing.live_version()
    assert (settings.ARTIFACT_CACHE_DIR / str(first) / "manifest.json").is_file()

    ProductFactory(title="Later")
    second = training.train().version
    assert serving.catch_up().version == second
    assert [one.version for one in publishing.versions()] == [second, first]


def test_damage_in_the_bucket_is_noticed_and_the_older_one_serves(
    bucket: Any, settings: Any, tmp_path: Path
) -> None:
    ProductFactory(title="Good")
    good = training.train().version
    ProductFactory(title="Later")
    bad = training.train().version
    bucket.put_object(Bucket="models", Key=f"artifacts/{bad}/vectors.npy", Body=b"short")
    settings.ARTIFACT_CACHE_DIR = tmp_path / "another-machine"
    serving.refresh()

    assert served_titles() == {"Good", "Later"}
    assert serving.live().version == good
    assert not serving.live().is_wanted


def test_an_upload_that_broke_off_is_not_published(
    bucket: Any, settings: Any, tmp_path: Path
) -> None:
    ProductFactory()
    version = str(training.train().version)
    bucket.delete_object(Bucket="models", Key=f"artifacts/{version}/manifest.json")

    settings.ARTIFACT_CACHE_DIR = tmp_path / "another-machine"
    with pytest.raises(publishing.ArtifactError, match="not all of it"):
        publishing.point_to(version)


@pytest.mark.parametrize("damage", ["truncated", "missing", "flipped", "no manifest", "no pointer"])
def test_a_new_process_falls_back_on_the_last_good_one(settings: Any, damage: str) -> None:
    root = Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"])
    ProductFactory(title="Good")
    good = training.train().version
    ProductFactory(title="Later")
    bad = root / str(training.train().version)
    file = bad / "vectors.npy"
    match damage:
        case "truncated":
            file.write_bytes(file.read_bytes()[:-100])
        case "missing":
            file.unlink()
        case "flipped":
            file.write_bytes(file.read_bytes()[:-1] + b"\xfe")
        case "no manifest":
            (bad / "manifest.json").write_text("{")
        case "no pointer":
            (root / "current.json").write_text('{"vers')
    serving.refresh()

    assert served_titles() == {"Good", "Later"}
    wanted = bad.name if damage == "no pointer" else good
    assert serving.live().version == wanted
    assert not serving.live().is_wanted


@pytest.fixture
def shop(db: None) -> list[Product]:
    """Gifts whose words and tags agree."""
    made: list[Any] = []
    for words in ("knitting", "angling", "astronomy"):
        tag = Tag.objects.create(slug=words, name=words, kind=Tag.Kind.INTEREST)
        for n in range(6):
            made.append(ProductFactory(title=f"{words} set {n}", description=f"All for {words}"))
            made[-1].tags.add(tag)
    return made


def test_a_worse_artefact_is_kept_but_not_published(shop: list[Product]) -> None:
    first = training.train().version
    for product in shop[:6]:  # the shelf's words no longer say what it is for
        product.title, product.description = f"Thing {product.pk}", "Nothing much"
        product.tags.clear()
        product.save()
    for product in shop[6:]:
        product.tags.add(*Tag.objects.filter(slug="knitting"))
        product.save()
    held = training.train()

    assert "fell from" in held.held
    assert publishing.live_version() == first
    assert held.version in [one.version for one in publishing.versions() if one.held]
    assert "fell from" in told("rollback_recommender", "--list")
    assert "kept" in told("train_recommender")
    assert "published art-" in told("train_recommender", "--force")
    assert publishing.live_version() != first


def test_an_artefact_of_half_the_gifts_is_held_back(shop: list[Product]) -> None:
    training.train()
    Product.objects.filter(pk__in=[p.pk for p in shop[4:]]).delete()
    assert "it has 4 gifts, the live one 18" in training.train().held


def test_rolling_back_serves_the_one_before(settings: Any) -> None:
    ProductFactory()
    first = training.train().version
    ProductFactory()
    second = training.train().version
    serving.refresh()
    assert serving.live().version == second

    assert f"{first} is live" in told("rollback_recommender")
    assert serving.catch_up().version == first
    with pytest.raises(CommandError, match="no earlier"):
        call_command("rollback_recommender")
    call_command("rollback_recommender", str(second))
    assert serving.catch_up().version == second


def test_rolling_back_to_a_damaged_one_changes_nothing(settings: Any) -> None:
    root = Path(settings.STORAGES["artifacts"]["OPTIONS"]["location"])
    ProductFactory()
    first = str(training.train().version)
    ProductFactory()
    second = training.train().version
    (root / first / "records.npy").write_bytes(b"")

    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rollback_recommender", first)
    assert publishing.live_version() == second


def test_changes_in_the_catalogue_are_in_the_next_look(settings: Any) -> None:
    settings.RECOMMENDER_POLL_SECONDS = 0.0
    for title in ("Kept", "Moved", "Gone"):
        ProductFactory(title=title, guide_price=20)
    training.train()
    serving.refresh()
    base = serving.live().version
    ProductFactory(title="New", guide_price=20)
    moved = Product.objects.get(title="Moved")
    moved.guide_price = Decimal(500)
    moved.save()
    Product.objects.get(title="Gone").retire()
    kept = Product.objects.get(title="Kept")
    kept.title = "Kept under another name"
    kept.save()

    found = recommend(context=Context(budget_max=30.0), count=50, surface="api")
    assert {p.product.title for p in found.picks} == {"New", "Kept under another name"}
    assert found.candidates == 2
    assert serving.live().version == base


def test_nobody_waits_for_a_swap_or_meets_an_error(settings: Any) -> None:
    settings.RECOMMENDER_POLL_SECONDS = 3_600.0  # only the main thread has the test's rows
    ProductFactory.create_batch(30)
    training.train()
    serving.refresh()
    first, stop = serving.live(), threading.Event()
    failures: list[BaseException] = []
    seen: set[str | None] = set()

    def ask() -> None:
        while not stop.is_set():
            try:
                live = serving.live()
                seen.add(live.version)
                assert len(live.artifact.items[len(live.artifact) - 1].title) > 0
            except BaseException as error:  # told to the main thread
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    versions = [first.version]
    for _ in range(3):
        ProductFactory()
        versions.append(training.train().version)
        assert serving.catch_up().version == versions[-1]
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert seen <= set(versions)
    assert first.artifact.items[0].title  # the old one is good for whoever still holds it
