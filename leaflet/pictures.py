"""Pictures of the leaflets: drawn from values (statistics, the code to scan) or from pictures/*.svg in our colours."""

import re
from collections.abc import Mapping
from pathlib import Path

import segno

FOLDER = Path(__file__).parent / "pictures"
ONE_ROW = 10  # so many figures stand in one row
ROW = 25  # more stand in rows of so many

_COLOUR = re.compile(r"var\(--([a-z_]+),\s*#[0-9a-fA-F]{6}\)")
_TITLE = re.compile(r"<title>(.*?)</title>")


MARGIN = 4  # empty modules around a code: readers need them


def code(address: str) -> tuple[str, float]:
    """A QR code of `address` as SVG, and the share of its width that the empty margin takes on each side."""
    made = segno.make(address, error="m", micro=False)
    picture: str = made.svg_inline(border=MARGIN, dark="#000000", light="#ffffff", unit="mm")
    return picture, MARGIN / made.symbol_size(border=MARGIN)[0]


def _person(x: float, y: float, colour: str, filled: bool) -> str:
    look = f'fill="{colour}"' if filled else f'fill="#ffffff" stroke="{colour}" stroke-width="0.7"'
    return (
        f'<g transform="translate({x:g} {y:g})" {look}><circle cx="5" cy="3.2" r="2.4"/>'
        '<path d="M1.2 15.4v-4.6a3.8 3.8 0 0 1 7.6 0v4.6z"/></g>'
    )


def people(value: int, of: int, colour: str) -> str:
    """`of` figures in rows, `value` of them filled, as SVG."""
    row = of if of <= ONE_ROW else ROW
    rows = -(-of // row)
    figures = "".join(_person(n % row * 10, n // row * 17.5, colour, n < value) for n in range(of))
    width, height = row * 10, rows * 17.5 - 1.5
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{figures}</svg>'


def names() -> dict[str, str]:
    """The pictures that an Easy Read page can use (their values are empty), for finding the nearest name."""
    return {path.stem: "" for path in sorted(FOLDER.glob("*.svg"))}


def picture(name: str, look: Mapping[str, str]) -> tuple[str, str]:
    """pictures/`name`.svg in the colours of `look`, and what it shows (its title)."""
    drawing = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    title = _TITLE.search(drawing)
    return _COLOUR.sub(lambda match: look[match[1]], drawing), title[1] if title else name
