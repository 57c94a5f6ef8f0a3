"""Colours of the look that can be read in print: at least 7:1, whatever the site's own pair would give."""

from collections.abc import Mapping

from service_profile.contrast import contrast, parts_of, written

ENOUGH = 7.0  # WCAG 2.2, 1.4.6
WHITE = "#ffffff"


def readable(colour: str, on: str, enough: float = ENOUGH) -> str:
    """`colour`, darkened step by step until it stands out from `on`, a light colour, by `enough`."""
    parts = parts_of(colour)
    while contrast(colour, on) < enough and any(parts):
        parts = [int(part * 0.96) for part in parts]
        colour = written(parts)
    return colour


def for_print(light: Mapping[str, str]) -> dict[str, str]:
    """The look's colours for white paper; every text colour is readable on paper and on the tinted panel."""
    panel = light["panel"]
    inks = {name: readable(light[name], panel) for name in ("ink", "quiet", "accent", "warm", "link")}
    return {
        **inks,
        "paper": WHITE,
        "panel": panel,
        "line": light["line"],
        "on_accent": WHITE,
    }
