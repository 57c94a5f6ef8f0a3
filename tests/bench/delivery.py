"""How fast referrals are taken in and delivered, each figure beside its physical limit and its peer in one run.

The machine is noisy: ours and the peer take turns, and the ratio is the median of the rounds' ratios.
"""

import os
import smtplib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from form_service import reference
from form_service.deliver import Worker
from form_service.readiness import ReadinessCheck
from form_service.smtp import MailRoute
from form_service.store import Outcome, intake
from tests.bench.load import Crowd, empty_rate, fresh, send_all, template, web
from tests.delivery.mail_server import Behaviour, MailServer
from tests.delivery.parts import ROOT, House, house_of, running, settings_of
from tests.delivery.postgres import Postgres
from tests.delivery.test_kill import Mailbox

Row = dict[str, Any]
ROUNDS = 5
NOWHERE = "smtp://127.0.0.1:1"
# The whole table takes a few minutes; BENCH_SCALE=5 sends as many as the target's "worst of 10,000".
SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def run() -> list[Row]:
    """The rows of the benchmark."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for part in (store_alone, submissions, tail, many_rows, waiting_person, delivery_rate, scale_out, footprint):
            place = folder / part.__name__
            place.mkdir()
            rows += part(place)
    return rows


def row(what: str, unit: str, ours: float, peer: float, budget: str, **more: Any) -> Row:
    """One row; the ratio is ours to the peer's."""
    ratio = more.pop("ratio", ours / peer if peer else 0.0)
    return {
        "what": what,
        "unit": unit,
        "ours": round(ours, 2),
        "peer": round(peer, 2),
        "ratio": round(ratio, 3),
        "budget": budget,
        **more,
    }


