"""The build corrects obvious slips in Markdown; at any other mistake it stops and names the file and the line."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from leaflet.errors import LeafletError
from leaflet.markdown import MarkdownSource
from service_profile import load, reader
from service_profile.markup import leftover_markup, repair_line, repair_lines
from site_markdown import SiteExtension
from tools.content import check_pages, finished_text

PAGE_START = "---\ntitle: A page\ndescription: One sentence.\n---\n# A page\n\n"


def render(text: str) -> str:
    """Convert Markdown to HTML with the extensions from mkdocs.yml that editors use."""
    extensions = ["admonition", "attr_list", "def_list", "md_in_html", SiteExtension(values=load().values)]
    return str(Markdown(extensions=extensions).convert(text))


def problems_in(tmp_path: Path, text: str) -> list[str]:
    """Return the problems that the build reports for a page with this text."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(PAGE_START + text, encoding="utf-8")
    (tmp_path / "site" / "page").mkdir(parents=True)
    html = f"<!-- the theme's --><main>{render(text)}</main><footer>**</footer>"
    (tmp_path / "site" / "page" / "index.html").write_text(html, encoding="utf-8")
    return finished_text.problems(tmp_path / "site", tmp_path / "docs")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("You can bring:\n- a friend\n- a support worker", "<ul>"),
        ("You can bring:\n* a friend", "<ul>"),
        ("First:\n1. ask us\n2. talk to us", "<ol>"),
        ("1) ask us\n2) talk to us", "<ol>"),
        ("-\u00a0a friend\n-\u2003a support worker", "<ul>"),
        ("• a friend\n• a support worker", "<ul>"),
        ("·\ta friend", "<ul>"),
        ("##\u00a0What happens", "<h2>What happens</h2>"),
        ("##What happens", "<h2>What happens</h2>"),
        ("Words\n## What happens", "<h2>What happens</h2>"),
        ("\u200b- a friend", "<ul>"),
    ],
)
def test_obvious_slips_of_an_editor_are_corrected(tmp_path: Path, text: str, html: str) -> None:
    assert html in render(text)
    assert problems_in(tmp_path, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "- one\ncontinued\n- two",
        "```\n•\u00a0x\n1) y\n```",
        "    •\u00a0code",
        "It rose by 3%\n- and fell again",  # also a list in CommonMark
        "In\n2007. It was",
        "1. one\n\n2. two",
    ],
)
def test_repairing_text_without_mistakes_changes_only_blank_lines(text: str) -> None:
    repaired_lines = repair_lines(text.split("\n"))
    assert [line for line in repaired_lines if line] == [line for line in text.split("\n") if line]


def test_attributes_move_to_their_own_line_and_lists_of_another_kind_are_separated() -> None:
    unchanged_lines = ["", "[Go](x.md){: .go }"]
    assert repair_lines(["You feel safe.{: .lede }", *unchanged_lines]) == [
        "You feel safe.",
        "{: .lede }",
        *unchanged_lines,
    ]
    assert repair_lines(["- a", "1. b", "2. c", "- d"]) == ["- a", "", "1. b", "2. c", "", "- d"]


@pytest.mark.parametrize(
    ("text", "markup", "advice"),
    [
        ("One.\n\nSay ## twice.", "##", "A heading begins"),
        ("One.\n\nThis is **bold.", "**", "Bold is written"),
        ("One.\n\nThis is ** bold **.", "**", "Bold is written"),
        ("One.\n\nRead [this] (contact.md).", "] (", "A link is written"),
        ("One.\n\nRead [this](contact.md", "](", "A link is written"),
        ("One.\n\nA friend • a support worker", "•", "Begin each item"),
        ("One.\n\n- x {: .y", "{:", "Put {: … }"),
        ("One.\n\n-a friend", "-", "Put an empty line above the list"),
        ("One.\n\n| a | b |", "| a | b |", "Put an empty line above the table"),
        ("One.\n\nA foot[^1]", "[^", "A footnote is written"),
        ("One.\n\n[[contact]]", "[[", "double square brackets can only be used in leaflets"),
        ("One.\n\nUse `code", "`", "for computer code"),
        ("One.\n\n<<<<<<< HEAD\nTwo.\n=======\nThree.\n>>>>>>> theirs", "<<<<<<<", "Keep one"),
    ],
)
def test_markup_that_readers_would_see_is_reported_with_its_line(
    tmp_path: Path, text: str, markup: str, advice: str
) -> None:
    problems = problems_in(tmp_path, text)
    assert any(problem.startswith("docs/page.md, line 9: ") and advice in problem for problem in problems), problems
    assert all(
        problem.startswith("docs/page.md, line ") and "would be printed as it stands" in problem for problem in problems
    )


