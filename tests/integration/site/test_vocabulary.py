"""Markdown from the manual of Material for MkDocs becomes accessible HTML without scripts."""

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from tests.support import project_copy
from tests.support.page_checks import XHTML, elements, parse, text_of

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def page(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Element:
    """Build guides/vocabulary.md as a page of the site; return its parsed HTML."""
    project = project_copy.copy_with_sample_service(root, tmp_path_factory.mktemp("vocabulary") / "project")
    for file in ("vocabulary.md", "pictures/front-door.png"):
        (project / "docs" / file).parent.mkdir(exist_ok=True)
        (project / "docs" / file).write_bytes((project / "guides" / file).read_bytes())
    mkdocs_yml = project / "mkdocs.yml"
    mkdocs_yml.write_text(
        mkdocs_yml.read_text(encoding="utf-8").replace("  /leaflets/\n", "  /leaflets/\n  /vocabulary.md\n")
    )
    process = project_copy.run_python(project, "-m", "tools.publish.build")
    assert process.returncode == 0, process.stdout + process.stderr
    return parse((project / "site" / "vocabulary" / "index.html").read_text(encoding="utf-8"))


def elements_with_class(page: Element, name: str) -> list[Element]:
    return [element for element in page.iter() if name in (element.get("class") or "").split()]


def test_an_icon_is_inline_svg(page: Element) -> None:
    icons = elements_with_class(page, "twemoji")
    assert len(icons) >= 4
    assert all(icon.find(".//{http://www.w3.org/2000/svg}path") is not None for icon in icons)


@pytest.mark.parametrize("kind", ["note", "warning", "danger", "tip", "quote"])
def test_a_note_has_the_class_of_its_kind_and_a_title(page: Element, kind: str) -> None:
    (note,) = [
        element for element in elements_with_class(page, "admonition") if kind in element.get("class", "").split()
    ]
    assert [text_of(title) for title in elements_with_class(note, "admonition-title")]


def test_a_collapsible_note_needs_no_script(page: Element) -> None:
    closed_note, open_note = elements(page, "details")
    assert closed_note.get("open") is None and open_note.get("open") is not None
    assert text_of(closed_note.find(f"{XHTML}summary")) == "Can I stop?"


def test_cards_and_buttons_are_lists_and_links(page: Element) -> None:
    (grid,) = elements_with_class(page, "grid")
    assert len(grid.findall(f"{XHTML}ul/{XHTML}li")) == 2
    assert [text_of(button) for button in elements_with_class(page, "md-button")] == [
        "Ask us to contact you",
        "See what happens",
    ]


def test_content_tabs_become_headings_one_below_the_other(page: Element) -> None:
    (tabs,) = elements_with_class(page, "tabs")
    assert [text_of(heading) for heading in tabs.findall(f"{XHTML}h3")] == ["By phone", "By email"]
    assert "Call us on a weekday." in text_of(tabs) and not elements(tabs, "input")


def test_a_wide_table_scrolls_and_can_be_reached_with_the_keyboard(page: Element) -> None:
    (scroll_area,) = elements_with_class(page, "scroll")
    assert (scroll_area.get("tabindex"), scroll_area.get("role")) == ("0", "region")
    assert scroll_area.get("aria-label") == "Table: Way to take part, Who is there"


def test_a_footnote_and_its_reference_link_to_each_other(page: Element) -> None:
    ids = {element.get("id") for element in page.iter()}
    targets = [link.get("href", "")[1:] for link in elements(page, "a") if "fn" in link.get("href", "")]
    assert len(targets) == 2 and set(targets) <= ids


def test_an_abbreviation_is_explained_without_a_mouse(page: Element) -> None:
    assert "RJC" in text_of(page)
    (abbreviation_list,) = elements_with_class(page, "short-forms")
    assert [text_of(child) for child in abbreviation_list] == ["RJC", "Restorative Justice Council"]


def test_a_screen_reader_says_which_tasks_are_done(page: Element) -> None:
    states = [element.get("aria-label") for element in page.iter() if element.get("aria-label", "").endswith("one:")]
    assert states == ["Done:", "Not done:"]


def test_a_picture_has_its_caption(page: Element) -> None:
    (figure,) = elements(page, "figure")
    assert text_of(figure.find(f".//{XHTML}figcaption")) == "A meeting"
