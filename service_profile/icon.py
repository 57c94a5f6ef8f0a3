"""The icon of the site in the service's colours, for light and dark screens."""

import colorsys
from collections.abc import Mapping

import jinja2

from service_profile.contrast import contrast, hex_colour, rgb_channels
from service_profile.profile import Service
from service_profile.style_sheet import OVERRIDES_FOLDER

ICON_PATH = "assets/icon.svg"
_LIGHTNESS_STEPS = 50


def icon_svg(service: Service) -> str:
    """Return the icon as SVG, in the colours of `extra.service.look`."""
    look = service["look"]
    colours = {name: colour_for_both_schemes(look, name) for name in ("accent", "warm")}
    template = jinja2.Template((OVERRIDES_FOLDER / ICON_PATH).read_text(encoding="utf-8"))
    return str(template.render(icon=colours))


def colour_for_both_schemes(look: Mapping[str, Mapping[str, str]], name: str) -> str:
    """Return a shade of the light scheme's colour `name` that is visible on both schemes' backgrounds."""
    colour, paper_colours = look["light"][name], [look[scheme]["paper"] for scheme in ("light", "dark")]
    hue, _, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in rgb_channels(colour)))
    shades = (_shade(hue, step / _LIGHTNESS_STEPS, saturation) for step in range(_LIGHTNESS_STEPS + 1))
    return max(shades, key=lambda shade: min(contrast(shade, paper_colour) for paper_colour in paper_colours))


def _shade(hue: float, lightness: float, saturation: float) -> str:
    return hex_colour(round(channel * 255) for channel in colorsys.hls_to_rgb(hue, lightness, saturation))
