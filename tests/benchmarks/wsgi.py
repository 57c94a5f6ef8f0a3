"""A benchmark of our web server and others: speed, slow clients, large bodies, stopping and memory.

All servers run the same application.
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

from tests.benchmarks.rows import Row, open_parts, row
from tests.benchmarks.servers import OUR_SERVER, PEER_SERVERS, Server, running_server
from tests.support.people_about_to_send import FORM_CONTENT_TYPE, PersonAboutToSend, people_about_to_send
from tests.support.service_parts import ServiceParts
from tests.support.web_process import allow_many_connections

ROUNDS = 3
SLOW_CLIENT_COUNT = 200  # slow clients of each kind
CONCURRENT_REQUESTS = 8
PATIENCE_SECONDS = 1.0
UNFINISHED_HEADERS = b"GET /referral/ HTTP/1.1\r\nHost: x\r\nX-Slow: "
ALL_PAGES_IN_TIME_TEXT = f"{CONCURRENT_REQUESTS} of {CONCURRENT_REQUESTS}"
PAGES_IN_TIME_LABEL = f"pages within {PATIENCE_SECONDS:.0f} s"

Measurement = float | str
# Each measure with its unit and the product's budget.
MEASURES = {
    "a page, nobody else there": ("ms", ""),
    "pages a second, 1 client": ("1/s", ""),
    "pages a second, 8 clients": ("1/s", ""),
    f"a page, {SLOW_CLIENT_COUNT} clients dripping headers": ("ms", ""),
    f"{PAGES_IN_TIME_LABEL}, {SLOW_CLIENT_COUNT} clients dripping headers": ("", ALL_PAGES_IN_TIME_TEXT),
    f"a page, {SLOW_CLIENT_COUNT} dripping bodies as well": ("ms", ""),
    f"{PAGES_IN_TIME_LABEL}, {SLOW_CLIENT_COUNT} dripping bodies as well": ("", ALL_PAGES_IN_TIME_TEXT),
    "a body of 10 MB": ("", "413, lives"),
    "SIGTERM: a page being worked on": ("", "answered"),
    "SIGTERM: from it to the end": ("s", ""),
    "memory (PSS)": ("MB", ""),
}


def run() -> list[Row]:
    """Compare our web server with each peer; return the rows of the results table."""
    allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, open_parts(Path(name)) as parts:
        print("  speed …", flush=True)
        speeds_by_server = measure_speeds(parts, Path(name))
        values_by_server = {}
        for server in (OUR_SERVER, *PEER_SERVERS):
            print(f"  {server} …", flush=True)
            values_by_server[server] = dict(
                zip(MEASURES, [*speeds_by_server[server], *measure_robustness(server, parts, Path(name))], strict=True)
            )
    return [
        comparison_row(measure, peer, values_by_server[OUR_SERVER][measure], values_by_server[peer][measure])
        for measure in MEASURES
        for peer in PEER_SERVERS
    ]


def comparison_row(measure: str, peer: str, our_value: Measurement, peer_value: Measurement) -> Row:
    """Return the row of the results table for one measure and one peer, with a ratio if both values are numbers."""
    unit, budget = MEASURES[measure]
    if isinstance(our_value, float) and isinstance(peer_value, float):
        return row(f"{measure}, to {peer}", unit, our_value, peer_value, budget)
    values = [round(value, 2) if isinstance(value, float) else value for value in (our_value, peer_value)]
    return {"what": f"{measure}, to {peer}", "unit": unit, "ours": values[0], "peer": values[1], "budget": budget}


def measure_speeds(parts: ServiceParts, folder: Path) -> dict[str, list[Measurement]]:
    """Return three medians for each server, by its name.

    They are the response time of a page (ms), the pages a second with one client, and the pages a second with eight
    clients.
    """
    rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in (OUR_SERVER, *PEER_SERVERS)}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(running_server(name, parts, folder)) for name in rounds}
        time.sleep(1)  # for the last worker process to start
        # In turn, so that other work on this machine affects every server alike.
        for _ in range(ROUNDS):
            for name, server in servers.items():
                page_ms = statistics.median(_page_seconds(server) for _ in range(10)) * 1000
                rounds[name].append((page_ms, pages_per_second(server, 1), pages_per_second(server, 8)))
    return {
        name: [statistics.median(column) for column in zip(*values, strict=True)] for name, values in rounds.items()
    }


def measure_robustness(name: str, parts: ServiceParts, folder: Path) -> list[Measurement]:
    """Measure how one server handles slow clients, a large body and SIGTERM, and how much memory it uses.

    Return the values in the order of MEASURES, without the first three, which `measure_speeds` returns.
    """
    (person,) = people_about_to_send(parts, 1)
    body = person.request_line_and_headers() + b"token="
    with running_server(name, parts, folder) as server:
        pages_per_second(server, 8)
        memory_mb = server.memory_mb()
        large_body_outcome = send_large_body(server, person)
        with slow_clients(server, UNFINISHED_HEADERS, SLOW_CLIENT_COUNT):
            values_with_slow_headers = measure_among_slow_clients(server)
            with slow_clients(server, body, SLOW_CLIENT_COUNT):
                values_with_slow_headers_and_bodies = measure_among_slow_clients(server)
    return [
        *values_with_slow_headers,
        *values_with_slow_headers_and_bodies,
        large_body_outcome,
        *measure_stopping(name, parts, folder),
        memory_mb,
    ]


def _page_seconds(server: Server) -> float:
    start = time.perf_counter()
    assert server.request_page() == 200
    return time.perf_counter() - start


def pages_per_second(server: Server, client_count: int, seconds: float = 0.5) -> float:
    """Return how many pages a second the server sends to `client_count` concurrent clients.

    Each client reuses its connection if the server keeps it alive.
    """
    deadline = time.perf_counter() + seconds

    def request_pages(_: int) -> int:
        connection, page_count = server.connect(), 0
        while time.perf_counter() < deadline:
            connection.request("GET", "/referral/", headers={"Accept": "text/html"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200
            page_count += 1
        connection.close()
        return page_count

    start = time.perf_counter()
    with ThreadPoolExecutor(client_count) as executor:
        page_count = sum(executor.map(request_pages, range(client_count)))
    return page_count / (time.perf_counter() - start)


def send_large_body(server: Server, person: PersonAboutToSend) -> str:
    """Send a body of 10 MB; return two outcomes joined by a comma, such as "413, lives" or "hangs up, dead".

    The first is the status of the response, or "hangs up" if there is none. The second says whether the server still
    serves the start page.
    """
    connection = server.connect()
    headers = {"Content-Type": FORM_CONTENT_TYPE, "Cookie": f"draft={person.cookie}", "Sec-Fetch-Site": "same-origin"}
    with suppress(BrokenPipeError, ConnectionResetError):  # the server may close without reading a body that it refuses
        connection.request("POST", "/referral/check", b"token=" + b"x" * 10_000_000, headers)
    try:
        outcome = str(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        outcome = "hangs up"
    connection.close()
    return f"{outcome}, {'lives' if server.is_alive() else 'dead'}"


@contextmanager
def slow_clients(server: Server, first_bytes: bytes, count: int) -> Iterator[None]:
    """Keep `count` slow clients connected during the block: each sends `first_bytes`, then one byte a second."""
    connections = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(count)]
    stop_requested = threading.Event()

    def send_one_byte_a_second() -> None:
        while not stop_requested.wait(1):
            for connection in connections:
                with suppress(OSError):  # the server may hang up on a slow client
                    connection.send(b"x")

    for connection in connections:
        connection.sendall(first_bytes)
    thread = threading.Thread(target=send_one_byte_a_second)
    thread.start()
    try:
        time.sleep(count / 400)  # for the server to accept every connection
        yield
    finally:
        stop_requested.set()
        thread.join()
        for connection in connections:
            connection.close()


def measure_among_slow_clients(server: Server) -> tuple[Measurement, Measurement]:
    """Request pages while slow clients are connected; return the median response time and a count such as "7 of 8".

    The count says how many responses came within PATIENCE_SECONDS. The median, in milliseconds, is of these responses
    only; if there are none, it is "none".
    """

    def response_seconds(_: int) -> float:
        start = time.perf_counter()
        with suppress(OSError, http.client.HTTPException):
            server.request_page(PATIENCE_SECONDS)
        return time.perf_counter() - start

    with ThreadPoolExecutor(CONCURRENT_REQUESTS) as executor:
        times = [
            seconds
            for seconds in executor.map(response_seconds, range(CONCURRENT_REQUESTS))
            if seconds < PATIENCE_SECONDS
        ]
    return statistics.median(times) * 1000 if times else "none", f"{len(times)} of {CONCURRENT_REQUESTS}"


def measure_stopping(name: str, parts: ServiceParts, folder: Path) -> tuple[Measurement, Measurement]:
    """Send SIGTERM during a request; return the request's outcome and the seconds until the server stops.

    The outcome is "answered" or "lost". The seconds are "over 8" if the server has not stopped after 8 seconds.
    """
    with running_server(name, parts, folder) as server:
        time.sleep(1)  # for the last worker process to start
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        connection.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        start = time.perf_counter()
        outcome = _read_outcome(connection, b"finished")
        try:
            server.process.wait(8)
            seconds_to_stop: Measurement = time.perf_counter() - start
        except subprocess.TimeoutExpired:
            seconds_to_stop = "over 8"
    return outcome, seconds_to_stop


def _read_outcome(connection: socket.socket, expected_bytes: bytes) -> str:
    """Read the response; return "answered" if it contains `expected_bytes`, else "lost"."""
    response = b""
    with suppress(OSError), connection:  # a reset connection has lost the response
        while chunk := connection.recv(65536):
            response += chunk
    return "answered" if expected_bytes in response else "lost"
