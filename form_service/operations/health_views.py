"""The URLs for monitoring: /healthz, /readyz and /metrics. They return no personal data."""

import hmac
import json
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request

from form_service.operations.readiness import ReadinessCheck

health = Blueprint("health", __name__)
PLAIN_TEXT_MEDIA_TYPE = "text/plain; charset=utf-8"


def register(app: Flask) -> None:
    """Add /healthz, /readyz and /metrics to the application."""
    context: Any = app.extensions["form_service"]
    readiness_check = ReadinessCheck(context.sealer, context.store)
    app.extensions["readiness"] = readiness_check
    if context.settings.metrics_token:
        # Imported only when needed: it takes a twentieth of the start-up time.
        from form_service.operations.metrics import create_registry

        registry = create_registry(context.sealer, context.store, readiness_check, context.settings.receipt)
        app.extensions["metrics"] = registry
    app.register_blueprint(health)


@health.get("/healthz")
def healthz() -> Response:
    """Return 200 to show that the web process is running."""
    return Response("ok\n", content_type=PLAIN_TEXT_MEDIA_TYPE)


@health.get("/readyz")
def readyz() -> Response:
    """Return 200 while a referral can be accepted and delivered, otherwise 503. The JSON names what failed."""
    readiness = current_app.extensions["readiness"]()
    return Response(
        json.dumps(readiness.as_dict()) + "\n", 200 if readiness.is_ready else 503, mimetype="application/json"
    )


@health.get("/metrics")
def metrics() -> Response:
    """Return the metrics if the request has the metrics token, otherwise 401.

    If the settings contain no token, return 404.
    """
    token = current_app.extensions["form_service"].settings.metrics_token
    if not token:
        abort(404)
    authorization = request.headers.get("Authorization", "")
    if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return Response(
            "The token is missing or wrong.\n", 401, {"WWW-Authenticate": "Bearer"}, content_type=PLAIN_TEXT_MEDIA_TYPE
        )
    from prometheus_client import generate_latest

    text = generate_latest(current_app.extensions["metrics"])
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")
