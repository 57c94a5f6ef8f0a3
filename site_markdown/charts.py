"""Charts of statistics, drawn as SVG.

Each person or square is either filled or only an outline, so that the chart is clear without colour.
"""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from service_profile import pictures
from service_profile.profile import statistic_sentence

MAX_DRAWN_PEOPLE = 20  # the most people drawn one by one, with faces; more are drawn as a crowd
PERSON_STEP = 56  # user units from one person to the next
ROW_LENGTH = 25  # small people, or squares, in a row of a crowd

_PERSON = re.compile(r'<g id="person-(\w+)">(.*?)</g>\n(?=<g id=|</svg>)', re.DOTALL)
_SMALL_PERSON = "M11.2 4a6.4 6.4 0 1 1 0 12.8a6.4 6.4 0 1 1 0-12.8M1.6 36.8v-8a9.6 9.6 0 0 1 19.2 0v8z"


def statistic_figure(name: str, values: Mapping[str, Any]) -> str:
    """Return an HTML figure for the statistic `name`: its chart, sentence, limits and source, all on one line."""
    sentence = statistic_sentence(values)
    value, total = int(values["value"]), int(values["of"])
    if values.get("picture") == "less":
        drawing = _squares_svg(name, value, total, sentence)
    elif total <= MAX_DRAWN_PEOPLE:
        drawing = _people_svg(value, total, sentence)
    else:
        drawing = _crowd_svg(name, value, total, sentence)
    tile_class = "" if total <= MAX_DRAWN_PEOPLE else " whole-drawing"
    return (
        f'<figure class="stat"><div class="tile{tile_class}">{drawing}</div>'
        f"<figcaption><p><b>{_caption_html(sentence)}</b></p>"
        f"<p>{escape(str(values['limits']).strip())}</p><small>{source_text(values)}</small></figcaption></figure>"
    )


def _caption_html(sentence: str) -> str:
    """Return a statistic's sentence as HTML, with its number, such as "7 in 10", in large type at the start.

    If the number is not at the start of the sentence, it is shown twice, but screen readers read it once. A sentence
    without a number has no large type.
    """
    number_match = re.search(r"\d+%|\d+ in \d+", sentence)
    if not number_match:
        return f"{escape(sentence)}."
    if number_match.start():
        return f'<span aria-hidden="true">{number_match[0]}</span>{escape(sentence)}.'
    return f"<span>{number_match[0]}</span> {escape(sentence[number_match.end() :].strip())}."


def source_text(values: Mapping[str, Any]) -> str:
    """Return the source and year of a statistic, with "to be confirmed" in place of a missing source or year."""
    origin = escape(str(values.get("source") or "").strip()) or "to be confirmed"
    year = escape(str(values.get("year") or "").strip())
    return f"Source: {origin}, {year}." if year else f"Source: {origin}. Year to be confirmed."


def _svg(width: float, height: float, sentence: str, body: str, attributes: str = "") -> str:
    return (
        f'<svg role="img" viewBox="0 0 {width:g} {height:g}" fill="none" stroke-linejoin="round" {attributes}>'
        f"<title>{escape(sentence)}</title>{body}</svg>"
    )


@cache
def _person_drawings() -> dict[str, str]:
    """Return the SVG of each person in people.svg, keyed by name. Only the person "outline" has no face."""
    drawings = dict(_PERSON.findall(pictures.read("people")))
    return {name: pictures.minify(body) for name, body in drawings.items()}


def _people_svg(value: int, total: int, sentence: str) -> str:
    """Return an SVG with a row of people: `value` of them are filled, the others are outlines."""
    drawings = _person_drawings()
    face_count = len(drawings) - 1
    people = (drawings[str(n % face_count)] if n < value else drawings["outline"] for n in range(total))
    row = "".join(
        f'<g transform="translate({32 + PERSON_STEP * n} 62)">{person}</g>' for n, person in enumerate(people)
    )
    attributes = 'stroke="var(--ink)" stroke-width="2.2" stroke-linecap="round"'
    return _svg(PERSON_STEP * total + 8, 100, sentence, row, attributes)


def _crowd_svg(name: str, value: int, total: int, sentence: str) -> str:
    """Return an SVG with rows of small people: `value` of them are filled, the others are outlines."""
    shape = f'<path id="one-{name}" d="{_SMALL_PERSON}"/>'
    attributes = 'stroke="var(--accent)" stroke-width="2"'
    return _rows_svg(f"one-{name}", shape, value, total, sentence, "accent", (28, 40), attributes)


def _squares_svg(name: str, value: int, total: int, sentence: str) -> str:
    """Return an SVG that shows a reduction as rows of squares: `value` of them are outlines, the others are filled."""
    shape = f'<rect id="one-{name}" x="2" y="2" width="19" height="19" rx="4"/>'
    attributes = 'stroke="var(--warm)" stroke-width="1.6"'
    return _rows_svg(f"one-{name}", shape, total - value, total, sentence, "warm", (28, 30), attributes)


def _rows_svg(
    shape_id: str,
    shape: str,
    filled_count: int,
    total: int,
    sentence: str,
    colour: str,
    cell_size: tuple[int, int],
    attributes: str,
) -> str:
    width, height = cell_size

    def copies_of_shape(indices: range) -> str:
        return "".join(
            f'<use href="#{shape_id}" x="{n % ROW_LENGTH * width}" y="{n // ROW_LENGTH * height}"/>' for n in indices
        )

    body = (
        f"<defs>{shape}</defs>"
        f'<g fill="var(--{colour})">{copies_of_shape(range(filled_count))}</g>'
        f'<g fill="var(--paper)">{copies_of_shape(range(filled_count, total))}</g>'
    )
    return _svg(min(total, ROW_LENGTH) * width - 4, -(-total // ROW_LENGTH) * height, sentence, body, attributes)
