"""A real browser against a real server with the starter catalogue."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import starter_site

# Playwright's event loop makes Django believe that it runs inside an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
SHOP = "**://www.amazon.co.uk/**"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.e2e)
            if not CHROMIUM:
                reason = "no Chromium here: install the package chromium to run the journeys"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": list(FLAGS)}


@pytest.fixture
def site(
    transactional_db: None, settings: Any, shared_dir: Path, tmp_path: Path, live_server: Any
) -> Iterator[str]:
    """The address of a running GiftSync with the starter catalogue."""
    own = tmp_path / "artifacts"
    for name, value in starter_site.chosen(settings, own=own).items():
        setattr(settings, name, value)
    starter_site.stand(shared=shared_dir, own=own)
    return live_server.url


@pytest.fixture
def context(context: Any) -> Any:
    """A browser that never reaches the shop: a page of our own answers for it."""
    context.route(
        SHOP, lambda route: route.fulfill(body="<h1>The shop</h1>", content_type="text/html")
    )
    return context
