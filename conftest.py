"""What every test starts from: an empty cache, its own artefacts, quick password hashing."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.core.cache import cache
from django.test import TransactionTestCase, override_settings
from rest_framework.test import APIClient

from accounts.models import User
from affiliates.services import leased_tags
from catalog.services import live_index
from recommendations.services import serving
from tests.emptying import empty
from tests.migrated_once import Migrated

pytest_plugins = ["tests.amazon_standin.fixtures"]


# What asks no database, or the same of either: one half of CI runs it.
ONCE = (
    "accounts/tests/test_answers_take_alike_long",
    "accounts/tests/test_calendars",
    "accounts/tests/test_hashing",
    "accounts/tests/test_imported_hashes",
    "recommendations/tests/engine/",
    "recommendations/tests/test_briefs",
    "recommendations/tests/test_publishing",
    "catalog/tests/test_sync_every_fault",
    "catalog/tests/test_sync_faults",
    "catalog/tests/test_amazon_limits_shared",
    "catalog/tests/test_feed_downloads",
    "tests/test_associates",
    "tests/test_production_start",
    "affiliates/tests/test_import_",
    "affiliates/tests/test_intervals",
    "affiliates/tests/test_links",
    "affiliates/tests/test_page_rules",
    "affiliates/tests/test_shop_lookup",
    "catalog/tests/test_amazon_parsing",
    "catalog/tests/test_amazon_client",
    "catalog/tests/test_amazon_turns",
    "catalog/tests/test_amazon_urls",
    "catalog/tests/test_isbn",
    "catalog/tests/test_search_index",
    "catalog/tests/test_search_quality",
    "catalog/tests/test_short_links",
    "recommendations/tests/test_evaluate",
    "tests/test_architecture",
    "tests/test_container",
    "tests/test_celery",
    "tests/test_dev_script",
    "tests/test_run",
    "tests/test_services",
    "tests/test_docs",
    "tests/test_query_counts",
    "tests/test_requirements",
    "tests/test_route_matrix",
    "tests/test_settings_documented",
    "tests/test_shared_memory",
    "tests/test_two_servers",
)
# Begun first, so that no worker is left alone with one of them in the end.
LONG = (
    "catalog/tests/test_sync_",
    "catalog/tests/test_amazon_limits_shared",
    "recommendations/tests/engine/",
    "recommendations/tests/test_briefs",
    "recommendations/tests/test_publishing",
    "tests/test_query_counts",
    "tests/test_route_matrix",
    "tests/test_two_servers",
    "tests/test_container",
    "tests/test_production_start",
    "tests/e2e/",
)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    is_sqlite = os.environ["DATABASE_URL"].startswith("sqlite")
    for item in items:
        if item.nodeid.startswith(ONCE):
            item.add_marker("once")
        if is_sqlite and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))


@pytest.fixture(scope="session", autouse=True)
def loggers_that_can_be_captured() -> None:
    """A logger that remembers where it writes to would not notice `capture_logs`."""
    structlog.configure(cache_logger_on_first_use=False)


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of the run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"


@pytest.fixture(scope="session")
def migrated(shared_dir: Path) -> Migrated | None:
    """How the workers of a run share the migrations; one alone has nobody to share with."""
    return Migrated(shared_dir) if "PYTEST_XDIST_WORKER" in os.environ else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated: Migrated | None
) -> None:
    if migrated:
        migrated.begin()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, migrated: Migrated | None, django_db_blocker: Any
) -> Iterator[None]:
    if migrated:
        with django_db_blocker.unblock():
            migrated.finish()
    yield
    if migrated:
        migrated.forget()


@pytest.fixture(scope="session", autouse=True)
def for_all_tests() -> Iterator[None]:
    """What a test that wants it otherwise sets for itself; set once, as setting takes its time."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        RECOMMENDER_EMBEDDER="lexical",
        # A thread of its own would see nothing of what a test has not committed.
        RECOMMENDER_DEALS_AHEAD=False,
        # Each test client loads the middleware anew: not with a walk through all static files.
        WHITENOISE_AUTOREFRESH=True,
        TRACKING_LEASES_SEEN_SECONDS=3600,
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    """The database after each test that commits: as empty as Django leaves it, in less time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: empty())
        yield


@pytest.fixture(autouse=True)
def a_clean_process(settings: Any, tmp_path: Path) -> Iterator[None]:
    """No test sees what another left in the process's memory, the cache or the storage."""
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "artifacts")},
        },
    }
    settings.CATALOGUE_INDEX_DIR = tmp_path / "catalogue-index"
    leased_tags.remember(())
    cache.clear()
    serving.refresh()
    live_index.forget()
    yield
    serving.refresh()
    live_index.forget()


@pytest.fixture
def api() -> APIClient:
    """An anonymous program."""
    return APIClient()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("giver@example.com", "correct horse battery")


@pytest.fixture
def other_user(db: None) -> User:
    return User.objects.create_user("stranger@example.com", "correct horse battery")


@pytest.fixture
def signed_in(user: User) -> APIClient:
    """A program that speaks for `user`."""
    client = APIClient()
    client.force_authenticate(user)
    return client
