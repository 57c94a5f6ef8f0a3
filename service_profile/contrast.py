"""Contrast of two colours, as WCAG 2.2 defines it."""

import re
from collections.abc import Iterable

MIN_TEXT_CONTRAST = 4.5  # criterion 1.4.3
MIN_EDGE_CONTRAST = 3.0  # of the edges of controls: criterion 1.4.11


def rgb_channels(colour: str) -> list[int]:
    """Return the red, green and blue values of "#rrggbb", from 0 to 255. Raises ValueError for any other text."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"{colour} is not a colour like #0f5156")
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def hex_colour(channels: Iterable[int]) -> str:
    """Return "#rrggbb" for the red, green and blue values, each from 0 to 255."""
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb", from 0 (black) to 1 (white). Raises ValueError for any other text."""
    channels = [channel / 255 for channel in rgb_channels(colour)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, other_colour: str) -> float:
    """Return the contrast ratio, from 1 to 21, of two "#rrggbb" colours. Raises ValueError for any other text."""
    lower_luminance, higher_luminance = sorted((luminance(colour), luminance(other_colour)))
    return (higher_luminance + 0.05) / (lower_luminance + 0.05)
