"""Texts become the vectors the reference model gives."""

import threading
from pathlib import Path

import numpy as np
import pytest

from recommendations.engine import embed
from recommendations.engine.embed import EmbeddingCache, load_embedder
from recommendations.engine.wordpiece import WordPiece

REFERENCE = Path(__file__).parents[1] / "data" / "reference_vectors.npy"
TEXTS = [
    "A warm blanket",
    "jazz on vinyl",
    "my dad, 60, loves jazz and his garden, under £50",
    "Café crème set for two",
    "a birdwatching book for a patient beginner",
    "Wasserdichter Rucksack",
    "LEGO Technic car, 1,580 pieces",
    "gift",
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [  # as the reference tokenizer of all-MiniLM-L6-v2 gives them
        ("Café crème", [101, 7668, 13675, 21382, 102]),
        ("don't stop!", [101, 2123, 1005, 1056, 2644, 999, 102]),
        ("knitting whodunnit", [101, 26098, 2040, 27584, 3490, 2102, 102]),
        ("東京", [101, 1879, 1755, 102]),
        ("🎁 gift", [101, 100, 5592, 102]),
        ("x" * 120, [101, 100, 102]),
        ("", [101, 102]),
    ],
)
def test_words_are_split_as_the_reference_does(text, ids):
    assert WordPiece().encode(text) == ids


def test_long_texts_are_cut_with_their_end_mark():
    ids = WordPiece().encode("gift " * 500, max_tokens=16)
    assert len(ids) == 16
    assert (ids[0], ids[-1]) == (101, 102)


def test_vectors_agree_with_the_unquantised_model(minilm):
    # Of the float32 weights with the `tokenizers` package, in half precision (cosine 0.99998).
    expected = np.load(REFERENCE).astype(np.float32)
    found = minilm.encode(TEXTS)
    assert found.shape == (len(TEXTS), 384)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * expected).sum(axis=1).min() >= 0.999


def test_the_order_of_texts_is_kept(minilm):
    texts = ["a much longer text about a garden in the rain", "tea", "a record of jazz"]
    together = minilm.encode(texts)
    alone = np.concatenate([minilm.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-3


def test_plain_words_know_plurals_and_ings(lexical):
    found = lexical.encode(["gardening", "a garden", "whisky", ""])
    assert found[0] @ found[1] > 0.9
    assert found[0] @ found[2] < 0.2
    assert np.linalg.norm(found[3]) == 0


def test_without_the_model_plain_words_take_over_with_a_warning(monkeypatch, caplog):
    def broken():
        raise ImportError("no onnxruntime here")

    monkeypatch.setattr(embed, "_loaded", {})
    monkeypatch.setitem(embed._KINDS, "minilm", broken)
    assert load_embedder().model_id.startswith("lexical")
    assert "plain words" in caplog.text


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="unknown"):
        load_embedder("oracle")


def test_one_embedder_serves_all_threads(lexical):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(load_embedder("lexical"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(embedder is lexical for embedder in found)


def test_the_cache_computes_a_text_once_and_forgets_the_oldest(lexical):
    asked = []

    class Spy:
        model_id, dim = lexical.model_id, lexical.dim

        def encode(self, texts):
            asked.extend(texts)
            return lexical.encode(texts)

    cache = EmbeddingCache(size=2)
    cache.encode(["a tea", "b tea", "a tea"], embedder=Spy())
    cache.encode(["a tea"], embedder=Spy())
    assert asked == ["a tea", "b tea"]
    cache.encode(["c tea"], embedder=Spy())
    cache.encode(["b tea"], embedder=Spy())
    assert asked == ["a tea", "b tea", "c tea", "b tea"]
    assert cache.encode([], embedder=Spy()).shape == (0, lexical.dim)
