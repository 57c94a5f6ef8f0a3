"""Pictures of statistics, drawn from their numbers: change the number and picture and words change together.

Colour never carries the meaning alone (filled against outlined, thick against thin), so that the pictures hold in dark
and forced colours and on a black-and-white printer. No style attribute: the content policy would refuse it.
"""

from collections.abc import Mapping
from html import escape
from math import pi
from typing import Any

from service_profile.profile import statistic_sentence

FIGURES_UP_TO = 20  # as many people as one can take in at a glance; beyond, a ring
STEP = 30  # user units from one figure to the next
RADIUS = 54


def statistic(name: str, values: Mapping[str, Any]) -> str:
    """The figure for one statistic of mkdocs.yml: picture, sentence, limits and source, on one line of HTML."""
    sentence = statistic_sentence(values)
    value, of = int(values["value"]), int(values["of"])
    if values.get("picture") == "less":
        drawing = _bars(value, of, sentence)
    elif of <= FIGURES_UP_TO:
        drawing = _figures(name, value, of, sentence)
    else:
        drawing = _ring(value, of, sentence)
    return (
        f'<figure class="stat">{drawing}<figcaption><p><b>{escape(sentence)}.</b></p>'
        f"<p>{escape(str(values['limits']).strip())}</p><small>{source(values)}</small></figcaption></figure>"
    )


def source(values: Mapping[str, Any]) -> str:
    """Where the statistic comes from; says so when the year is not known yet, and never guesses one."""
    origin = escape(str(values.get("source") or "").strip()) or "still to be given"
    year = escape(str(values.get("year") or "").strip())
    return f"Source: {origin}, {year}." if year else f"Source: {origin}. The year is still to be given."


def _figures(name: str, value: int, of: int, sentence: str) -> str:
    """A row of people: `value` of them filled, the others outlined."""
    person = f"person-{name}"
    uses = "".join(
        f'<use href="#{person}" x="{STEP * n}"' + ("/>" if n < value else ' fill="none"/>') for n in range(of)
    )
    title = escape(f"{of} figures, {value} of them filled in: {sentence}")
    return (
        f'<svg role="img" width="{STEP * of}" viewBox="0 0 {STEP * of} 72" fill="currentColor" stroke="currentColor"'
        f' stroke-width="2.5"><title>{title}</title><defs><path id="{person}" d="M15 3a8 8 0 1 1 0 16a8 8 0 1 1 0-16'
        f'M15 24a11 11 0 0 1 11 11v14h-4v19h-14v-19h-4v-14a11 11 0 0 1 11-11"/></defs>{uses}</svg>'
    )


def _ring(value: int, of: int, sentence: str) -> str:
    """A ring: the share is a thick arc on a thin circle, with the number in the middle."""
    round_ = 2 * pi * RADIUS
    number = f"{value}%" if of == 100 else f"{value} in {of}"
    title = escape(f"A ring with {value} of {of} parts drawn thick: {sentence}")
    circle = f'cx="70" cy="70" r="{RADIUS}" fill="none" stroke="currentColor"'
    return (
        f'<svg role="img" width="170" viewBox="0 0 140 140"><title>{title}</title><circle {circle} stroke-width="2"/>'
        f'<circle {circle} stroke-width="16" stroke-dasharray="{round_ * value / of:.1f} {round_:.1f}"'
        f' transform="rotate(-90 70 70)"/><text x="70" y="82" text-anchor="middle" font-size="34" font-weight="600">'
        f"{number}</text></svg>"
    )


def _bars(value: int, of: int, sentence: str) -> str:
    """Two bars for "less than before": the whole of it outlined, and what is left of it filled."""
    width = 260
    left = width * (of - value) / of
    title = escape(f"An outlined bar {of} long and a filled bar {of - value} long: {sentence}")
    bar = 'x="2" height="30" rx="6" stroke="currentColor" stroke-width="3" width="'
    return (
        f'<svg role="img" width="270" viewBox="0 0 {width + 4} 84"><title>{title}</title><rect y="2" {bar}{width}" '
        f'fill="none"/><rect y="46" {bar}{left:.1f}" fill="currentColor"/></svg>'
    )
