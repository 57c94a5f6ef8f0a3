"""A service without statistics has no text about statistics on its pages and leaflets."""

import re
from pathlib import Path

import pytest
from markdown import Markdown

from leaflet.build import build_all
from service_profile import Service, load
from service_profile.profile import MKDOCS_YML
from service_profile.schema import STATISTICS
from site_markdown import SiteExtension
from tests.support.leaflet_blocks import leaflet_blocks

pytestmark = pytest.mark.long


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Return a service without statistics."""
    text = MKDOCS_YML.read_text(encoding="utf-8")
    text, count = re.subn(
        r"^    statistics:\n(?:(?:      .*)?\n)+?(?=    \S|\n    #)", "    statistics: {}\n", text, flags=re.M
    )
    assert count == 1
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    return load(tmp_path / "mkdocs.yml")


def test_without_statistics_no_page_shows_an_empty_figure(root: Path, service: Service) -> None:
    for page in sorted((root / "docs").glob("*.md")):
        text = re.sub(r"\A---\n.*?\n---\n", "", page.read_text(encoding="utf-8"), flags=re.S)
        html = Markdown(extensions=["extra", SiteExtension(values=service.values)]).convert(text)
        assert 'class="stat"' not in html and "{{" not in html, page.name
        assert len(re.findall(r"<div\b", html)) == html.count("</div>"), (
            f"{page.name}: an opening or a closing tag is missing"
        )
        assert not re.search(r"<p>\s*[.,%]|<p>\s*</p>|<h2[^>]*>[^<]*</h2>\s*(?=<h2|\Z)", html), page.name


def test_without_statistics_every_leaflet_is_still_built(tmp_path: Path, service: Service) -> None:
    assert build_all(tmp_path / "leaflets", service, tmp_path / "cache")


def block_kinds(service: Service, text: str) -> list[str]:
    return [block["kind"] for block in leaflet_blocks(service, text)]


def test_without_statistics_leaflets_leave_out_text_and_headings_about_them(service: Service) -> None:
    text = "# One\n\nWords.\n\n## Figures\n\n[[people: happy]]\n\nWe asked.\n\n[[source: happy]]\n\n## Two\n\nMore."
    assert block_kinds(service, text) == ["heading", "para", "heading", "para"]
    assert block_kinds(service, "# One\n\n[[statistic: happy]]\n\nWords.") == ["heading", "para"]
    assert block_kinds(service, "# One\n\n{{ statistics.happy.sentence }}\n\n[[bottom]]\n\nWords.") == [
        "bottom",
        "para",
    ]


def test_a_leaflet_keeps_a_heading_below_which_nothing_is_written_yet(service: Service) -> None:
    assert block_kinds(service, "# One\n\n## Two") == ["heading", "heading"]


@pytest.mark.parametrize("name", STATISTICS)
def test_every_statistic_is_shown_on_a_page(root: Path, name: str) -> None:
    all_pages = " ".join(page.read_text(encoding="utf-8") for page in (root / "docs").glob("*.md"))
    assert f"picture.{name}" in all_pages


@pytest.mark.parametrize("incomplete_statistic", [{"value": ""}, {"value": None, "of": 10}, {}])
def test_a_statistic_without_a_value_is_left_out_of_the_page(incomplete_statistic: dict[str, object]) -> None:
    values = {**load().values, "statistics": {"satisfied": incomplete_statistic}}
    html = Markdown(extensions=["extra", SiteExtension(values=values)]).convert("{{ picture.satisfied }}\n\nWords.")
    assert html == "<p>Words.</p>"
