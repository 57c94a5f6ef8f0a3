"""The tints behind text and pictures, derived from the service's colours (`extra.service.look` of mkdocs.yml).

Only the hue comes from the service. Lightness and chroma (in OKLCH, https://bottosson.github.io/posts/oklab/) are fixed
here, so that text on a tint is readable whatever colours the service has chosen.
"""

import math
from collections.abc import Mapping

from service_profile.contrast import hex_colour, rgb_channels

Colours = Mapping[str, str]


def palette(look: Mapping[str, Colours]) -> dict[str, dict[str, str]]:
    """Return all colours of the "light" and "dark" schemes, including the tints derived from them.

    Raises KeyError for a missing colour and ValueError for a malformed one.
    """
    light, dark = look["light"], look["dark"]
    return {
        "light": {
            **light,
            "tint": mix(derive_shade(light["accent"], 0.945, 0.03), light["panel"], 0.55),
            "glow": mix(derive_shade(light["warm"], 0.88, 0.055), light["panel"], 0.45),
            "stage": light["panel"],
            "on_stage": light["ink"],
            "cover": light["accent"],
            "on_cover": light["on_accent"],
            "bubble": "#ffffff",
        },
        # In dark mode, pictures have the colours of the light scheme, on a dimmed background.
        "dark": {
            **dark,
            "tint": derive_shade(dark["accent"], 0.285, 0.028),
            "glow": mix(derive_shade(light["warm"], 0.775, 0.05), derive_shade(light["panel"], 0.79, 0.014), 0.45),
            "stage": derive_shade(light["panel"], 0.80, 0.014),
            "on_stage": light["ink"],
            "cover": derive_shade(dark["accent"], 0.335, 0.042),
            "on_cover": dark["ink"],
            "bubble": derive_shade(light["panel"], 0.86, 0.012),
        },
    }


def mix(colour: str, background: str, opacity: float) -> str:
    """Return `colour` laid over `background` with this opacity, from 0 to 1."""
    pairs = zip(rgb_channels(colour), rgb_channels(background), strict=True)
    return hex_colour(
        round(channel * opacity + background_channel * (1 - opacity)) for channel, background_channel in pairs
    )


def derive_shade(colour: str, lightness: float, chroma: float) -> str:
    """Return a colour with the hue of `colour` and the given OKLCH lightness and chroma.

    The chroma is lower than `chroma` if `colour` itself has a lower one, or if sRGB cannot show that much.
    """
    _, a, b = _to_oklab(colour)
    own_chroma, hue = math.hypot(a, b), math.atan2(b, a)
    chroma = min(chroma, own_chroma)
    while True:
        channels = _from_oklab(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 0.001 or all(-0.5 <= channel <= 255.5 for channel in channels):
            return hex_colour(min(max(round(channel), 0), 255) for channel in channels)
        chroma *= 0.97  # until the colour is within the sRGB gamut


def _to_oklab(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_to_linear(channel / 255) for channel in rgb_channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> list[float]:
    """Return the red, green and blue values of an OKLab colour. Values outside 0 to 255 are outside sRGB."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear_channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return [_to_srgb(channel) * 255 for channel in linear_channels]


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _to_srgb(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
