"""The pinned requirement files say exactly what is installed, everywhere the same."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("requirements", "requirements-dev", "requirements-uv")


def pins(name):
    """{package line: its hashes} of a compiled file."""
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {
        line.split("--hash=")[0].strip(): set(re.findall(r"--hash=(\S+)", line)) for line in lines
    }


def asked_for(name):
    """The `package==version` lines of a source file, without extras, markers and reasons."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    wanted = [re.split(r"\s+#|;", line)[0].strip() for line in lines]
    return {re.sub(r"\[.*\]", "", line) for line in wanted if "==" in line}


@pytest.mark.parametrize("name", NAMES)
def test_every_package_has_one_version_and_its_hashes(name):
    found = pins(name)
    assert found
    assert [line for line in found if "==" not in line] == []
    assert [line for line, hashes in found.items() if not hashes] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_what_is_pinned(name):
    pinned = {line.split(";")[0].strip() for line in pins(name)}
    assert asked_for(name) <= pinned


@pytest.mark.parametrize("name", NAMES)
def test_each_package_that_is_asked_for_has_its_reason(name):
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    assert [line for line in lines if "==" in line and not re.search(r"\s# \S", line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_file_names_an_index_or_a_machine(name):
    for suffix in (".in", ".txt"):
        text = (ROOT / f"{name}{suffix}").read_text()
        assert not re.search(r"://|--(extra-)?index|--find-links|@ file|(^|\s)/\w", text)


def test_the_development_set_holds_the_runtime_set_pin_for_pin():
    assert pins("requirements").items() <= pins("requirements-dev").items()
