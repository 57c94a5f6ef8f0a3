"""Every page that the templates link to is required, and a missing page is reported by name."""

import re
import shutil
from pathlib import Path

import pytest

from service_profile import load
from tools.content import check_pages

pytestmark = pytest.mark.long


@pytest.fixture
def docs(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "docs", tmp_path / "docs"))


@pytest.mark.parametrize(
    "link", ["[Ask us](/referral/)", "[Ask us]({{ form_address }})", '<a href="/referral/">Ask</a>']
)
def test_a_link_to_the_form_is_not_reported_as_broken(docs: Path, link: str) -> None:
    page = docs / "support.md"
    page.write_text(page.read_text(encoding="utf-8") + f"\n{link}\n", encoding="utf-8")
    assert check_pages.problems(load(), docs) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [("search.md", "the top of each page leads there"), ("cookies.md", "the form leads there")],
)
def test_a_missing_required_page_is_reported_with_the_reason(docs: Path, name: str, reason: str) -> None:
    (docs / name).unlink()
    problems = check_pages.problems(load(), docs)
    assert problems[0] == f"docs/{name} is missing: {reason}. Put it back under this name. You can change its words."
    assert not any(line.startswith("mkdocs.yml") for line in problems)


def test_every_page_that_templates_link_to_is_a_required_page(root: Path) -> None:
    template_text = "".join(file.read_text(encoding="utf-8") for file in (root / "overrides").rglob("*.html"))
    linked_names = set(re.findall(r"\{\{ (?:base|site|site_base[^}]*) \}\}/([a-z-]+)/[\"{]", template_text))
    linked_names |= set(re.findall(r"\{\{ site_base\|default\(base\) \}\}/([a-z-]+)/", template_text))
    assert linked_names - {"assets"} and {f"{name}.md" for name in linked_names - {"assets"}} <= set(
        check_pages.REQUIRED_PAGES
    )
    assert {f"{name}.md" for name in linked_names} | {"index.md"} >= set(check_pages.REQUIRED_PAGES)
