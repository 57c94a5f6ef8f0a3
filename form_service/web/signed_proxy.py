"""The check that each request carries the signature of the web host's proxy, if FORM_PROXY_SECRET is set.

Netlify signs requests with a JSON Web Token in the header `x-nf-sign`. Source: Netlify's documentation on signed proxy
redirects.
"""

import jwt
from flask import Flask, abort, request

SIGNATURE_HEADER = "x-nf-sign"
ISSUER = "netlify"
# Monitors and load balancers request these directly. They return no personal data, and /metrics has its own token.
UNSIGNED_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
CLOCK_SKEW_SECONDS = 30


def is_signed(token: str, secret: str) -> bool:
    """Return whether the token was signed by the proxy and has not expired."""
    try:
        jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            issuer=ISSUER,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iss"]},
        )
    except jwt.InvalidTokenError:
        return False
    return True


def install(app: Flask, secret: str) -> None:
    """Make the application refuse requests that the proxy has not signed, with status 403.

    Requests for UNSIGNED_PATHS need no signature. If `secret` is empty, no request is refused.
    """
    if not secret:
        return

    @app.before_request
    def refuse_unsigned_request() -> None:
        if request.path not in UNSIGNED_PATHS and not is_signed(request.headers.get(SIGNATURE_HEADER, ""), secret):
            abort(403)
