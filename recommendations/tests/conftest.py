"""The starter catalogue, trained with the sentence model."""

from pathlib import Path
from typing import Any

import pytest

from tests import starter_site


@pytest.fixture
def starter(db: None, settings: Any, shared_dir: Path, tmp_path: Path) -> None:
    """The catalogue a newcomer has, and its published artefact."""
    starter_site.stand(settings, shared=shared_dir, own=tmp_path / "artifacts")
