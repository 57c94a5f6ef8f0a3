"""The style sheet inside each page, made from overrides/css/ and the service's colours.

The reason for putting it inside the page is in guides/decisions/0006-own-templates-inline-style.md.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import rcssmin

from service_profile.palette import palette
from service_profile.pictures import picture_colours
from service_profile.profile import ROOT, Service

OVERRIDES_FOLDER = ROOT / "overrides"
SITE_SHEETS = (
    "base",
    "frame",
    "menu",
    "foot",
    "page",
    "inner-page",
    "blocks",
    "site-blocks",
    "pieces",
    "leaflets",
    "vocabulary",
    "home",
    "media",
)
FORM_SHEETS = ("base", "frame", "foot", "page", "blocks", "form", "form-pages", "after-sending", "media")
FONT_FILES = ("hyperlegible-400.woff2", "hyperlegible-700.woff2")


def site_style(service: Service) -> str:
    """Return the CSS of the site's home page. It also contains all rules for the other pages."""
    return _style(service, SITE_SHEETS, _site_fonts_url(service))


def inner_page_style(service: Service) -> str:
    """Return the CSS of all pages of the site except the home page."""
    return _style(service, tuple(sheet for sheet in SITE_SHEETS if sheet != "home"), _site_fonts_url(service))


def _site_fonts_url(service: Service) -> str:
    return "/" + service.site_url.split("/", 3)[3] + "assets/fonts/"


def form_style(service: Service) -> str:
    """Return the CSS of the form's pages. The form serves the fonts itself, because it may have its own host."""
    return _style(service, FORM_SHEETS, "/referral/assets/fonts/")


def _style(service: Service, sheets: tuple[str, ...], fonts_url: str) -> str:
    text = "\n".join((OVERRIDES_FOLDER / "css" / f"{name}.css").read_text(encoding="utf-8") for name in sheets)
    for font in FONT_FILES:
        text = text.replace(
            f"fonts/{font}", f"{fonts_url}{font}{file_version_query(OVERRIDES_FOLDER / 'assets' / 'fonts' / font)}"
        )
    return str(rcssmin.cssmin(custom_properties(service["look"]) + text))


def custom_properties(look: Mapping[str, Mapping[str, str]]) -> str:
    """Return the CSS rules that define the colours of the light and dark schemes as custom properties."""
    schemes = palette(look)
    light_properties = "".join(f"--{name}:{value};" for name, value in schemes["light"].items())
    dark_properties = "".join(
        f"--{name}:{value};" for name, value in schemes["dark"].items() if schemes["light"].get(name) != value
    )
    # Drawings in a page keep the light scheme's colours, as on paper.
    picture_properties = "".join(
        f"--{name}:{value};" for name, value in picture_colours(look).items() if schemes["dark"].get(name) != value
    )
    return (
        f":root{{color-scheme:light dark;{light_properties}}}.scene,.tile{{--paper:#ffffff}}"
        f"@media(prefers-color-scheme:dark){{:root{{{dark_properties}}}.scene,.tile{{{picture_properties}}}}}"
    )


@cache
def file_version_query(file: Path) -> str:
    """Return "?" and a short hash of the file's content. The file is read once, even if it changes later."""
    return version_query(file.read_bytes())


def version_query(content: bytes) -> str:
    """Return "?" and a short hash of `content`, to append to the URL of a file.

    A changed file has a new URL, so that no browser shows an old copy from its cache.
    """
    return f"?{hashlib.sha256(content).hexdigest()[:6]}"
