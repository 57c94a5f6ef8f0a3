"""What every answer tells the browser: load nothing from elsewhere, keep nothing."""

import base64
import hashlib

from flask import Flask, Response, request

# The longest that a browser remembers to use TLS only.
TWO_YEARS = 63_072_000


def policy(style_sheet: str) -> str:
    """The content security policy of the form: the one inlined style sheet by its hash, one script of our own."""
    style = base64.b64encode(hashlib.sha256(style_sheet.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{style}'",
            "script-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def install(app: Flask, style_sheet: str, production: bool) -> None:
    """Put the headers on every answer, errors included."""
    fixed = {
        "Content-Security-Policy": policy(style_sheet),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # With no-referrer Chromium would send "Origin: null" on our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
        "X-Robots-Tag": "noindex",
    }
    if production:
        fixed["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/referral/assets/"):
            response.headers["Cache-Control"] = "no-store"
        return response
