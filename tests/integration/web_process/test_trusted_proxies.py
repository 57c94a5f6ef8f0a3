"""The form sees the client's real IP address, even behind one or two trusted proxies."""

from pathlib import Path

import pytest
from flask import request

from form_service.app import create_app
from tests.support.service_parts import settings_of


@pytest.mark.parametrize(
    ("proxy_count", "forwarded_for", "client_ip"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),  # nginx alone: the first address is the client's own claim
        (2, "198.51.100.7, 203.0.113.9, 192.0.2.1", "203.0.113.9"),  # Netlify added the second address, nginx the third
    ],
)
def test_the_client_address_is_the_one_that_the_first_trusted_proxy_saw(
    tmp_path: Path, proxy_count: int, forwarded_for: str, client_ip: str
) -> None:
    app = create_app(settings_of(tmp_path, FORM_TRUSTED_PROXIES=str(proxy_count)))
    app.add_url_rule("/who", "who", lambda: f"{request.scheme} {request.remote_addr}")
    headers = {"X-Forwarded-For": forwarded_for, "X-Forwarded-Proto": "https"}  # nginx sends the scheme once
    assert app.test_client().get("/who", headers=headers).text == f"{'https' if proxy_count else 'http'} {client_ip}"
    app.extensions["form_service"].store.close()
