"""What every answer tells the browser: load nothing from elsewhere, keep nothing."""

from flask import Flask, Response, request

from service_profile import security_headers


def install(app: Flask, style_sheet: str, production: bool) -> None:
    """Put the headers on every answer, errors included: the site's own, and what only a form needs."""
    fixed = security_headers.headers(style_sheet) | {"X-Robots-Tag": "noindex"}
    if production:
        fixed |= security_headers.TRANSPORT

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        is_asset = request.path.startswith("/referral/assets/") and response.status_code < 400
        if not is_asset:
            response.headers["Cache-Control"] = "no-store"
        return response
