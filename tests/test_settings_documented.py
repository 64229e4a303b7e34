"""docs/configuration.md, .env.example and settings.py say the same."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "giftsync" / "settings.py"
PAGE = ROOT / "docs" / "configuration.md"
EXAMPLE = ROOT / ".env.example"
TYPES = {"str": "text", "int": "whole number", "float": "number", "bool": "yes or no"}
TYPES |= {"list": "list", "dict": "pairs"}
SECTION = re.compile(r"^# --- (.+?) -+$")
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| ([a-z ]+) \| (.+?) \| (.+) \|$")
# Defaults that are worked out, by their expression in settings.py
WORKED_OUT = {
    "str(BASE_DIR / 'var')": "`var/` in the checkout",
    "str(VAR_DIR / 'artifacts')": "`artifacts/` in `VAR_DIR`",
    "str(VAR_DIR / 'catalogue-index')": "`catalogue-index/` in `VAR_DIR`",
    "str(BASE_DIR / 'staticfiles')": "`staticfiles/` in the checkout",
    "PRODUCTION": "yes in production",
    "'json' if PRODUCTION else 'console'": "`json` in production, else `console`",
    "GIFTSYNC_MODE": "`GIFTSYNC_MODE`",
}


def shown(default):
    """A default as the page shows it."""
    expression = ast.unparse(default)
    if expression in WORKED_OUT:
        return WORKED_OUT[expression]
    value = ast.literal_eval(default)
    match value:
        case bool():
            return "yes" if value else "no"
        case "" | []:
            return "empty"
        case dict() if not value:
            return "empty"
        case dict():
            return "`" + ",".join(f"{name}={one}" for name, one in value.items()) + "`"
        case list():
            return "`" + ",".join(value) + "`"
        case _:
            return f"`{value}`"


def sections():
    """(line, name) of each section of settings.py, in order."""
    lines = SETTINGS.read_text().splitlines()
    return [(number, m[1]) for number, line in enumerate(lines, 1) if (m := SECTION.match(line))]


def read_in_settings():
    """name -> (section, type, default) for every `env.<type>("NAME", default=...)`."""
    found = {}
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if getattr(node.func.value, "id", "") != "env" or node.func.attr not in TYPES:
            continue
        (name,) = node.args
        (default,) = (word.value for word in node.keywords if word.arg == "default")
        section = [title for line, title in sections() if line < node.lineno][-1]
        assert name.value not in found, f"{name.value} is read twice"
        found[name.value] = (section, TYPES[node.func.attr], shown(default))
    return found


def told_on_page():
    found, section = {}, ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif match := ROW.match(line):
            name, kind, default, meaning = match.groups()
            assert name not in found, f"{name} has two rows"
            assert len(meaning) > 10
            found[name] = (section, kind, default)
    return found


def test_every_option_is_told_with_its_section_type_and_default():
    code, page = read_in_settings(), told_on_page()
    assert set(code) - set(page) == set(), "not on the page"
    assert set(page) - set(code) == set(), "not in settings.py"
    assert {name: (code[name], page[name]) for name in code if code[name] != page[name]} == {}


def test_the_page_keeps_the_order_of_the_settings():
    titles = [line[3:] for line in PAGE.read_text().splitlines() if line.startswith("## ")]
    with_options = {section for section, _, _ in read_in_settings().values()}
    assert [t for t in titles if t in with_options] == [
        title for _, title in sections() if title in with_options
    ]


def test_there_is_plenty_to_set():
    assert len(read_in_settings()) >= 50


def test_every_option_has_a_type_and_a_default():
    """Nothing reads the environment past `env`."""
    text = SETTINGS.read_text()
    assert "os.environ" not in text
    assert "getenv" not in text
    assert not re.search(r"\benv\(", text)


def example_lines():
    for line in EXAMPLE.read_text().splitlines():
        if match := re.match(r"^(# ?)?([A-Z][A-Z0-9_]+)=(.*)$", line):
            yield match[2], match[3], match[1] is not None


# Read by compose.yaml and scripts/start, not by settings.py
FOR_CONTAINERS = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "WEB_WORKERS", "WORKER_CONCURRENCY"}


def test_the_example_names_only_options_that_exist():
    named = [name for name, _, _ in example_lines()]
    assert len(named) == len(set(named))
    assert set(named) <= set(read_in_settings()) | FOR_CONTAINERS


def test_the_example_names_everything_production_insists_on():
    source = (ROOT / "giftsync" / "checks.py").read_text()
    required = set(re.findall(r"\bSet ([A-Z][A-Z_]+)", source)) & set(read_in_settings())
    required -= {"DEBUG", "CELERY_TASK_ALWAYS_EAGER"}  # right as they are
    assert {"SECRET_KEY", "SITE_URL", "EMAIL_URL"} <= required
    assert required <= {name for name, _, _ in example_lines()}


def test_what_the_example_leaves_commented_out_shows_no_other_default():
    code = read_in_settings()
    for name, value, is_comment in example_lines():
        if is_comment and name in code and value:
            default = code[name][2].strip("`")
            assert value in (default, {"yes": "true", "no": "false"}.get(default)), name


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "JWT_SIGNING_KEY", "FIELD_ENCRYPTION_KEYS", "POSTGRES_PASSWORD"]
)
def test_the_example_holds_no_secret(name):
    assert [value for found, value, _ in example_lines() if found == name] == [""]
