"""Nobody looks up: the import law of the house, read from the source with `ast`."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from recommendations.engine.context import Context
from recommendations.engine.items import Item
from recommendations.engine.scoring import Scores
from recommendations.engine.session import Swipe

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "catalog", "recommendations", "affiliates")
MAY_IMPORT = {
    "accounts": set(),
    "catalog": set(),
    "recommendations": {"accounts", "catalog"},
    "affiliates": {"accounts", "catalog"},
}
# Lower floors first. A module may import its own floor and those below, never above.
FLOORS = (
    (
        *("amazon", "amazon_reports", "engine", "index", "intervals"),
        *("links", "managers", "passwords", "search"),
    ),
    ("models",),
    ("datasets",),
    ("services",),
    ("tasks",),
    ("forms", "serializers"),
    (
        "authentication",
        "views",
        "admin",
        "admin_earnings",
        "admin_tracking",
        "commands",
        "templatetags",
        "schema",
        "checks",
    ),
    ("urls",),
)
FRAMEWORK_FREE = {
    "catalog/search": {"django", "rest_framework", "celery"},
    "recommendations/engine": {"django", "rest_framework", "celery"},
    "catalog/index": {"django", "rest_framework", "celery"},
    "catalog/amazon": {"django", "rest_framework", "celery"},
    "affiliates/amazon_reports": {"django", "rest_framework", "celery"},
    "affiliates/intervals.py": {"django", "rest_framework", "celery"},
    "affiliates/links.py": {"django", "rest_framework", "celery"},
}
LONGEST_FILE = 400


def modules(package: str) -> Iterator[Path]:
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if "tests" not in parts and "migrations" not in parts:
            yield path


def imported(path: Path) -> Iterator[str]:
    """Every dotted module that `path` imports, at the top or inside a function."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            stem = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def floor(parts: tuple[str, ...]) -> int | None:
    """Which floor a module inside an app stands on; None where the law says nothing."""
    if parts and parts[0] in FLOORS[0]:
        return 0  # a room without Django names its modules as it likes
    found = [i for i, names in enumerate(FLOORS) for part in parts if part in names]
    return max(found) if found else None


def test_the_rooms_exist() -> None:
    for place in (*APPS, "giftsync", "templates", "static", "recommendations/engine"):
        assert (ROOT / place).is_dir(), f"{place}/ is missing"


@pytest.mark.parametrize("app", APPS)
def test_apps_import_only_what_lies_below(app: str) -> None:
    forbidden = {"giftsync", *APPS} - MAY_IMPORT[app] - {app}
    seen = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(app)
        for name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    assert seen == []


@pytest.mark.parametrize("app", APPS)
def test_inside_an_app_nobody_looks_up(app: str) -> None:
    seen = []
    for path in modules(app):
        mine = floor(path.relative_to(ROOT / app).with_suffix("").parts)
        for name in imported(path):
            parts = tuple(name.split("."))
            theirs = floor(parts[1:3]) if parts[0] == app else None
            if mine is not None and theirs is not None and theirs > mine:
                seen.append(f"{path.relative_to(ROOT)} imports {name}")
    assert seen == []


@pytest.mark.parametrize(("place", "banned"), FRAMEWORK_FREE.items())
def test_pure_places_know_no_framework(place: str, banned: set[str]) -> None:
    target = ROOT / place
    paths = [target] if target.suffix else list(modules(place))
    assert paths, f"{place} is missing"
    seen = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if name.split(".")[0] in banned
    ]
    assert seen == []


def test_the_engine_never_sees_commission() -> None:
    words = ("commission", "affiliate", "earning")
    for path in modules("recommendations/engine"):
        source = path.read_text(encoding="utf-8").lower()
        assert not [word for word in words if word in source], path


@pytest.mark.parametrize("kind", [Item, Context, Swipe, Scores])
def test_what_the_scorer_is_given_has_no_place_for_pay(kind: type) -> None:
    words = ("commission", "rate", "percent", "pay", "revenue", "earning", "margin", "affiliate")
    names = [field.name for field in fields(kind)]
    assert [name for name in names if any(word in name.split("_") for word in words)] == []


def test_files_fit_in_a_head() -> None:
    paths = [path for app in (*APPS, "giftsync", "scripts") for path in modules(app)]
    long = {
        str(path.relative_to(ROOT)): length
        for path in paths
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
        and path.name != "settings.py"
    }
    assert long == {}


def test_no_drawers_without_a_name() -> None:
    names = {"utils", "helpers", "common", "misc", "core"}
    paths = [path for app in (*APPS, "giftsync") for path in modules(app)]
    assert [path for path in paths if path.stem in names or names & set(path.parts)] == []


def test_apps_wire_no_model_signals() -> None:
    paths = [path for app in APPS for path in modules(app)]
    assert [p for p in paths if any("db.models.signals" in n for n in imported(p))] == []
