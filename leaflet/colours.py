"""Colours for print, with a text contrast of at least 7:1."""

from collections.abc import Mapping

from service_profile.contrast import contrast, hex_colour, rgb_channels

MIN_CONTRAST = 7.0  # WCAG 2.2, 1.4.6
WHITE = "#ffffff"


def darken(colour: str, background: str) -> str:
    """Return `colour`, darkened until its contrast with the light `background` is at least MIN_CONTRAST."""
    channels = rgb_channels(colour)
    while contrast(colour, background) < MIN_CONTRAST and any(channels):
        channels = [int(channel * 0.96) for channel in channels]
        colour = hex_colour(channels)
    return colour


def print_colours(light_colours: Mapping[str, str]) -> dict[str, str]:
    """Return the colours for print, from those of the site's light mode.

    All text colours are readable on white and on the panel colour.
    """
    panel_colour = light_colours["panel"]
    text_colours = {
        name: darken(light_colours[name], panel_colour) for name in ("ink", "quiet", "accent", "warm", "link")
    }
    return {
        **text_colours,
        "paper": WHITE,
        "panel": panel_colour,
        "line": light_colours["line"],
        "on_accent": WHITE,
    }
