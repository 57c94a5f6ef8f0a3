"""The drawings of overrides/assets/pictures/, shared by site, form and leaflets.

A drawing refers to a colour as `var(--accent, #0f5156)`. `recolour` replaces these references by the service's colours,
so that a drawing is also right where no style sheet applies: in an `<img>` and on paper.
"""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from service_profile.profile import ROOT

FOLDER = ROOT / "overrides" / "assets" / "pictures"
_COLOUR_VARIABLE = re.compile(r"var\(--([a-z_]+)(?:,\s*(#[0-9a-fA-F]{6}))?\)")
_TITLE = re.compile(r"<title>(.*?)</title>")


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all drawings in `folder`, without .svg, sorted."""
    return sorted(path.stem for path in folder.glob("*.svg"))


def read(name: str, folder: Path = FOLDER) -> str:
    """Return the SVG source of the drawing, not yet recoloured. Raises FileNotFoundError."""
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def recolour(drawing: str, look: Mapping[str, str]) -> str:
    """Return the drawing with the colours of `look`, or with the drawing's default for a colour that `look` lacks."""
    return _COLOUR_VARIABLE.sub(lambda match: look.get(match[1], match[2] or match[0]), drawing)


def title(drawing: str) -> str:
    """Return the drawing's title, which describes it, or ""."""
    match = _TITLE.search(drawing)
    return unescape(match[1]) if match else ""


def picture_colours(look: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the colours of the site's pictures: those of the light scheme, on white.

    One file serves both colour schemes: in dark mode, the page only dims the tile behind the picture.
    """
    return {**look["light"], "paper": "#ffffff"}


def minify(drawing: str) -> str:
    """Return the drawing on one line, without white space between tags."""
    return re.sub(r">\s+<", "><", drawing.strip())


def site_svg(drawing: str, look: Mapping[str, Mapping[str, str]]) -> str:
    """Return the SVG that the site serves: in the service's colours, and without its title, which no `<img>` shows."""
    return _TITLE.sub("", minify(recolour(drawing, picture_colours(look))))
