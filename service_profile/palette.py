"""Colours derived from the service's own (`extra.service.look` of mkdocs.yml): the tints behind text and pictures.

Only the hue is the service's. Lightness and chroma (in OKLCH, https://bottosson.github.io/posts/oklab/) are fixed here,
so that text on a tint is readable whatever colours the service has chosen.
"""

import math
from collections.abc import Mapping

from service_profile.contrast import parts_of, written

Colours = Mapping[str, str]


def palette(look: Mapping[str, Colours]) -> dict[str, dict[str, str]]:
    """Return the colours of `extra.service.look` and those derived from them, for `light` and for `dark`."""
    light, dark = look["light"], look["dark"]
    return {
        "light": {
            **light,
            "tint": mix(with_hue(light["accent"], 0.945, 0.03), light["panel"], 0.55),
            "glow": mix(with_hue(light["warm"], 0.88, 0.055), light["panel"], 0.45),
            "stage": light["panel"],
            "on_stage": light["ink"],
            "cover": light["accent"],
            "on_cover": light["on_accent"],
            "bubble": "#ffffff",
        },
        # Pictures keep the ink and the colours of the light scheme, on dimmed paper.
        "dark": {
            **dark,
            "tint": with_hue(dark["accent"], 0.285, 0.028),
            "glow": mix(with_hue(light["warm"], 0.775, 0.05), with_hue(light["panel"], 0.79, 0.014), 0.45),
            "stage": with_hue(light["panel"], 0.80, 0.014),
            "on_stage": light["ink"],
            "cover": with_hue(dark["accent"], 0.335, 0.042),
            "on_cover": dark["ink"],
            "bubble": with_hue(light["panel"], 0.86, 0.012),
        },
    }


def mix(colour: str, ground: str, share: float) -> str:
    """Return `colour` laid over `ground` with an opacity of `share`."""
    pairs = zip(parts_of(colour), parts_of(ground), strict=True)
    return written(round(part * share + under * (1 - share)) for part, under in pairs)


def with_hue(colour: str, lightness: float, chroma: float) -> str:
    """Return the hue of `colour` at this lightness, with at most this chroma and no more than `colour` has."""
    _, a, b = _to_oklab(colour)
    own, hue = math.hypot(a, b), math.atan2(b, a)
    chroma = min(chroma, own)
    while True:
        parts = _from_oklab(lightness, chroma * math.cos(hue), chroma * math.sin(hue))
        if chroma < 0.001 or all(-0.5 <= part <= 255.5 for part in parts):
            return written(min(max(round(part), 0), 255) for part in parts)
        chroma *= 0.97  # until the colour is within the sRGB gamut


def _to_oklab(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_to_linear(part / 255) for part in parts_of(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> list[float]:
    """Return red, green and blue: from 0 to 255, or outside that range for a colour beyond the sRGB gamut."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return [_to_screen(part) * 255 for part in linear]


def _to_linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _to_screen(part: float) -> float:
    return part * 12.92 if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
