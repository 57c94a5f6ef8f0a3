"""The style of the pages, as it stands in them: the sheets of overrides/css/, the service's colours, minified.

It stands in each page as a whole (README, "Style in the page"), so the content policy can name it by one hash.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import rcssmin

from service_profile.palette import palette
from service_profile.pictures import on_paper
from service_profile.profile import ROOT, Service

OVERRIDES = ROOT / "overrides"
SITE = ("base", "frame", "foot", "page", "blocks", "pieces", "vocabulary", "home", "media")
FORM = ("base", "frame", "foot", "page", "form", "form-pages", "media")
FONTS = ("hyperlegible-400.woff2", "hyperlegible-700.woff2")


def site_style(service: Service) -> str:
    """The style of the information site's pages."""
    root = "/" + service.site_url.split("/", 3)[3]
    return _style(service, SITE, f"{root}assets/fonts/")


def form_style(service: Service) -> str:
    """The style of the form's pages; the form serves its own copy of the fonts, as it may have a host of its own."""
    return _style(service, FORM, "/referral/assets/fonts/")


def _style(service: Service, sheets: tuple[str, ...], fonts: str) -> str:
    text = "\n".join((OVERRIDES / "css" / f"{name}.css").read_text(encoding="utf-8") for name in sheets)
    for font in FONTS:
        text = text.replace(f"fonts/{font}", f"{fonts}{font}{mark(OVERRIDES / 'assets' / 'fonts' / font)}")
    return str(rcssmin.cssmin(colours(service["look"]) + text))


def colours(look: Mapping[str, Mapping[str, str]]) -> str:
    """The custom properties of both looks."""
    made = palette(look)
    light = "".join(f"--{name}:{value};" for name, value in made["light"].items())
    changed = "".join(f"--{name}:{value};" for name, value in made["dark"].items() if made["light"].get(name) != value)
    # A drawing in a page is printed matter as well: it keeps the light look's colours.
    drawn = "".join(f"--{name}:{value};" for name, value in on_paper(look).items() if made["dark"].get(name) != value)
    return (
        f":root{{color-scheme:light dark;{light}}}.scene,.tile{{--paper:#ffffff}}"
        f"@media(prefers-color-scheme:dark){{:root{{{changed}}}.scene,.tile{{{drawn}}}}}"
    )


@cache
def mark(file: Path) -> str:
    """See `version`."""
    return version(file.read_bytes())


def version(data: bytes) -> str:
    """A question mark and the start of the SHA-256: a changed file has another URL, so browsers may keep the old."""
    return f"?{hashlib.sha256(data).hexdigest()[:6]}"
