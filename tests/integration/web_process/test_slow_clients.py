"""Slow clients delay no other client, and a shutdown waits for the requests in progress."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.people_about_to_send import FORM_CONTENT_TYPE, people_about_to_send
from tests.support.service_parts import parts_of, read_until, running_flask, settings_of
from tests.support.web_process import WebProcess, running_web_process

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def web_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    with running_web_process(tmp_path_factory.mktemp("web")) as web_process:
        yield web_process


def test_a_hundred_slow_clients_delay_nobody_else(web_process: WebProcess) -> None:
    # A hundred connections are below waitress's limit. In production, nginx also limits connections.
    connections = []
    for number in range(100):
        connection = socket.create_connection(("127.0.0.1", web_process.port), timeout=20)
        head = b"POST /referral/check HTTP/1.1\r\nHost: x\r\nContent-Type: " + FORM_CONTENT_TYPE.encode()
        connection.sendall(head + (b"\r\nContent-Length: 5000\r\n\r\nname=" if number % 2 else b"\r\nX-Slow: "))
        connections.append(connection)
    started_at = time.monotonic()
    with ThreadPoolExecutor(8) as executor:
        statuses = list(executor.map(lambda _: web_process.request("GET", "/healthz")[0], range(40)))
    assert statuses == [200] * 40
    assert time.monotonic() - started_at < 5
    for connection in connections:
        connection.close()


def test_referrals_sent_before_sigterm_are_confirmed_before_the_process_ends(tmp_path: Path) -> None:
    """Eight people press Send just before SIGTERM; each is redirected to the confirmation of a stored referral."""
    parts = parts_of(settings_of(tmp_path))
    people = people_about_to_send(parts, 8)
    with running_flask(parts.settings, "serve", "--port", "0", cwd=tmp_path) as process:
        port = int(read_until(process, r'"port": (\d+)')[1])
        connections = []
        for person in people:
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            connection.sendall(person.request_line_and_headers() + person.body)
            connections.append(connection)
        process.send_signal(signal.SIGTERM)
        for connection in connections:
            response = connection.recv(65536)
            assert b" 303 " in response.split(b"\r\n")[0] and b"/referral/done" in response
        assert process.wait(15) == 0, "open connections do not delay the shutdown"
        for connection in connections:
            connection.close()
    assert parts.store.reports.counts_by_outcome()["waiting"] == len(people)
    assert all(person.reference(parts) for person in people)
    parts.store.close()


def test_the_web_process_ends_cleanly_after_two_sigterms(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    parts.store.migrate()
    with running_flask(parts.settings, "serve", "--port", "0", cwd=tmp_path) as process:
        read_until(process, r'"port": (\d+)')
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    parts.store.close()
