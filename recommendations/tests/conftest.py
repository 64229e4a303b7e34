"""The starter catalogue, trained with the sentence model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import override_settings

from tests import starter_site
from tests.emptying import empty


@pytest.fixture(scope="module")
def starter_artifacts(
    django_db_setup: None,
    django_db_blocker: Any,
    shared_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """The starter catalogue in the database, for all tests of a file; where its artefacts lie."""
    own = tmp_path_factory.mktemp("starter") / "artifacts"
    with django_db_blocker.unblock(), override_settings(**starter_site.chosen(site, own=own)):
        starter_site.stand(shared=shared_dir, own=own)
    yield own
    with django_db_blocker.unblock():
        empty()


@pytest.fixture
def starter(starter_artifacts: Path, db: None, settings: Any) -> None:
    """The catalogue a newcomer has, and its published artefact; a test's own changes go."""
    for name, value in starter_site.chosen(settings, own=starter_artifacts).items():
        setattr(settings, name, value)
