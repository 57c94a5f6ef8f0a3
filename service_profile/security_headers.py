"""The one content policy, for the hosting, nginx and the form service alike.

Every page carries its whole style in one element, so the policy names exactly that text by its hash: nothing that
somebody manages to slip into a page can style, run, load or send anything.
"""

import base64
import hashlib
from urllib.parse import urlsplit

from service_profile.profile import Service
from service_profile.style_sheet import site_style


def content_policy(style_text: str, form_address: str = "") -> str:
    """The Content-Security-Policy for pages whose style element holds `style_text`.

    The beacon that wipes may reach the form where it has a host of its own: `form_address`.
    """
    digest = base64.b64encode(hashlib.sha256(style_text.encode()).digest()).decode()
    parts = urlsplit(form_address)
    form = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'self'; img-src 'self'; font-src 'self'; "
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
    return headers(site_style(service), str(service["form_address"]))


# Without includeSubDomains: it would bind, for a year and silently, every host below ours, which others may run without
# TLS where the service has an organisation's bare domain. Nothing of ours needs it: site and form each send the
# header for their own host, and without TLS no host below can set a cookie called __Secure-…
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