@pytest.mark.parametrize(
    "text", ["One.\n\n\\*not bold", "One.\n\n!!! note\n    Two", "Call +44 1785 232232.", "+44 is British."]
)
def test_characters_that_are_not_markup_are_not_reported(tmp_path: Path, text: str) -> None:
    assert problems_in(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("One.\n\n<!-- ask Sam -->\n\nTwo.", "a comment would be published"),
        ("One.\n\nRead [this page]().", "the link “this page” leads nowhere"),
        ("One.\n\nRead [this page](#).", "the link “this page” leads nowhere"),
    ],
)
def test_a_comment_or_an_unfinished_link_stops_the_build(tmp_path: Path, text: str, message: str) -> None:
    assert [problem for problem in problems_in(tmp_path, text) if message in problem and "line 9:" in problem]


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("Call 01632 960123.", "link.phone"),
        ("Call +44 (0)1632 960 123 now.", "link.phone"),
        ("[Call us](tel:01632960123)", "link.phone"),
        ("Text 07700-900123.", "link.text_number"),
        ("Samaritans: 116 123", "helplines.listening.contact"),
        ("Write to RJ.team@example.org.uk.", "link.email"),
    ],
)
def test_contact_details_typed_by_hand_are_reported_with_the_placeholder_to_use(
    root: Path, text: str, placeholder: str
) -> None:
    docs = check_pages.read_pages(load(), root / "docs")
    [(line, problem)] = check_pages.typed_contact_problems("x.md", f"# X\n\n{text}", docs)
    assert line == 3
    assert f"is typed by hand. Write {{{{ {placeholder} }}}}" in problem


@pytest.mark.parametrize("text", ["In 2007 to 2008 there were 960 123 of them.", "Call 01785 232232.", "4,000 people"])
def test_numbers_that_are_not_contact_details_of_the_service_are_not_reported(root: Path, text: str) -> None:
    docs = check_pages.read_pages(load(), root / "docs")
    assert list(check_pages.typed_contact_problems("x.md", text, docs)) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[panel: a]]\n\nOne.\n\nThis is **bold.", "leaflet.md, line 5: “**” would be printed as it stands."),
        ("[[panel: a]]\n\nOne • two", "leaflet.md, line 3: “•” would be printed as it stands."),
        ("[[panel: a]]\n\nRead [this] (contact.md).", "leaflet.md, line 3: “] (” would be printed as it stands."),
        ("[[panel: a]]\n\nOne\n- two {: .x }", "leaflet.md, line 4: “{:” would be printed as it stands."),
    ],
)
def test_raw_markdown_in_a_leaflet_is_reported_with_its_line(text: str, message: str) -> None:
    with pytest.raises(LeafletError) as excinfo:
        MarkdownSource("leaflet.md", text, {}).panels()
    assert str(excinfo.value).startswith(message)


def test_obvious_slips_in_a_leaflet_are_corrected() -> None:
    [panel] = MarkdownSource("leaflet.md", "[[panel: a]]\n\n#\u00a0Heading\n\n• one\n• two\n\n1) three", {}).panels()
    assert [block["kind"] for block in panel.blocks] == ["heading", "list", "list"]


def test_a_menu_entry_without_a_page_is_reported(root: Path) -> None:
    service = replace(load(), nav_pages=["index.md", "harmd.md"])
    assert list(check_pages.menu_problems(service, check_pages.read_pages(service, root / "docs"))) == [
        "mkdocs.yml: the menu (nav) names harmd.md, which is not in docs/. Did you mean harmed.md?",
    ]


@given(st.text(alphabet="-*•#1). \u00a0\nab|`", max_size=40))
def test_corrections_preserve_every_letter(text: str) -> None:
    repaired_lines = repair_lines(text.split("\n"))
    assert [character for line in repaired_lines for character in line if character in "ab"] == [
        character for character in text if character in "ab"
    ]
    assert repair_line(repair_line(text)) == repair_line(text)


def test_the_settings_about_the_projects_service_contain_no_raw_markdown(root: Path) -> None:
    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in texts(item)]
        return [str(value)]

    service = reader.read(root / "mkdocs.yml")["extra"]["service"]
    assert [(text, markup) for text in texts(service["about"]) for markup in leftover_markup(text)] == []
