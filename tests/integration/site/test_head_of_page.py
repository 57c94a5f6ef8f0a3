"""The head of a page holds the heading, the first sentences and the scene (the illustration)."""

import pytest
from markdown import Markdown

from service_profile import load
from site_markdown import SiteParts
from site_markdown.layout import END_OF_HEAD

HEAD = "# Heading\n\nFirst sentence.\n{: .lede }\n\n"
SCENE = "{{ scene.circle }}\n\n"


def split(text: str) -> tuple[str, str, str]:
    """Return the text column of the head, the rest of the head, and the content after the head."""
    html = Markdown(extensions=["extra", SiteParts(values=load().values)]).convert(text)
    head, _, text_below = html.partition(END_OF_HEAD)
    words, _, beside = head.partition("</div>")
    return words, beside, text_below


@pytest.mark.parametrize("between", ["", "One paragraph more, with a [link](x.md).\n\n"])
def test_what_stands_above_the_scene_is_in_the_head(between: str) -> None:
    words, beside, below = split(f"{HEAD}{between}{SCENE}After it.")
    assert "First sentence." in words
    assert ("One paragraph more" in words) is bool(between)
    assert "<svg" in beside
    assert "After it." in below


def test_a_paragraph_of_a_page_without_a_scene_is_its_text() -> None:
    words, beside, below = split(f"{HEAD}One paragraph more.\n\nAnother.")
    assert "First sentence." in words
    assert "<svg" not in beside
    assert "One paragraph more." in below
    assert "Another." in below
