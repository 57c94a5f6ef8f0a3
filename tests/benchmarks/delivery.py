"""Benchmarks of how fast the form accepts and delivers referrals, compared with physical limits and with peers."""

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
from tests.benchmarks.intake import measure_large_store, measure_submissions, measure_tail_latency
from tests.benchmarks.load import run_web_process, send_all_forms
from tests.benchmarks.rows import COUNT_SCALE, ROUNDS, Row, medians, open_parts, row
from tests.support.mail_server import Behaviour, MailServer
from tests.support.mailbox import Mailbox
from tests.support.people_about_to_send import completed_draft, people_about_to_send
from tests.support.postgres import Postgres
from tests.support.service_parts import ROOT, ServiceParts, running_flask


def run() -> list[Row]:
    """Run the benchmarks of this module in turn; return the rows of the results table."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for benchmark in (
            measure_submissions,
            measure_tail_latency,
            measure_large_store,
            measure_sending_time,
            measure_delivery_rate,
            measure_processes_and_databases,
            measure_memory_and_start,
        ):
            benchmark_folder = folder / benchmark.__name__
            benchmark_folder.mkdir()
            print(f"  {benchmark.__name__} …", flush=True)
            rows += benchmark(benchmark_folder)
    return rows


def measure_sending_time(folder: Path) -> list[Row]:
    """Compare a person's wait after pressing Send with the wait in a form that sends the email before it responds.

    The mail server takes 300 ms to answer each command. Returns the rows of the results table.
    """
    distant_server = MailServer(Behaviour(reply_delay=0.3))
    with open_parts(folder, FORM_SMTP_URL=distant_server.url) as parts:
        draft = completed_draft(parts)
        email_bytes = parts.compose_email(new_reference()).as_bytes()
        people = people_about_to_send(parts, 60, draft)
        with (
            run_web_process(parts, folder) as (port, _),
            running_flask(parts.settings, "deliver", cwd=folder) as worker,
        ):
            our_ms = send_all_forms(people, [port], 1).median * 1000
            worker.kill()
            smtp_times = []
            for _ in range(3):
                start = time.perf_counter()
                route = MailRoute(parts.settings.mail_server, "", parts.settings.mail_from)
                assert route.send("one@team.example", email_bytes).accepted
                route.close()
                smtp_times.append((time.perf_counter() - start) * 1000)
    distant_server.close()
    peer_ms = our_ms + statistics.median(smtp_times)
    return [
        row("what a person waits, mail server 300 ms away, to sending inside", "ms", our_ms, peer_ms, "0.02 at most")
    ]


def measure_delivery_rate(folder: Path) -> list[Row]:
    """Compare the delivery worker's rate over one SMTP connection with that of a loop that only calls smtplib.

    Returns the rows of the results table.
    """
    mailbox = Mailbox(folder)
    count = int(300 * COUNT_SCALE)
    pairs = []
    try:
        with open_parts(folder, FORM_SMTP_URL=mailbox.url) as parts:
            for _ in range(ROUNDS):
                emails = [parts.compose_email(new_reference()) for _ in range(count)]
                for _ in range(count):
                    parts.accept()
                start = time.perf_counter()
                Worker(parts.settings, parts.sealer, parts.store, sender_count=1).run(once=True)
                our_rate = count / (time.perf_counter() - start)
                start = time.perf_counter()
                with smtplib.SMTP("127.0.0.1", parts.settings.mail_server.port) as connection:
                    for email in emails:
                        connection.sendmail("form@service.example", ["one@team.example"], email.as_bytes())
                pairs.append((our_rate, count / (time.perf_counter() - start)))
    finally:
        mailbox.close()
    our_rate, peer_rate, ratio = medians(pairs)
    return [
        row("delivery over one connection, to bare smtplib", "1/s", our_rate, peer_rate, "0.3 or more", ratio=ratio)
    ]


def measure_processes_and_databases(folder: Path) -> list[Row]:
    """Compare the submission rate of three web processes with that of one, and of SQLite with that of PostgreSQL.

    Returns the rows of the results table.
    """
    server = Postgres()
    count = int(200 * COUNT_SCALE)
    try:
        process_pairs, database_pairs = [], []
        with (
            open_parts(folder / "pg", FORM_DATABASE_URL=server.new_database()) as postgres_parts,
            open_parts(folder / "sqlite") as sqlite_parts,
        ):
            draft = completed_draft(postgres_parts)
            with (
                run_web_process(postgres_parts, folder / "pg") as (port_1, _),
                run_web_process(postgres_parts, folder / "pg") as (port_2, _),
                run_web_process(postgres_parts, folder / "pg") as (port_3, _),
                run_web_process(sqlite_parts, folder / "sqlite") as (sqlite_port, _),
            ):
                for _ in range(ROUNDS):
                    three_process_rate = send_all_forms(
                        people_about_to_send(postgres_parts, count, draft), [port_1, port_2, port_3], 24
                    ).submissions_per_second
                    single_process_rate = send_all_forms(
                        people_about_to_send(postgres_parts, count, draft), [port_1], 8
                    ).submissions_per_second
                    sqlite_rate = send_all_forms(
                        people_about_to_send(sqlite_parts, count, draft), [sqlite_port], 8
                    ).submissions_per_second
                    process_pairs.append((three_process_rate, single_process_rate))
                    database_pairs.append((sqlite_rate, single_process_rate))
    finally:
        server.remove()
    three_process_median, single_process_median, process_ratio = medians(process_pairs)
    sqlite_median, postgres_median, database_ratio = medians(database_pairs)
    return [
        row(
            "PostgreSQL, 3 web processes to 1, 8 clients each",
            "1/s",
            three_process_median,
            single_process_median,
            "1.2 or more on two cores",
            ratio=process_ratio,
        ),
        row(
            "SQLite to PostgreSQL, 1 web process", "1/s", sqlite_median, postgres_median, "report", ratio=database_ratio
        ),
    ]


def measure_memory_and_start(folder: Path) -> list[Row]:
    """Measure the memory of the web process and the worker, and the time from their start to the first page.

    Returns the rows of the results table.
    """
    start_seconds = []
    with open_parts(folder) as parts:
        for _ in range(3):
            start = time.perf_counter()
            with (
                run_web_process(parts, folder) as (port, web_pid),
                running_flask(parts.settings, "deliver", cwd=folder) as worker,
            ):
                request_start_page(port)
                start_seconds.append(time.perf_counter() - start)
                _wait_for_heartbeat(parts)
                memory_mb = sum(psutil.Process(pid).memory_full_info().pss for pid in (web_pid, worker.pid)) / 1e6
    import_memory_mb = _import_memory_mb()
    return [
        row(
            "memory of web and worker (PSS), to importing the packages alone",
            "MB",
            memory_mb,
            import_memory_mb,
            "100 MB",
        ),
        row("start to first page", "s", statistics.median(start_seconds), 0, "0.6 s on an idle machine"),
    ]


def request_start_page(port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/referral/", timeout=20) as response:
        assert response.status == 200


def _wait_for_heartbeat(parts: ServiceParts) -> None:
    deadline = time.monotonic() + 20
    while parts.store.reports.outbox_state().heartbeat_age is None and time.monotonic() < deadline:
        time.sleep(0.05)


def _import_memory_mb() -> float:
    """Return the total memory (PSS, in megabytes) of two processes that only import the third-party packages.

    The web process and the worker are compared with these two processes.
    """
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
    for result_row in run():
        print(result_row)
