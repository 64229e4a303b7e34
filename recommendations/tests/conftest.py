"""The starter catalogue, trained with the sentence model."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from recommendations.services import serving, training


@pytest.fixture
def starter(db: None, settings: Any, artifact_dir: Path) -> None:
    """The catalogue a newcomer has, and its published artefact."""
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(artifact_dir)},
        },
    }
    settings.RECOMMENDER_EMBEDDER = "auto"
    call_command("load_starter_catalogue", verbosity=0)
    training.train()
    serving.refresh()
