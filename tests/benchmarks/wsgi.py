"""Our web server compared with others on the same application: slow clients, large bodies, graceful stop, speed.

Speed is measured with all servers running, in turn; everything else with one server at a time. The client runs on the
same machine, so the rates are only good for comparison.
"""

import http.client
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.benchmarks.rows import Row, parts_in, row
from tests.benchmarks.servers import OURS, PEERS, Server, started
from tests.support.senders import FORM_CONTENT_TYPE, PersonAboutToSend, people_about_to_send
from tests.support.service_parts import ServiceParts
from tests.support.web_process import allow_many_connections

ROUNDS = 3
SLOW = 200  # slow clients of each kind
PEOPLE = 8
PATIENCE = 1.0
SLOW_HEAD = b"GET /referral/ HTTP/1.1\r\nHost: x\r\nX-Slow: "
ALL = f"{PEOPLE} of {PEOPLE}"
PAGES_IN_TIME = f"pages within {PATIENCE:.0f} s"

Value = float | str
# Each measure with its unit and the product's budget.
MEASURES = {
    "a page, nobody else there": ("ms", ""),
    "pages a second, 1 client": ("1/s", ""),
    "pages a second, 8 clients": ("1/s", ""),
    f"a page, {SLOW} clients dripping headers": ("ms", ""),
    f"{PAGES_IN_TIME}, {SLOW} clients dripping headers": ("", ALL),
    f"a page, {SLOW} dripping bodies as well": ("ms", ""),
    f"{PAGES_IN_TIME}, {SLOW} dripping bodies as well": ("", ALL),
    "a body of 10 MB": ("", "413, lives"),
    "SIGTERM: a page being worked on": ("", "answered"),
    "SIGTERM: from it to the end": ("s", ""),
    "memory (PSS)": ("MB", ""),
}


def run() -> list[Row]:
    """Run the benchmark; return its rows of the table."""
    allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, parts_in(Path(name)) as parts:
        print("  speed …", flush=True)
        fast = speeds(parts, Path(name))
        seen = {}
        for server in (OURS, *PEERS):
            print(f"  {server} …", flush=True)
            seen[server] = dict(zip(MEASURES, [*fast[server], *survived(server, parts, Path(name))], strict=True))
    return [compared(what, peer, seen[OURS][what], seen[peer][what]) for what in MEASURES for peer in PEERS]


def compared(what: str, peer: str, ours: Value, theirs: Value) -> Row:
    """Return one row, with a ratio if both values are numbers."""
    unit, budget = MEASURES[what]
    if isinstance(ours, float) and isinstance(theirs, float):
        return row(f"{what}, to {peer}", unit, ours, theirs, budget)
    shown = [round(value, 2) if isinstance(value, float) else value for value in (ours, theirs)]
    return {"what": f"{what}, to {peer}", "unit": unit, "ours": shown[0], "peer": shown[1], "budget": budget}


def speeds(parts: ServiceParts, folder: Path) -> dict[str, list[Value]]:
    """Return each server's medians: response time of a page (ms), and pages a second with 1 and with 8 clients."""
    turns: dict[str, list[tuple[float, ...]]] = {name: [] for name in (OURS, *PEERS)}
    with ExitStack() as running:
        servers = {name: running.enter_context(started(name, parts, folder)) for name in turns}
        time.sleep(1)  # for the last worker process to start
        for _ in range(ROUNDS):
            for name, server in servers.items():
                page = statistics.median(_timed(server) for _ in range(10)) * 1000
                turns[name].append((page, rate(server, 1), rate(server, 8)))
    return {name: [statistics.median(column) for column in zip(*seen, strict=True)] for name, seen in turns.items()}


