"""How fast referrals are accepted and delivered, each figure beside its physical limit and a peer from the same run."""

import smtplib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from form_service.mail.smtp_client import MailRoute
from form_service.referral.reference import new_reference
from form_service.worker import Worker
from tests.benchmarks.intake import many_rows, submissions, tail
from tests.benchmarks.load import fresh, send_all, template, web
from tests.benchmarks.rows import ROUNDS, SCALE, Row, middle_ratio, parts_in, row
from tests.support.mail_server import Behaviour, MailServer
from tests.support.mailbox import Mailbox
from tests.support.postgres import Postgres
from tests.support.service_parts import ROOT, ServiceParts, running_flask


def run() -> list[Row]:
    """Run the benchmark; return its rows of the table."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for part in (submissions, tail, many_rows, waiting_person, delivery_rate, scale_out, footprint):
            place = folder / part.__name__
            place.mkdir()
            print(f"  {part.__name__} …", flush=True)
            rows += part(place)
    return rows


def waiting_person(folder: Path) -> list[Row]:
    """Compare the response time of Send with that of a form that mails within the request, mail server 300 ms away."""
    far = MailServer(Behaviour(reply_delay=0.3))
    with parts_in(folder, FORM_SMTP_URL=far.url) as parts:
        filled = template(parts)
        data = parts.compose_email(new_reference()).as_bytes()
        people = fresh(parts, 60, filled)
        with web(parts, folder) as (port, _), running_flask(parts.settings, "deliver", cwd=folder) as worker:
            ours = send_all(people, [port], 1).middle * 1000
            worker.kill()
            inside = []
            for _ in range(3):
                begun = time.perf_counter()
                route = MailRoute(parts.settings.smtp, "", parts.settings.mail_from)
                assert route.send("one@team.example", data).accepted
                route.close()
                inside.append((time.perf_counter() - begun) * 1000)
    far.close()
    peer = ours + statistics.median(inside)
    return [row("what a person waits, mail server 300 ms away, to sending inside", "ms", ours, peer, "0.02 at most")]


def delivery_rate(folder: Path) -> list[Row]:
    """Compare the worker's delivery rate over one connection with a bare smtplib loop that sends the same mails."""
    box = Mailbox(folder)
    number = int(300 * SCALE)
    pairs = []
    try:
        with parts_in(folder, FORM_SMTP_URL=box.url) as parts:
            for _ in range(ROUNDS):
                plain = [parts.compose_email(new_reference()) for _ in range(number)]
                for _ in range(number):
                    parts.accept()
                begun = time.perf_counter()
                Worker(parts.settings, parts.sealer, parts.store, senders=1).run(once=True)
                ours = number / (time.perf_counter() - begun)
                begun = time.perf_counter()
                with smtplib.SMTP("127.0.0.1", parts.settings.smtp.port) as connection:
                    for letter in plain:
                        connection.sendmail("form@service.example", ["one@team.example"], letter.as_bytes())
                pairs.append((ours, number / (time.perf_counter() - begun)))
    finally:
        box.close()
    a, b, ratio = middle_ratio(pairs)
    return [row("delivery over one connection, to bare smtplib", "1/s", a, b, "0.3 or more", ratio=ratio)]


def scale_out(folder: Path) -> list[Row]:
    """Compare three web processes on PostgreSQL with one, and one process on SQLite with one on PostgreSQL."""
    server = Postgres()
    number = int(200 * SCALE)
    try:
        one_to_three, kinds = [], []
        with (
            parts_in(folder / "pg", FORM_DATABASE_URL=server.new_database()) as shared,
            parts_in(folder / "lite") as lite,
        ):
            filled = template(shared)
            with (
                web(shared, folder / "pg") as (first, _),
                web(shared, folder / "pg") as (second, _),
                web(shared, folder / "pg") as (third, _),
                web(lite, folder / "lite") as (alone, _),
            ):
                for _ in range(ROUNDS):
                    three = send_all(fresh(shared, number, filled), [first, second, third], 24).rate
                    one = send_all(fresh(shared, number, filled), [first], 8).rate
                    sqlite = send_all(fresh(lite, number, filled), [alone], 8).rate
                    one_to_three.append((three, one))
                    kinds.append((sqlite, one))
    finally:
        server.remove()
    a, b, ratio = middle_ratio(one_to_three)
    c, d, other = middle_ratio(kinds)
    return [
        row("PostgreSQL, 3 web processes to 1, 8 clients each", "1/s", a, b, "1.2 or more on two cores", ratio=ratio),
        row("SQLite to PostgreSQL, 1 web process", "1/s", c, d, "report", ratio=other),
    ]


def footprint(folder: Path) -> list[Row]:
    """Measure the total memory of web process and worker, and the time from start to the first page."""
    seconds = []
    with parts_in(folder) as parts:
        for _ in range(3):
            begun = time.perf_counter()
            with web(parts, folder) as (port, web_pid), running_flask(parts.settings, "deliver", cwd=folder) as worker:
                first_page(port)
                seconds.append(time.perf_counter() - begun)
                _heartbeat(parts)
                memory = sum(psutil.Process(pid).memory_full_info().pss for pid in (web_pid, worker.pid)) / 1e6
    imports = _importing_only()
    return [
        row("memory of web and worker (PSS), to importing the packages alone", "MB", memory, imports, "100 MB"),
        row("start to first page", "s", statistics.median(seconds), 0, "0.6 s on an idle machine"),
    ]


def first_page(port: int) -> None:
    """Request the start page of the form."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/referral/", timeout=20) as answer:
        assert answer.status == 200


def _heartbeat(parts: ServiceParts) -> None:
    ends = time.monotonic() + 20
    while parts.store.reports.state().heartbeat_age is None and time.monotonic() < ends:
        time.sleep(0.05)


def _importing_only() -> float:
    """Return the memory in megabytes of two processes that only import the third-party packages."""
    code = "import flask, wtforms, sqlalchemy, cryptography.x509, waitress; print(1, flush=True); input()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout and process.stdout.readline()
        return sum(float(psutil.Process(process.pid).memory_full_info().pss) for process in processes) / 1e6
    finally:
        for process in processes:
            process.communicate(b"\n", timeout=20)


if __name__ == "__main__":
    for item in run():
        print(item)
