"""Artifacts come back as they were written, or not at all."""

import json

import numpy as np
import pytest

from recommendations.engine.artifact import (
    ArtifactError,
    build_artifact,
    open_artifact,
    save_artifact,
)
from recommendations.engine.section_files import HASHED_ALWAYS, NOTE
from recommendations.tests.engine.gifts import gift, starter


class CountingEmbedder:
    model_id = "counting-v1"
    dim = 4

    def __init__(self):
        self.texts = []

    def encode(self, texts):
        self.texts.extend(texts)
        return np.tile(np.array([[0.5, 0.5, 0.5, 0.5]], np.float32), (len(texts), 1))


@pytest.fixture
def saved(shop, tmp_path):
    return save_artifact(shop, tmp_path)


def test_what_was_saved_is_opened_again(shop, saved):
    opened = open_artifact(saved)
    assert opened.version == shop.version == saved.name
    assert opened.items == shop.items
    assert opened.row_of == shop.row_of
    assert opened.tag_slugs == shop.tag_slugs
    assert np.array_equal(opened.vectors, shop.vectors)
    assert isinstance(opened.sections["vectors"], np.memmap)
    assert opened.manifest["counts"]["items"] == len(shop)


def test_saving_twice_leaves_one_folder(shop, saved, tmp_path):
    assert save_artifact(shop, tmp_path) == saved
    assert [path.name for path in tmp_path.iterdir()] == [shop.version]


def test_large_files_are_not_hashed_again_where_they_were_written(tmp_path):
    items = [gift(f"g{n}", description=f"A gift called {n} " * 60) for n in range(100)]
    saved = save_artifact(build_artifact(items, embedder=CountingEmbedder()), tmp_path)
    digests = json.loads((saved / "manifest.json").read_text())["sha256"]
    large = {path.name for path in saved.glob("*.npy") if path.stat().st_size > HASHED_ALWAYS}
    noted = json.loads((saved / NOTE).read_text())
    assert large
    assert {name: found[0] for name, found in noted.items()} == {n: digests[n] for n in large}
    open_artifact(saved)
    assert json.loads((saved / NOTE).read_text()) == noted

    path = saved / min(large)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ArtifactError, match="damaged"):
        open_artifact(saved)


@pytest.mark.parametrize("name", ["vectors.npy", "records.npy", "words.rows.npy", "tables.json"])
def test_a_damaged_file_is_noticed(saved, name):
    path = saved / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ArtifactError, match="damaged"):
        open_artifact(saved)


def test_a_missing_file_is_noticed(saved):
    (saved / "vectors.npy").unlink()
    with pytest.raises(ArtifactError, match="missing"):
        open_artifact(saved)


def test_a_newer_format_and_an_unreadable_manifest_are_refused(saved, tmp_path):
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "format": 99}))
    with pytest.raises(ArtifactError, match="newer"):
        open_artifact(saved)
    path.write_text("not json")
    with pytest.raises(ArtifactError, match="manifest"):
        open_artifact(saved)
    with pytest.raises(ArtifactError, match="manifest"):
        open_artifact(tmp_path / "nowhere")


def test_a_manifest_cannot_point_outside_its_folder(saved):
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sha256"]["../other.json"] = "0"
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError):
        open_artifact(saved)


def test_only_new_and_changed_texts_are_embedded():
    embedder = CountingEmbedder()
    old = build_artifact(starter(), embedder=embedder)
    embedder.texts.clear()
    items = [*starter(), gift("new", "Something new")]
    again = build_artifact(items, embedder=embedder, reuse=old)
    assert embedder.texts == [items[-1].text]
    assert np.array_equal(again.vectors[:-1], old.vectors)
    assert again.version != old.version


def test_the_version_follows_the_content():
    embedder = CountingEmbedder()
    one = build_artifact([gift("a")], embedder=embedder)
    dearer = build_artifact([gift("a", price=21.0)], embedder=embedder)
    assert one.version.startswith("art-")
    assert one.version[-8:] != dearer.version[-8:]


def test_two_gifts_cannot_share_an_id():
    with pytest.raises(ValueError, match="same id"):
        build_artifact([gift("a"), gift("a")], embedder=CountingEmbedder())


def test_an_empty_catalogue_is_an_artifact_too(tmp_path):
    empty = build_artifact([], embedder=CountingEmbedder())
    assert open_artifact(save_artifact(empty, tmp_path)).items == []


def test_arrays_may_be_added_and_are_stored_and_checked_alike(shop, tmp_path):
    added = shop.with_sections({"cf.weights": np.arange(6.0)}, cf={"shrink": 10})
    assert added.version != shop.version
    saved = save_artifact(added, tmp_path)
    opened = open_artifact(saved)
    assert np.array_equal(opened.sections["cf.weights"], np.arange(6.0))
    assert opened.tables["cf"] == {"shrink": 10}
    (saved / "cf.weights.npy").write_bytes(b"short")
    with pytest.raises(ArtifactError, match="damaged"):
        open_artifact(saved)


@pytest.mark.parametrize(
    ("name", "array"),
    [("vectors", np.zeros(1)), ("../up", np.zeros(1)), ("of_objects", np.array([{}]))],
)
def test_an_array_needs_a_name_of_its_own_and_numbers(shop, name, array):
    with pytest.raises(ValueError, match=r"cannot be called|objects"):
        shop.with_sections({name: array})
