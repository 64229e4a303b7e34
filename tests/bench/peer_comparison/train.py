"""Train without embedding every text: python -m tests.bench.peer_comparison.train

A text's vector is the mean of its words', each embedded once by the sentence model, in whose space
they lie. What is asked is embedded in full as ever; so requests do the same work as on a catalogue
that was embedded in full, which takes ten minutes and more for 100,000 texts.
"""

import os
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommendations.engine.embed import Embedder, load_embedder

_WORD = re.compile(r"[a-z]+")


class WordMeans:
    """An embedder of the given one's space; needs one call of it for each word."""

    def __init__(self, model: Embedder) -> None:
        self.model_id, self.dim, self._model = model.model_id, model.dim, model
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """[texts, dim], unit vectors."""
        words = [_WORD.findall(text.lower()) or ["gift"] for text in texts]
        new = sorted({word for found in words for word in found} - self._known.keys())
        if new:
            self._known |= dict(zip(new, self._model.encode(new), strict=True))
        means = [np.mean([self._known[word] for word in found], axis=0) for found in words]
        found = np.asarray(means, np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giftsync.settings")
    import django

    django.setup()
    from recommendations.services import training

    words = WordMeans(load_embedder("minilm"))
    setattr(training, "load_embedder", lambda _name: words)  # noqa: B010 - typed otherwise
    print(training.train().version)
