"""Serve the form over TLS on loopback, and serve a stand-in for the neutral site.

The form's "Leave this page" leads to the neutral site.
"""

import datetime
import ipaddress
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from werkzeug.serving import make_server

NEUTRAL_PAGE = b"<!doctype html><html lang=en><title>Weather</title><h1>Weather</h1></html>"


def make_certificate_files(folder: Path) -> tuple[str, str]:
    """Make a self-signed certificate for 127.0.0.1; return its path and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed_certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(signed_certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(files[0]), str(files[1])


def neutral_site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Respond as the neutral site to which "Leave this page" leads: with NEUTRAL_PAGE."""
    start_response("200 OK", [("Content-Type", "text/html")])
    return [NEUTRAL_PAGE]


class RunningApp:
    """A WSGI application on a loopback port, in a background thread."""

    def __init__(self, app: Any, certificate_files: tuple[str, str] | None = None, port: int = 0) -> None:
        self.app, self.certificate_files = app, certificate_files
        self.server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=certificate_files)
        self.server.daemon_threads = True  # type: ignore[attr-defined]
        self.port = self.server.server_port
        self.url = f"http{'s' if certificate_files else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop the server and close its port."""
        self.server.shutdown()
        self.server.server_close()


def make_production_like(app: Flask, exit_url: str) -> Flask:
    """Make the app behave as in production, with "Leave this page" leading to `exit_url`; return the app."""
    context = app.extensions["form_service"]
    service = replace(context.service, values={**context.service.values, "exit_address": exit_url})
    app.extensions["form_service"] = replace(
        context, service=service, settings=replace(context.settings, environment="production")
    )
    return app
