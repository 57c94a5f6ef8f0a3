"""The headers of every response: load nothing from elsewhere, store nothing."""

from flask import Flask, Response, request

from service_profile import security_headers


def install(app: Flask, style_sheet: str, production: bool) -> None:
    """Add the headers to every response, errors included: the site's own, and those that only a form needs."""
    fixed = security_headers.headers(style_sheet) | {"X-Robots-Tag": "noindex"}
    if production:
        fixed |= security_headers.TRANSPORT_SECURITY

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        is_asset = request.path.startswith("/referral/assets/") and response.status_code < 400
        if not is_asset:
            response.headers["Cache-Control"] = "no-store"
        return response
