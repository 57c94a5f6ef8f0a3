"""Sentences about a fact that the service has not filled in are left out of the pages, without a gap."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from service_profile import load
from service_profile.fields import problem
from service_profile.schema import About
from site_markdown import SiteParts
from site_markdown.empty_facts import leave_out

FACTS = {"full": "We are here.", "empty": "", "link.or_text": "", "list.calls": ""}


def left(text: str) -> str:
    return "\n".join(leave_out(text.split("\n"), FACTS))


def rendered(text: str, values: Mapping[str, Any]) -> str:
    return str(Markdown(extensions=["extra", SiteParts(values=values)]).convert(text))


def test_a_paragraph_that_names_an_empty_fact_goes_and_its_neighbours_stay() -> None:
    assert left("One.\n\nWe are paid by {{ empty }}\nand nobody else.\n\nTwo.").split() == ["One.", "Two."]


def test_a_paragraph_whose_facts_are_given_stays() -> None:
    assert left("Hello. {{ full }}") == "Hello. {{ full }}"


def test_only_the_list_item_goes() -> None:
    assert left("- One\n- Text {{ empty }}\n  on a second line\n- Two\n1. Three {{ empty }}") == "- One\n- Two"


def test_an_element_around_an_empty_fact_stays_whole() -> None:
    assert left('<div class="a" markdown>\n{{ empty }}\n\n{{ full }}\n</div>\n\nTwo.').split() == [
        *("<div", 'class="a"', "markdown>", "{{", "full", "}}", "</div>", "Two."),
    ]
    assert left('## Figures\n\n<div class="a" markdown>\n{{ empty }}\n</div>').split() == [
        *("<div", 'class="a"', "markdown>", "</div>"),
    ]


def test_a_heading_with_nothing_left_under_it_goes() -> None:
    assert left("## Who pays\n\n{{ empty }}\n\n## Where\n\nHere.").split() == ["##", "Where", "Here."]


def test_a_heading_goes_with_the_headings_under_it() -> None:
    assert left("## Money\n\n### Who pays\n\n{{ empty }}\n\n## Where\n\nHere.").split() == ["##", "Where", "Here."]


@pytest.mark.parametrize(
    "kept",
    [
        "## Who pays\n\nNobody.\n\n{{ empty }}",
        "## Money\n\n### Who pays\n\nNobody.\n\n### Where\n\n{{ empty }}",
        "## A heading that an editor has begun\n\n## Another",
        "Call us{{ link.or_text }}.",
    ],
)
def test_sentences_without_empty_facts_stay(kept: str) -> None:
    first = kept.split("\n", maxsplit=1)[0]
    assert first in left(kept)


def test_a_heading_before_the_end_of_a_box_goes_too() -> None:
    assert left("<div markdown>\n## Who pays\n{{ empty }}\n</div>") == "<div markdown>\n</div>"


def test_no_page_names_what_a_new_service_has_not_said(root: Path) -> None:
    """Each fact of `extra.service.about` is shown on a page once it is filled in, and on none while it is empty."""
    values = {**load().values, "about": {}}
    filled_in = {**values, "about": {name: f"Answer about {name}." for name in About.model_fields}}
    seen = set()
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        assert "Answer about" not in rendered(text, values)
        html = rendered(text, filled_in)
        seen |= {name for name in About.model_fields if f"Answer about {name}." in html}
    assert seen == set(About.model_fields), f"no page says {set(About.model_fields) - seen}"


def test_a_misspelt_answer_is_reported_with_the_nearest_name() -> None:
    assert problem("extra.service.about", {"founder": "Someone."}) == "is not a setting. Did you mean funder?"
    assert problem("extra.service.about.cost", 3) == 'must be in quotes, like "Everything we do is free."'


def test_a_helpline_in_a_group_that_no_page_shows_is_reported() -> None:
    message = problem("extra.service.helplines.listening.group", "other")
    assert message == "must be support or abuse or emergency; now it is other"
