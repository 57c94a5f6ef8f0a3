"""The site's Markdown extension.

In a page, `{{ phone }}` becomes the phone number in mkdocs.yml. A line `{{ picture.happy }}` becomes a chart of the
statistic "happy".
"""

from collections.abc import Mapping
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from service_profile import pictures
from service_profile.blocks import drop_empty_statistics
from service_profile.facts import fill
from service_profile.markup import repair_lines
from service_profile.profile import facts_of
from service_profile.schema import STATISTICS
from site_markdown import charts, lists
from site_markdown.empty_facts import remove_text_with_empty_facts
from site_markdown.layout import HtmlTagProcessor, OpeningProcessor, PictureProcessor
from site_markdown.vocabulary import CheckboxProcessor, MaterialElementProcessor

__all__ = ["SiteExtension", "makeExtension", "page_facts"]

# Before Python-Markdown stashes raw HTML (20).
FACTS_PRIORITY = 28
# After inline patterns (20) and attribute lists (8), before MkDocs makes links relative.
AFTER_INLINE_PRIORITY = 5
LAST_PRIORITY = -1


def page_facts(values: Mapping[str, Any], site_url: str = "") -> dict[str, str]:
    """Return the value of each name that a page can write between double braces."""
    # MkDocs first passes mkdocs.yml as it is, where a statistic that was just added in the editor has no number yet.
    values = {**values, "statistics": drop_empty_statistics(values["statistics"])}
    facts = facts_of(values) | {"site_url": site_url}
    facts |= {f"picture.{name}": "" for name in STATISTICS}
    for name, statistic in values["statistics"].items():
        facts[f"picture.{name}"] = charts.statistic_figure(name, statistic)
    for name in pictures.names():
        kind, _, picture_name = name.partition("-")
        facts[f"drawing.{name.replace('-', '_')}"] = _drawing_markdown(name)
        if kind == "scene":
            facts[f"scene.{picture_name}"] = _scene_html(name)
        elif kind == "diagram":
            facts[f"diagram.{picture_name}"] = _diagram_html(name)
    facts |= {f"day.{name}": day for name, day in lists.dates_in_words(values).items()}
    facts |= {f"link.{name}": html for name, html in lists.links(values).items()}
    return facts | {f"list.{name}": make_list(values) for name, make_list in lists.LIST_MAKERS.items()}


def _drawing_markdown(name: str) -> str:
    """Return the Markdown of a drawing, without alternative text. The text beside the drawing must describe it."""
    return f"![](assets/pictures/{name}.svg){{: .tile width=120 height=120 loading=lazy }}"


def _scene_html(name: str) -> str:
    """Return the HTML of a scene, which is a drawing at the top of a page."""
    return f'<div class="scene">{_inline_svg(name)}</div>'


def _diagram_html(name: str) -> str:
    """Return the HTML of a drawing that contains text. Its SVG is inline, so that the text has the page's font."""
    return f'<figure class="tile drawing">{_inline_svg(name)}</figure>'


def _inline_svg(name: str) -> str:
    return pictures.minify(pictures.read(name)).replace("<svg ", '<svg role="img" ', 1)


class _FactProcessor(Preprocessor):
    def __init__(self, md: Markdown, facts: Mapping[str, str]) -> None:
        super().__init__(md)
        self.facts = facts

    def run(self, lines: list[str]) -> list[str]:
        """Replace each name between double braces with its value.

        Text that refers to an empty value is removed. Raises FactError for an unknown name.
        """
        fill("\n".join(lines), self.facts)  # raises FactError with the number of the line, before any is removed
        return fill("\n".join(remove_text_with_empty_facts(lines, self.facts)), self.facts).split("\n")


class _PastedTextProcessor(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        """Convert formatting that was pasted from Word to Markdown."""
        return repair_lines(lines)


class SiteExtension(Extension):
    """The site's Markdown extension. Its setting `values` is the section extra.service of mkdocs.yml."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {"values": [{}, "extra.service of mkdocs.yml"]}
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the processors with Markdown. The ones that repair pasted text and fill in facts run first."""
        md.preprocessors.register(_PastedTextProcessor(md), "pasted_text", FACTS_PRIORITY + 1)
        md.treeprocessors.register(PictureProcessor(md), "pictures_in_lists", AFTER_INLINE_PRIORITY)
        md.treeprocessors.register(MaterialElementProcessor(md), "vocabulary", LAST_PRIORITY)
        md.postprocessors.register(CheckboxProcessor(md), "task_boxes", LAST_PRIORITY)
        md.postprocessors.register(HtmlTagProcessor(md), "html_tags", LAST_PRIORITY)
        md.postprocessors.register(OpeningProcessor(md), "page_opening", LAST_PRIORITY)
        md.preprocessors.register(_FactProcessor(md, page_facts(self.getConfig("values"))), "facts", FACTS_PRIORITY)


def makeExtension(**kwargs: Any) -> SiteExtension:  # noqa: N802 - Python-Markdown's name
    """Return the extension. Python-Markdown finds this function by its name."""
    return SiteExtension(**kwargs)