def middle_ratio(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """The medians of both, and of the ratios of each round."""
    ours, peers = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(peers), statistics.median(a / b for a, b in pairs)


@contextmanager
def house_in(folder: Path, **environment: str) -> Iterator[House]:
    """A service whose state is in `folder`, and whose mail server does not exist unless it is named."""
    house = house_of(settings_of(folder, **({"FORM_SMTP_URL": NOWHERE} | environment)))
    house.store.migrate()
    try:
        yield house
    finally:
        house.store.close()


def store_alone(folder: Path) -> list[Row]:
    """The store with 8 callers, to a bare SQLite loop of one row a commit."""
    number = int(1600 * SCALE)
    pairs = []
    with house_in(folder) as house:
        for turn in range(ROUNDS):
            news = [[house.referral() for _ in range(number // 8)] for _ in range(8)]

            def take_in(mine: list[Any], store: Any = house.store) -> None:
                for new in mine:
                    store.accept(new)

            crowd = [threading.Thread(target=take_in, args=(mine,)) for mine in news]
            begun = time.perf_counter()
            for one in crowd:
                one.start()
            for one in crowd:
                one.join()
            ours = number / (time.perf_counter() - begun)
            pairs.append((ours, bare_sqlite(folder / f"bare{turn}.db", number)))
    ours, peer, ratio = middle_ratio(pairs)
    synced = syncs_a_second(folder / "raw")
    return [
        row(
            "store alone, 8 callers, to bare SQLite", "1/s", ours, peer, "1.0 or more", ratio=ratio, limit=round(synced)
        )
    ]


def bare_sqlite(path: Path, number: int) -> float:
    """Rows a second, one row of a referral's size a durable commit."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t (id TEXT PRIMARY KEY, sealed BLOB)")
    begun = time.perf_counter()
    for place in range(number):
        connection.execute("INSERT INTO t VALUES (?, ?)", (f"{place:032d}", os.urandom(1000)))
    rate = number / (time.perf_counter() - begun)
    connection.close()
    return rate


def syncs_a_second(path: Path) -> float:
    """What the disk itself does: 4 KB and a sync."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    begun = time.perf_counter()
    for place in range(300):
        os.pwrite(descriptor, b"x" * 4096, place * 4096)
        os.fdatasync(descriptor)
    os.close(descriptor)
    return 300 / (time.perf_counter() - begun)


def submissions(folder: Path) -> list[Row]:
    """Durable submissions, to the same view that parses and validates and then discards."""
    rows = []
    with house_in(folder) as house:
        filled = template(house)
        with web(house, folder) as (ours, _), web(house, folder, discarding=True) as (peer, _):
            for clients in (1, 4, 16):
                number = int(120 * SCALE)
                pairs = []
                for _ in range(ROUNDS):
                    durable = send_all(fresh(house, number, filled), [ours], clients)
                    thrown = send_all(fresh(house, number, filled), [peer], clients)
                    pairs.append((durable.rate, thrown.rate))
                a, b, ratio = middle_ratio(pairs)
                what = f"durable submissions, {clients} clients, to parse and discard"
                rows.append(row(what, "1/s", a, b, "0.7 or more", ratio=ratio))
            rows.append(row("for the record: an empty Flask view, 1 client", "1/s", empty_rate(peer, 300), 0, "none"))
    return rows


def tail(folder: Path) -> list[Row]:
    """Submissions while the mail server hangs, to while it is fast."""
    hanging = MailServer(Behaviour(faults={"greeting": "hang"}))
    (folder / "fast").mkdir()
    (folder / "hanging").mkdir()
    fast_box = Mailbox(folder / "fast")
    number = int(400 * SCALE)
    seen: dict[str, Crowd] = {"fast": Crowd(), "hanging": Crowd()}
    pairs = []
    try:
        for _ in range(ROUNDS):
            quantiles = {}
            for name, url in (("hanging", hanging.url), ("fast", fast_box.url)):
                with house_in(folder / name, FORM_SMTP_URL=url) as house:
                    filled = template(house)
                    people = fresh(house, number, filled)
                    with web(house, folder / name) as (port, _), running(house.settings, "deliver", cwd=folder / name):
                        crowd = send_all(people, [port], 4)
                    quantiles[name] = crowd.quantile(0.99)
                    seen[name].seconds += crowd.seconds
            pairs.append((quantiles["hanging"] * 1000, quantiles["fast"] * 1000))
    finally:
        hanging.close()
        fast_box.close()
    a, b, ratio = middle_ratio(pairs)
    worst = max(seen["hanging"].seconds) * 1000
    return [
        row("p99 of a submission, SMTP hanging, to SMTP fast", "ms", a, b, "1.25 at most", ratio=ratio),
        row(f"worst of {len(seen['hanging'].seconds)}, SMTP hanging", "ms", worst, 0, "1000 ms on an idle machine"),
    ]


def fill(house: House, number: int) -> None:
    """So many delivered referrals in the store."""
    one = house.referral()
    (mail,) = one.mails

    def work(connection: Any) -> None:
        for place in range(number):
            letter = replace(mail, message_id=f"<{place}@bench>", sealed=mail.sealed[:400])
            new = replace(one, submission_id=f"{place:032d}", reference=reference.new(), mails=(letter,))
            try:
                intake.accept(connection, new, None, time.time())
            except intake.ReferenceTaken:
                continue
        connection.exec_driver_sql("UPDATE delivery SET state = 'delivered', settled_at = 1")
        connection.exec_driver_sql("UPDATE mail SET settled_at = 1")

    house.store.database.write(work)


def many_rows(folder: Path) -> list[Row]:
    """100,000 rows in the store, to an empty one."""
    number = int(100_000 * min(SCALE, 1))
    rows = []
    with house_in(folder / "full") as full, house_in(folder / "empty") as empty:
        fill(full, number)
        measures: dict[str, Callable[[House], object]] = {
            "accept": lambda house: house.store.accept(house.referral()),
            "claim and finish": _claim_and_finish,
            "readiness": lambda house: ReadinessCheck(house.seal, house.store).look(),
        }
        for name, work in measures.items():
            pairs = [(_milliseconds(work, full), _milliseconds(work, empty)) for _ in range(ROUNDS)]
            a, b, ratio = middle_ratio(pairs)
            rows.append(row(f"{name}, {number} rows, to an empty store", "ms", a, b, "1.2 at most", ratio=ratio))
    return rows


def _claim_and_finish(house: House) -> None:
    claim = house.store.claim()
    assert claim is not None
    house.store.finish(claim, Outcome(True))


def _milliseconds(work: Callable[[House], object], house: House, number: int = 100) -> float:
    times = []
    for _ in range(number):
        begun = time.perf_counter()
        work(house)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def waiting_person(folder: Path) -> list[Row]:
    """What a person waits while the mail server is 300 ms away, to a form that sends inside the request."""
    far = MailServer(Behaviour(away=0.3))
    with house_in(folder, FORM_SMTP_URL=far.url) as house:
        filled = template(house)
        data = house.letter(reference.new()).as_bytes()
        people = fresh(house, 60, filled)
        with web(house, folder) as (port, _), running(house.settings, "deliver", cwd=folder):
            ours = send_all(people, [port], 1).middle * 1000
            inside = []
            for _ in range(3):
                begun = time.perf_counter()
                route = MailRoute(house.settings.smtp, "", house.settings.mail_from)
                assert route.send("one@team.example", data).taken
                route.close()
                inside.append((time.perf_counter() - begun) * 1000)
    far.close()
    peer = ours + statistics.median(inside)
    return [row("what a person waits, mail server 300 ms away, to sending inside", "ms", ours, peer, "0.02 at most")]


def delivery_rate(folder: Path) -> list[Row]:
    """The worker over one connection, to a bare smtplib loop of the same mails."""
    box = Mailbox(folder)
    number = int(300 * SCALE)
    pairs = []
    try:
        with house_in(folder, FORM_SMTP_URL=box.url) as house:
            for _ in range(ROUNDS):
                plain = [house.letter(reference.new()) for _ in range(number)]
                for _ in range(number):
                    house.accept()
                begun = time.perf_counter()
                Worker(house.settings, house.seal, house.store).run(once=True)
                ours = number / (time.perf_counter() - begun)
                begun = time.perf_counter()
                with smtplib.SMTP("127.0.0.1", house.settings.smtp.port) as connection:
                    for letter in plain:
                        connection.sendmail("form@service.example", ["one@team.example"], letter.as_bytes())
                pairs.append((ours, number / (time.perf_counter() - begun)))
    finally:
        box.close()
    a, b, ratio = middle_ratio(pairs)
    return [row("delivery over one connection, to bare smtplib", "1/s", a, b, "0.7 or more", ratio=ratio)]


def scale_out(folder: Path) -> list[Row]:
    """PostgreSQL with three web processes to one, and SQLite to PostgreSQL with one."""
    server = Postgres()
    number = int(200 * SCALE)
    try:
        one_to_three, kinds = [], []
        with (
            house_in(folder / "pg", FORM_DATABASE_URL=server.new_database()) as shared,
            house_in(folder / "lite") as lite,
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
    """Memory of web and worker together, and the time from start to the first page."""
    seconds = []
    with house_in(folder) as house:
        for _ in range(3):
            begun = time.perf_counter()
            with web(house, folder) as (port, web_pid), running(house.settings, "deliver", cwd=folder) as worker:
                first_page(port)
                seconds.append(time.perf_counter() - begun)
                _heartbeat(house)
                memory = sum(psutil.Process(pid).memory_full_info().pss for pid in (web_pid, worker.pid)) / 1e6
    imports = _importing_only()
    return [
        row("memory of web and worker (PSS), to importing the packages alone", "MB", memory, imports, "140 MB"),
        row("start to first page", "s", statistics.median(seconds), 0, "1.5 s on an idle machine"),
    ]


def first_page(port: int) -> None:
    """Read the page before the form."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/referral/", timeout=20) as answer:
        assert answer.status == 200


def _heartbeat(house: House) -> None:
    ends = time.monotonic() + 20
    while house.store.state().heartbeat_age is None and time.monotonic() < ends:
        time.sleep(0.05)


def _importing_only() -> float:
    """Megabytes of two processes that import the packages and do nothing."""
    code = "import flask, flask_wtf, sqlalchemy, cryptography.x509, waitress; print(1, flush=True); input()"
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
    for one in run():
        print(one)
