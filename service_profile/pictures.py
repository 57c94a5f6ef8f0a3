"""The drawings of overrides/assets/pictures/, shared by site, form and leaflets.

A drawing names the service's colours as `var(--accent, #0f5156)`. `colour` writes the service's own in their place, so
that the picture also holds where no style sheet reaches it: in an `<img>` and on paper.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from service_profile.profile import ROOT

FOLDER = ROOT / "overrides" / "assets" / "pictures"
_COLOUR = re.compile(r"var\(--([a-z_]+),\s*(#[0-9a-fA-F]{6})\)")
_TITLE = re.compile(r"<title>(.*?)</title>")


def names(folder: Path = FOLDER) -> list[str]:
    """The names of all drawings, in order."""
    return sorted(path.stem for path in folder.glob("*.svg"))


def read(name: str, folder: Path = FOLDER) -> str:
    """The SVG of the drawing as it is stored. Raises FileNotFoundError."""
    return (folder / f"{name}.svg").read_text(encoding="utf-8")


def colour(drawing: str, look: Mapping[str, str]) -> str:
    """The drawing with the colours of `look`; a colour that `look` does not name is the one it was drawn with."""
    return _COLOUR.sub(lambda match: look.get(match[1], match[2]), drawing)


def title(drawing: str) -> str:
    """What the drawing shows."""
    found = _TITLE.search(drawing)
    return found[1] if found else ""


def on_paper(look: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The colours in which the site's pictures are drawn, in the light and in the dark: those of print.

    In dark mode the tile under a picture is dimmed; the picture itself stays as it is, so one file serves both.
    """
    return {**look["light"], "paper": "#ffffff"}


def compact(drawing: str) -> str:
    """The drawing on one line, without what a browser does not need."""
    return re.sub(r">\s+<", "><", drawing.strip())


def for_page(drawing: str, look: Mapping[str, Mapping[str, str]]) -> str:
    """The drawing as a file of the site: coloured, compact, without a title (the page says what it shows)."""
    return _TITLE.sub("", compact(colour(drawing, on_paper(look))))
