"""The pages for operators point at what is there."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text())
    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page):
    text = page.read_text()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    chores = set(re.findall(r"^([a-z0-9-]+):  ##", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`?make ([a-z][a-z0-9-]+)`", text)) <= chores


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
