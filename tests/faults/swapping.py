"""Published artefacts under the hands of running servers: swapped, rolled back, damaged."""

import json
import shutil
import time
from pathlib import Path

from tests.faults.caller import calling, get, post
from tests.live_site import until

POINTER, MANIFEST = "current.json", "manifest.json"
BRIEFS = ["aunt who gardens, under 40", "dad, cooking, 20-60", "teenager who draws", "new flat"]


class Artifacts:
    """The folder that a site reads its artefacts from."""

    def __init__(self, ground):
        self.folder = Path(ground.environment["VAR_DIR"]) / "artifacts"

    def versions(self):
        return sorted(path.name for path in self.folder.glob("art-*"))

    def point_to(self, version):
        """As publishing and rolling back do: in one step."""
        draft = self.folder / ".draft.json"
        draft.write_text(json.dumps({"version": version}))
        draft.replace(self.folder / POINTER)

    def live(self):
        return json.loads((self.folder / POINTER).read_text())["version"]

    def copy(self, version, name):
        """A version under another name, to be damaged."""
        target = self.folder / name
        shutil.copytree(self.folder / version, target, ignore=shutil.ignore_patterns(".*"))
        return target


def flip_a_bit(folder):
    file = max(folder.glob("*.npy"), key=lambda file: file.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_short(folder):
    file = max(folder.glob("*.npy"), key=lambda file: file.stat().st_size)
    file.write_bytes(file.read_bytes()[:-100])


def from_the_future(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": manifest["format"] + 1}))


DAMAGES = (flip_a_bit, cut_short, from_the_future)


def load():
    """Recommendations and listings in turn."""
    found = []
    for number, brief in enumerate(BRIEFS):
        found.append(post("/api/v1/recommendations/", {"brief": brief}))
        found.append(get(f"/api/v1/products/?sort=price&page={number + 1}"))
    return found


def swaps_in_log(site):
    return site.log.read_text(errors="replace").count('"artifact_swapped"')


def under_load(site, artifacts, *, swaps, each_s, pause_s=0.02):
    """Eight callers for `swaps` times `each_s`, first without a swap, then with one each time:
    the calls of both, and how many swaps the workers made."""
    requests, live = load(), artifacts.versions()
    with calling(site, requests, pause_s=pause_s) as quiet:
        time.sleep(swaps * each_s)
    before = swaps_in_log(site)
    with calling(site, requests, pause_s=pause_s) as swapped:
        for number in range(swaps):
            artifacts.point_to(live[number % len(live)])
            time.sleep(each_s)
    return quiet, swapped, swaps_in_log(site) - before


def state_of(site):
    return site.get("/ready/")[1]["checks"]["recommender"]


def refused_within(site, *, within_s):
    return until(lambda: state_of(site) == "fallback", within_s=within_s)
