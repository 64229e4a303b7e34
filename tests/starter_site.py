"""The starter catalogue and what is learnt from it: made once a run, put back where needed.

Embedding half a thousand texts takes longer than most tests; the first that needs them makes them,
for all workers of the run.
"""

import fcntl
import pickle
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from recommendations.services import serving, training

ROWS, ARTIFACTS, LOCK = "rows.pickle", "artifacts", "lock"
APPS = ("catalog", "recommendations", "affiliates")


def _models() -> Iterable[type[models.Model]]:
    for app in APPS:
        yield from apps.get_app_config(app).get_models(include_auto_created=True)


def _make() -> list[models.Model]:
    """Load and train; every row that is there afterwards."""
    call_command("load_starter_catalogue", verbosity=0)
    training.train()
    return [row for model in _models() for row in model._base_manager.all()]


def _put_back(rows: list[models.Model]) -> None:
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    with transaction.atomic():  # references are looked at where it ends
        for model, found in by_model.items():
            model._base_manager.bulk_create(found, batch_size=1_000, ignore_conflicts=True)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(by_model)):
                cursor.execute(statement)


def chosen(settings: Any, *, own: Path) -> dict[str, Any]:
    """The settings of such a site, whose artefacts lie in `own`."""
    backend = "django.core.files.storage.FileSystemStorage"
    artifacts = {"BACKEND": backend, "OPTIONS": {"location": str(own)}}
    return {
        "RECOMMENDER_EMBEDDER": "auto",
        "STORAGES": {**settings.STORAGES, "artifacts": artifacts},
    }


def stand(*, shared: Path, own: Path) -> None:
    """Bring the database and the artefacts to where a newcomer's stand; with `chosen` settings.

    `shared` is a folder of all workers of the run, `own` one of the test or of its file.
    """
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = shared / ROWS
        if kept.exists():
            shutil.copytree(shared / ARTIFACTS, own, dirs_exist_ok=True)
            _put_back(pickle.loads(kept.read_bytes()))  # noqa: S301 - written by this run
        else:
            rows = _make()
            shutil.copytree(own, shared / ARTIFACTS)
            kept.write_bytes(pickle.dumps(rows))
    serving.refresh()
