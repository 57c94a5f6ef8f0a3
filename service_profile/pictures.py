"""The drawings in overrides/assets/pictures/, which the site, the form and the leaflets share.

`recolour` writes the service's colours into a drawing, because a style sheet cannot change an `<img>`.
"""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from service_profile.profile import ROOT

PICTURES_FOLDER = ROOT / "overrides" / "assets" / "pictures"
_COLOUR_VARIABLE = re.compile(r"var\(--([a-z_]+)(?:,\s*(#[0-9a-fA-F]{6}))?\)")
_TITLE = re.compile(r"<title>(.*?)</title>")


def names(folder: Path = PICTURES_FOLDER) -> list[str]:
    """Return the names of all drawings in `folder`, without .svg, sorted."""
    return sorted(path.stem for path in folder.glob("*.svg"))


def read(name: str, folder: Path = PICTURES_FOLDER) -> str:
    """Return the SVG source of the drawing `name`. Raises FileNotFoundError if `folder` does not contain it."""
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def recolour(drawing: str, colours: Mapping[str, str]) -> str:
    """Return the drawing with each CSS variable replaced by the colour of that name in `colours`.

    A variable that is not in `colours` becomes its default or, if it has none, stays unchanged.
    """
    return _COLOUR_VARIABLE.sub(lambda match: colours.get(match[1], match[2] or match[0]), drawing)


def title(drawing: str) -> str:
    """Return the drawing's title, or "" if it has none."""
    match = _TITLE.search(drawing)
    return unescape(match[1]) if match else ""


def picture_colours(look: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the colours of the site's pictures: the light scheme's colours on white."""
    return {**look["light"], "paper": "#ffffff"}


def minify(drawing: str) -> str:
    """Return the SVG of the drawing without white space at its ends or between its tags."""
    return re.sub(r">\s+<", "><", drawing.strip())


def site_svg(drawing: str, look: Mapping[str, Mapping[str, str]]) -> str:
    """Return the SVG that the site serves, in the service's colours and without a title."""
    return _TITLE.sub("", minify(recolour(drawing, picture_colours(look))))
