"""The content security policy and the other security headers of all pages.

The policy allows only the style elements whose hashes it contains.
"""

import base64
import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from service_profile.profile import Service
from service_profile.style_sheet import inner_page_style, site_style


def content_policy(style_texts: Sequence[str], form_address: str = "") -> str:
    """Return the Content-Security-Policy for pages whose style element contains one of `style_texts`.

    Scripts on these pages may also send requests to `form_address`.
    """
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in style_texts)
    style_sources = " ".join(f"'sha256-{digest}'" for digest in digests)
    parts = urlsplit(form_address)
    form_origin = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return (
        f"default-src 'none'; style-src {style_sources}; script-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'{form_origin}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def headers(style_texts: Sequence[str], form_address: str = "") -> dict[str, str]:
    """Return the security headers of every page.

    Strict-Transport-Security is not among them: the web server adds it over HTTPS.
    """
    return {
        "Content-Security-Policy": content_policy(style_texts, form_address),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # With no-referrer Chromium sends "Origin: null" on the form's own posts.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    }


def site_headers(service: Service) -> dict[str, str]:
    """Return the security headers of the information site's pages."""
    return headers((site_style(service), inner_page_style(service)), str(service["form_address"]))


# Without includeSubDomains: if the site is on an organisation's bare domain, it would silently force HTTPS for a year
# on every subdomain, some of which may not support TLS. It is not needed either: site and form each send the header
# for their own host, and a subdomain without TLS cannot set a cookie whose name begins with __Secure-.
TRANSPORT_SECURITY_HEADER = {"Strict-Transport-Security": "max-age=31536000"}
