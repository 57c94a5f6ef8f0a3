"""Pages that the product itself links to: the check knows all of them and reports a missing one in plain words."""

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
def test_a_link_to_the_form_needs_no_mending(docs: Path, link: str) -> None:
    page = docs / "support.md"
    page.write_text(page.read_text(encoding="utf-8") + f"\n{link}\n", encoding="utf-8")
    assert check_pages.problems(load(), docs) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("search.md", "the top of each page leads there"), ("cookies.md", "the form leads there")],
)
def test_a_page_that_the_product_needs_is_missed_in_plain_words(docs: Path, name: str, why: str) -> None:
    (docs / name).unlink()
    told = check_pages.problems(load(), docs)
    assert told[0] == f"docs/{name} is missing: {why}. Put it back under this name. You can change its words."
    assert not any(line.startswith("mkdocs.yml") for line in told)


def test_each_page_that_templates_lead_to_is_known_to_be_needed(root: Path) -> None:
    templates = "".join(file.read_text(encoding="utf-8") for file in (root / "overrides").rglob("*.html"))
    led_to = set(re.findall(r"\{\{ (?:base|site|site_base[^}]*) \}\}/([a-z-]+)/[\"{]", templates))
    led_to |= set(re.findall(r"\{\{ site_base\|default\(base\) \}\}/([a-z-]+)/", templates))
    assert led_to - {"assets"} and {f"{name}.md" for name in led_to - {"assets"}} <= set(check_pages.NEEDED)
    assert {f"{name}.md" for name in led_to} | {"index.md"} >= set(check_pages.NEEDED)
