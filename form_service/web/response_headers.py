"""The security and cache headers of every response."""

from flask import Flask, Response, request

from service_profile import security_headers


def install(app: Flask, style_text: str, is_production: bool) -> None:
    """Make the application add the security headers to every response, and forbid browsers to cache pages.

    `style_text` is the style sheet inside each page, which the content security policy has to allow.
    """
    headers = security_headers.headers([style_text]) | {"X-Robots-Tag": "noindex"}
    if is_production:
        headers |= security_headers.TRANSPORT_SECURITY_HEADER

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        is_asset = request.path.startswith("/referral/assets/") and response.status_code < 400
        if not is_asset:
            response.headers["Cache-Control"] = "no-store"
        return response
