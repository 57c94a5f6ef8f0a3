"""The opening section of a page contains the heading, the first sentences and the illustration."""

import pytest
from markdown import Markdown

from service_profile import load
from site_markdown import SiteExtension
from site_markdown.layout import OPENING_END_MARKER

HEADING_AND_LEDE = "# Heading\n\nFirst sentence.\n{: .lede }\n\n"
ILLUSTRATION = "{{ scene.circle }}\n\n"


def split_page(text: str) -> tuple[str, str, str]:
    """Convert a page to HTML; return the two columns of its opening section, text first, and the rest of the page."""
    html = Markdown(extensions=["extra", SiteExtension(values=load().values)]).convert(text)
    opening_section, _, rest = html.partition(OPENING_END_MARKER)
    text_column, _, other_column = opening_section.partition("</div>")
    return text_column, other_column, rest


@pytest.mark.parametrize("paragraph", ["", "One paragraph more, with a [link](x.md).\n\n"])
def test_text_above_the_illustration_is_in_the_opening_section(paragraph: str) -> None:
    text_column, other_column, rest = split_page(f"{HEADING_AND_LEDE}{paragraph}{ILLUSTRATION}After it.")
    assert "First sentence." in text_column
    assert ("One paragraph more" in text_column) is bool(paragraph)
    assert "<svg" in other_column
    assert "After it." in rest


def test_without_an_illustration_only_the_first_sentences_are_in_the_opening_section() -> None:
    text_column, other_column, rest = split_page(f"{HEADING_AND_LEDE}One paragraph more.\n\nAnother.")
    assert "First sentence." in text_column
    assert "<svg" not in other_column
    assert "One paragraph more." in rest
    assert "Another." in rest
