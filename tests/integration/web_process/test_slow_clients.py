"""People on bad lines, and the server told to stop while they are on theirs, without a proxy in front."""

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.senders import FORM, senders
from tests.support.service_parts import house_of, running, said, settings_of
from tests.support.waiting import until
from tests.support.web_process import Web, allow_many_connections, web_in

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_in(tmp_path_factory.mktemp("web")) as web:
        yield web


def assert_answered(web: Web, path: str, number: int) -> None:
    """So many requests, eight at a time, are all answered within five seconds."""
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: web.ask("GET", path)[0], range(number)))
    assert answers == [200] * number
    assert time.monotonic() - begun < 5


def test_slow_clients_hold_up_nobody(web: Web) -> None:
    wires = []
    for number in range(100):
        wire = socket.create_connection(("127.0.0.1", web.port), timeout=20)
        head = b"POST /referral/check HTTP/1.1\r\nHost: x\r\nContent-Type: " + FORM.encode()
        wire.sendall(head + (b"\r\nContent-Length: 5000\r\n\r\nname=" if number % 2 else b"\r\nX-Slow: "))
        wires.append(wire)
    assert_answered(web, "/healthz", 40)
    for wire in wires:
        wire.close()


def test_more_slow_clients_than_the_server_has_places_for_keep_nobody_out(web: Web) -> None:
    """Each drips a byte now and then, so none is ever idle; a person who comes is answered all the same."""
    allow_many_connections()
    slow = [  # what each has sent, and what it goes on with
        (b"GET /referral/ HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"x"),
        (b"POST /referral/check HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", b"x"),
        (b"\r\n", b"\r\n"),
    ] * 400
    with contextlib.ExitStack() as open_wires:
        wires = []
        for head, _ in slow:
            wires.append(open_wires.enter_context(socket.create_connection(("127.0.0.1", web.port), timeout=20)))
            wires[-1].sendall(head)
        for wire, (_, more) in zip(wires, slow, strict=True):
            with contextlib.suppress(OSError):  # whoever had been at it longest was closed
                wire.sendall(more)
        assert_answered(web, "/referral/", 16)
    assert web.is_well()


def test_sigterm_loses_nothing_in_flight(tmp_path: Path) -> None:
    """A person's body is half on its way when the server is told to stop: the confirmation still comes."""
    house = house_of(settings_of(tmp_path))
    people = senders(house, 3)
    with running(house.settings, "serve", "--port", "0", cwd=tmp_path) as process:
        port = int(said(process, r'"port": (\d+)')[1])
        wires = []
        for person in people:
            wire = socket.create_connection(("127.0.0.1", port), timeout=20)
            wire.sendall(person.head() + person.body[:20])
            wires.append(wire)
        idle = socket.create_connection(("127.0.0.1", port), timeout=20)
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        process.send_signal(signal.SIGTERM)
        until(lambda: not _listens(port), "no new connection is taken")
        for wire, person in zip(wires, people, strict=True):
            wire.sendall(person.body[20:])
            answer = b"".join(iter(lambda: wire.recv(65536), b""))  # noqa: B023
            assert b" 303 " in answer.split(b"\r\n")[0] and b"/referral/done" in answer
            wire.close()
        idle.close()
        assert process.wait(15) == 0
    assert house.store.reports.totals()["waiting"] == 3
    assert all(person.reference(house) for person in people)
    house.store.close()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True
