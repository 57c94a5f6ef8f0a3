"""Colours for print, readable at a contrast of at least 7:1, whatever the contrast on the site."""

from collections.abc import Mapping

from service_profile.contrast import contrast, hex_colour, rgb_channels

MIN_CONTRAST = 7.0  # WCAG 2.2, 1.4.6
WHITE = "#ffffff"


def darken(colour: str, on: str) -> str:
    """Return `colour`, darkened step by step until its contrast with `on`, a light colour, is MIN_CONTRAST."""
    parts = rgb_channels(colour)
    while contrast(colour, on) < MIN_CONTRAST and any(parts):
        parts = [int(part * 0.96) for part in parts]
        colour = hex_colour(parts)
    return colour


def for_print(light: Mapping[str, str]) -> dict[str, str]:
    """Return the service's colours for white paper; all text colours are readable on paper and on the tinted panel."""
    panel = light["panel"]
    inks = {name: darken(light[name], panel) for name in ("ink", "quiet", "accent", "warm", "link")}
    return {
        **inks,
        "paper": WHITE,
        "panel": panel,
        "line": light["line"],
        "on_accent": WHITE,
    }
