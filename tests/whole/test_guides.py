"""The guides name what is there: files, error classes, settings, commands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "guides").glob("*.md"))
OPERATING = (ROOT / "guides/operating.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "form_service").rglob("*.py")))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_every_file_that_a_guide_names_is_there(guide: Path) -> None:
    named = re.findall(
        r"`((?:form_service|tests|deploy|docs|identity|tools|requirements)/[\w./-]*)`", guide.read_text()
    )
    written_by_the_operator = {"deploy/form.env", "deploy/front-door.conf", "deploy/database_password"}
    assert [path for path in named if path not in written_by_the_operator and not (ROOT / path).exists()] == []


def test_every_error_class_of_the_guide_is_one_that_the_code_gives() -> None:
    rows = [line.split("|")[1] for line in OPERATING.splitlines() if line.startswith("| error class")]
    named = [name for row in rows for name in re.findall(r"`([a-z-]+?)(?:-\d{3})?`", row)]
    assert len(named) > 10
    assert [name for name in named if f'"{name}"' not in CODE] == []
    refused = set(re.findall(r"`([a-z]+)-\d{3}`", OPERATING))
    assert refused <= set(re.findall(r'(?:_expect|_Refused)\("([a-z]+)"', CODE))


def test_every_setting_of_the_guide_is_one_that_is_read() -> None:
    names = {name for guide in GUIDES for name in re.findall(r"\bFORM_[A-Z_]+\b", guide.read_text())}
    rules = (ROOT / "netlify.toml").read_text() + "".join(path.read_text() for path in (ROOT / "tools").rglob("*.py"))
    assert [name for name in sorted(names) if f'"{name}"' not in CODE and name not in rules] == []