def survived(name: str, parts: ServiceParts, folder: Path) -> list[Value]:
    """Return how one server handles slow clients, a large body and SIGTERM, and how much memory it uses."""
    (person,) = people_about_to_send(parts, 1)
    body = person.request_head() + b"token="
    with started(name, parts, folder) as server:
        rate(server, 8)
        memory = server.memory()
        large = large_body(server, person)
        with dripping(server, SLOW_HEAD, SLOW):
            headers = beside_the_slow(server)
            with dripping(server, body, SLOW):
                both = beside_the_slow(server)
    return [*headers, *both, large, *stopped(name, parts, folder), memory]


def _timed(server: Server) -> float:
    begun = time.perf_counter()
    assert server.page() == 200
    return time.perf_counter() - begun


def rate(server: Server, clients: int, seconds: float = 0.5) -> float:
    """Return pages a second; each client reuses its connection if the server keeps it alive."""
    ends = time.perf_counter() + seconds

    def client(_: int) -> int:
        connection, number = server.connect(), 0
        while time.perf_counter() < ends:
            connection.request("GET", "/referral/", headers={"Accept": "text/html"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200
            number += 1
        connection.close()
        return number

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as executor:
        number = sum(executor.map(client, range(clients)))
    return number / (time.perf_counter() - begun)


def large_body(server: Server, person: PersonAboutToSend) -> str:
    """Return the status for a body of 10 MB ("hangs up" for none), and whether the server still runs."""
    connection = server.connect()
    headers = {"Content-Type": FORM_CONTENT_TYPE, "Cookie": f"draft={person.cookie}", "Sec-Fetch-Site": "same-origin"}
    with suppress(BrokenPipeError, ConnectionResetError):  # the server may close without reading a body that it refuses
        connection.request("POST", "/referral/check", b"token=" + b"x" * 10_000_000, headers)
    try:
        outcome = str(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        outcome = "hangs up"
    connection.close()
    return f"{outcome}, {'lives' if server.lives() else 'dead'}"


@contextmanager
def dripping(server: Server, start: bytes, number: int) -> Iterator[None]:
    """Keep `number` slow clients connected during the block: each sends `start`, then one more byte a second."""
    wires = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(number)]
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(1):
            for wire in wires:
                with suppress(OSError):
                    wire.send(b"x")

    for wire in wires:
        wire.sendall(start)
    thread = threading.Thread(target=drip)
    thread.start()
    try:
        time.sleep(number / 400)  # for the server to accept every connection
        yield
    finally:
        ended.set()
        thread.join()
        for wire in wires:
            wire.close()


def beside_the_slow(server: Server) -> tuple[Value, Value]:
    """Return the median response time (ms) and how many of PEOPLE concurrent requests are answered within PATIENCE."""

    def ask(_: int) -> float:
        begun = time.perf_counter()
        with suppress(OSError, http.client.HTTPException):
            server.page(PATIENCE)
        return time.perf_counter() - begun

    with ThreadPoolExecutor(PEOPLE) as executor:
        times = [seconds for seconds in executor.map(ask, range(PEOPLE)) if seconds < PATIENCE]
    return statistics.median(times) * 1000 if times else "none", f"{len(times)} of {PEOPLE}"


def stopped(name: str, parts: ServiceParts, folder: Path) -> tuple[Value, Value]:
    """Return whether a request in progress is answered after SIGTERM, and the seconds until the server has stopped."""
    with started(name, parts, folder) as server:
        time.sleep(1)  # for the last worker process to start
        busy = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        busy.sendall(b"GET /unhurried HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        begun = time.perf_counter()
        outcome = _outcome(busy, b"finished")
        try:
            server.process.wait(8)
            ended: Value = time.perf_counter() - begun
        except subprocess.TimeoutExpired:
            ended = "over 8"
    return outcome, ended


def _outcome(wire: socket.socket, looked_for: bytes) -> str:
    """Return "answered" if the response contains `looked_for`, else "lost"."""
    data = b""
    with suppress(OSError), wire:
        while part := wire.recv(65536):
            data += part
    return "answered" if looked_for in data else "lost"
