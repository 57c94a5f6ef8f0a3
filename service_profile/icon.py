"""The service's icon in the service's own colours: one file for light and dark screens, pages and browser tabs."""

import colorsys
from collections.abc import Mapping

import jinja2

from service_profile.contrast import contrast, parts_of, written
from service_profile.profile import Service
from service_profile.style_sheet import OVERRIDES

ICON = "assets/icon.svg"
_STEPS = 50


def icon(service: Service) -> str:
    """Return the icon as SVG, in the colours of `extra.service.look`."""
    look = service["look"]
    colours = {name: seen_on_both(look, name) for name in ("accent", "warm")}
    drawing = jinja2.Template((OVERRIDES / ICON).read_text(encoding="utf-8"))
    return str(drawing.render(icon=colours))


def seen_on_both(look: Mapping[str, Mapping[str, str]], name: str) -> str:
    """Return the light scheme's colour, lightened or darkened for the best contrast with both schemes' paper.

    A style for each scheme inside the SVG does not work: the content policy blocks it in browsers that apply the policy
    to pictures, and no style sheet knows the colour of a tab bar.
    """
    colour, papers = look["light"][name], [look[scheme]["paper"] for scheme in ("light", "dark")]
    hue, _, saturation = colorsys.rgb_to_hls(*(part / 255 for part in parts_of(colour)))
    shades = (_shade(hue, step / _STEPS, saturation) for step in range(_STEPS + 1))
    return max(shades, key=lambda shade: min(contrast(shade, paper) for paper in papers))


def _shade(hue: float, lightness: float, saturation: float) -> str:
    return written(round(part * 255) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
