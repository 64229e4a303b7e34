"""Tasks for a real worker of the tests: one for each queue, by the names the routes go by."""

import json
import os
from pathlib import Path
from typing import Any

import structlog
from celery import shared_task

# What the worker's own lines are written to, one JSON object a task that ran
DIARY = "TEST_DIARY"
PROBES = {
    "tests.worker_tasks.probe": "default",
    "catalog.tasks.sync_probe": "sync",
    "recommendations.tasks.train_probe": "train",
    "accounts.tasks.send_probe": "mail",
}


def note(task: Any, word: str) -> None:
    bound = structlog.contextvars.get_contextvars()
    line = {
        "task": task.name,
        "word": word,
        "queue": task.request.delivery_info["routing_key"],
        "request_id": bound.get("request_id"),
        "bound_task": bound.get("task"),
    }
    with Path(os.environ[DIARY]).open("a", encoding="utf-8") as diary:
        diary.write(json.dumps(line) + "\n")


for _name in PROBES:
    shared_task(note, bind=True, name=_name)
