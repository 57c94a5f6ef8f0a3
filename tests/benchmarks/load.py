"""A web process and concurrent clients that submit referrals to it, for the benchmarks."""

import http.client
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.people_about_to_send import PersonAboutToSend
from tests.support.service_parts import ServiceParts, environment_of, read_until, running_flask


@dataclass
class LoadResult:
    """The duration of each submission in seconds, and the number of submissions a second from all clients together."""

    seconds: list[float] = field(default_factory=list)
    submissions_per_second: float = 0.0

    def quantile(self, share: float) -> float:
        """Return the seconds within which `share` (0 to 1) of the submissions were confirmed."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def median(self) -> float:
        """Return the median time of a submission in seconds."""
        return statistics.median(self.seconds)


@contextmanager
def run_web_process(parts: ServiceParts, folder: Path, *, discarding: bool = False) -> Iterator[tuple[int, int]]:
    """Run a web process of the form; yield its port and process ID.

    If `discarding` is true, the process stores nothing.
    """
    if not discarding:
        with running_flask(parts.settings, "serve", "--port", "0", cwd=folder) as process:
            yield _read_port(process), process.pid
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.discarding"],
        cwd=folder,
        env=environment_of(parts.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield _read_port(process), process.pid
    finally:
        process.terminate()
        process.wait(20)
        assert process.stdout
        process.stdout.close()


def _read_port(process: subprocess.Popen[str]) -> int:
    port = int(read_until(process, r'"port": (\d+)')[1])
    assert process.stdout
    threading.Thread(target=_discard_output, args=(process,), daemon=True).start()
    return port


def _discard_output(process: subprocess.Popen[str]) -> None:
    try:
        for _ in process.stdout or ():
            pass
    except ValueError:
        return  # the pipe was closed while it was read


def send_all_forms(people: list[PersonAboutToSend], ports: list[int], client_count: int) -> LoadResult:
    """Submit each person's form through `client_count` concurrent clients; return the times and the rate.

    Fails unless every submission is confirmed.
    """
    result = LoadResult()
    lock = threading.Lock()
    waiting_people = list(people)
    refused_people: list[PersonAboutToSend] = []

    def send_forms(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        times = []
        while True:
            with lock:
                if not waiting_people:
                    break
                person = waiting_people.pop()
            start = time.perf_counter()
            if not person.send(connection):
                refused_people.append(person)
            times.append(time.perf_counter() - start)
        connection.close()
        with lock:
            result.seconds += times

    threads = [
        threading.Thread(target=send_forms, args=(ports[number % len(ports)],)) for number in range(client_count)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.submissions_per_second = len(people) / (time.perf_counter() - start)
    assert not refused_people, f"{len(refused_people)} were not confirmed"
    return result


def requests_per_second_to_empty_view(port: int, count: int) -> float:
    """Send `count` requests to the view /empty, one after another; return how many it answers a second."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    for _ in range(count):
        connection.request("GET", "/empty")
        connection.getresponse().read()
    connection.close()
    return count / (time.perf_counter() - start)
