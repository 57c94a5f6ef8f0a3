"""The one content policy, for the hosting, nginx and the form service alike.

Every page carries its whole style in one element, so the policy names exactly that text by its hash: nothing that
somebody manages to slip into a page can style, run, load or send anything.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from service_profile.profile import ROOT, Service

OVERRIDES = ROOT / "overrides"
SITE_SHEET = "assets/site.css"
FORM_SHEET = "assets/form.css"


@cache
def templates(folder: Path) -> jinja2.Environment:
    """The templates in `folder`, filled as MkDocs and Flask fill a .css: the text must be the same to the byte."""
    return jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=False)


def style(service: Service, sheet: str = SITE_SHEET, folder: Path = OVERRIDES) -> str:
    """The text of the style element: `sheet` (SITE_SHEET or FORM_SHEET) with the service's colours."""
    return templates(folder).get_template(sheet).render(service=service.values)


def content_policy(style_text: str, form_address: str = "") -> str:
    """The Content-Security-Policy for pages whose style element holds `style_text`.

    The beacon that wipes may reach the form where it has a host of its own: `form_address`.
    """
    digest = base64.b64encode(hashlib.sha256(style_text.encode()).digest()).decode()
    parts = urlsplit(form_address)
    form = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'self'; img-src 'self'; "
        f"connect-src 'self'{form}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def headers(style_text: str, form_address: str = "") -> dict[str, str]:
    """The headers of every page. Over https the server in front adds Strict-Transport-Security (`TRANSPORT`)."""
    return {
        "Content-Security-Policy": content_policy(style_text, form_address),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # With no-referrer Chromium sends "Origin: null" on the form's own posts.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    }


def of_site(service: Service) -> dict[str, str]:
    """The headers of the information site's pages."""
    return headers(style(service), str(service["form_address"]))


# Without includeSubDomains: it would bind, for a year and silently, every host below ours, which others may run without
# TLS where the service has an organisation's bare domain. Nothing of ours needs it: site and form each send the
# header for their own host, and without TLS no host below can set a cookie called __Secure-…
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
