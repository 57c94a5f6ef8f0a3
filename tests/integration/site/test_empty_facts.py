"""Text with a placeholder that has no value is left out of the pages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from service_profile import load
from service_profile.fields import problem
from service_profile.schema import About
from site_markdown import SiteExtension
from site_markdown.empty_facts import remove_text_with_empty_facts

VALUES_BY_PLACEHOLDER = {"full": "We are here.", "empty": "", "link.or_text": "", "list.calls": ""}


def without_empty_placeholders(text: str) -> str:
    return "\n".join(remove_text_with_empty_facts(text.split("\n"), VALUES_BY_PLACEHOLDER))


def html_of(text: str, values: Mapping[str, Any]) -> str:
    return str(Markdown(extensions=["extra", SiteExtension(values=values)]).convert(text))


def test_only_the_paragraph_with_an_empty_placeholder_is_removed() -> None:
    assert without_empty_placeholders("One.\n\nWe are paid by {{ empty }}\nand nobody else.\n\nTwo.").split() == [
        "One.",
        "Two.",
    ]


def test_a_paragraph_without_empty_placeholders_is_kept() -> None:
    assert without_empty_placeholders("Hello. {{ full }}") == "Hello. {{ full }}"


def test_only_the_list_item_with_an_empty_placeholder_is_removed() -> None:
    assert (
        without_empty_placeholders("- One\n- Text {{ empty }}\n  on a second line\n- Two\n1. Three {{ empty }}")
        == "- One\n- Two"
    )


def test_an_html_element_around_an_empty_placeholder_keeps_its_tags() -> None:
    assert without_empty_placeholders(
        '<div class="a" markdown>\n{{ empty }}\n\n{{ full }}\n</div>\n\nTwo.'
    ).split() == [
        *("<div", 'class="a"', "markdown>", "{{", "full", "}}", "</div>", "Two."),
    ]
    assert without_empty_placeholders('## Figures\n\n<div class="a" markdown>\n{{ empty }}\n</div>').split() == [
        *("<div", 'class="a"', "markdown>", "</div>"),
    ]


def test_a_heading_with_nothing_left_below_it_is_removed() -> None:
    assert without_empty_placeholders("## Who pays\n\n{{ empty }}\n\n## Where\n\nHere.").split() == [
        "##",
        "Where",
        "Here.",
    ]


def test_a_heading_whose_subheadings_are_all_removed_is_removed() -> None:
    assert without_empty_placeholders("## Money\n\n### Who pays\n\n{{ empty }}\n\n## Where\n\nHere.").split() == [
        "##",
        "Where",
        "Here.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "## Who pays\n\nNobody.\n\n{{ empty }}",
        "## Money\n\n### Who pays\n\nNobody.\n\n### Where\n\n{{ empty }}",
        "## A heading that an editor has begun\n\n## Another",
        "Call us{{ link.or_text }}.",
    ],
)
def test_text_that_does_not_depend_on_an_empty_placeholder_is_kept(text: str) -> None:
    first_line = text.split("\n", maxsplit=1)[0]
    assert first_line in without_empty_placeholders(text)


def test_a_heading_with_nothing_left_in_its_div_is_removed() -> None:
    assert without_empty_placeholders("<div markdown>\n## Who pays\n{{ empty }}\n</div>") == "<div markdown>\n</div>"


def test_every_detail_about_the_service_is_shown_only_if_it_is_filled_in(root: Path) -> None:

    values = {**load().values, "about": {}}
    filled_in_values = {**values, "about": {name: f"Answer about {name}." for name in About.model_fields}}
    shown_names = set()
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert "Answer about" not in html_of(text, values)
        html = html_of(text, filled_in_values)
        shown_names |= {name for name in About.model_fields if f"Answer about {name}." in html}
    assert shown_names == set(About.model_fields), f"no page says {set(About.model_fields) - shown_names}"


def test_a_misspelt_setting_is_reported_with_the_nearest_name() -> None:
    assert problem("extra.service.about", {"founder": "Someone."}) == "is not a setting. Did you mean funder?"
    assert problem("extra.service.about.cost", 3) == 'must be in quotes, like "Everything we do is free."'


def test_a_helpline_in_a_group_that_no_page_shows_is_reported() -> None:
    message = problem("extra.service.helplines.listening.group", "other")
    assert message == "must be support or abuse or emergency; now it is other"
