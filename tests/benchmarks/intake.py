"""How fast referrals are accepted: over HTTP, while the mail server hangs, and with a large database."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from form_service.operations.readiness import ReadinessCheck
from form_service.referral.reference import new_reference
from form_service.store import referrals
from form_service.store.outbox import DeliveryResult
from tests.benchmarks.load import LoadResult, empty_rate, fresh, send_all, template, web
from tests.benchmarks.rows import ROUNDS, SCALE, Row, middle_ratio, parts_in, row
from tests.support.mail_server import Behaviour, MailServer
from tests.support.mailbox import Mailbox
from tests.support.service_parts import ServiceParts, running_flask


def syncs_a_second(path: Path) -> float:
    """Return how many times a second the disk can write and sync 4 KB."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    begun = time.perf_counter()
    for place in range(300):
        os.pwrite(descriptor, b"x" * 4096, place * 4096)
        os.fdatasync(descriptor)
    os.close(descriptor)
    return 300 / (time.perf_counter() - begun)


def submissions(folder: Path) -> list[Row]:
    """Compare the rate of durable submissions with that of the same view without storage (see `discarding`).

    The limit is half the disk's sync rate: a submission waits for two commits, one for the draft, one for the referral.
    """
    rows = []
    limit = round(syncs_a_second(folder / "raw") / 2)
    with parts_in(folder) as parts:
        filled = template(parts)
        with web(parts, folder) as (ours, _), web(parts, folder, discarding=True) as (peer, _):
            for clients in (1, 8, 16):
                number = int(120 * SCALE)
                pairs, seen = [], LoadResult()
                for _ in range(ROUNDS):
                    durable = send_all(fresh(parts, number, filled), [ours], clients)
                    thrown = send_all(fresh(parts, number, filled), [peer], clients)
                    pairs.append((durable.rate, thrown.rate))
                    seen.seconds += durable.seconds
                a, b, ratio = middle_ratio(pairs)
                what = f"durable submissions, {clients} clients, to parse and discard"
                rows.append(row(what, "1/s", a, b, "0.6 or more with 8", ratio=ratio, limit=limit))
                p99, worst = seen.quantile(0.99) * 1000, max(seen.seconds) * 1000
                rows.append(row(f"p99 and worst of a submission, {clients} clients", "ms", p99, worst, "150, 1000"))
            rows.append(row("for the record: an empty Flask view, 1 client", "1/s", empty_rate(peer, 300), 0, "none"))
    return rows


def tail(folder: Path) -> list[Row]:
    """Compare submission times while the mail server hangs with those while it is fast."""
    hanging = MailServer(Behaviour(faults={"greeting": "hang"}))
    (folder / "fast").mkdir()
    (folder / "hanging").mkdir()
    fast_box = Mailbox(folder / "fast")
    number = int(400 * SCALE)
    seen: dict[str, LoadResult] = {"fast": LoadResult(), "hanging": LoadResult()}
    pairs = []
    try:
        for _ in range(ROUNDS):
            quantiles = {}
            for name, url in (("hanging", hanging.url), ("fast", fast_box.url)):
                with parts_in(folder / name, FORM_SMTP_URL=url) as parts:
                    filled = template(parts)
                    people = fresh(parts, number, filled)
                    with (
                        web(parts, folder / name) as (port, _),
                        running_flask(parts.settings, "deliver", cwd=folder / name) as worker,
                    ):
                        result = send_all(people, [port], 4)
                        worker.kill()  # SIGTERM would wait for the mail being sent, and that hangs
                    quantiles[name] = result.quantile(0.99)
                    seen[name].seconds += result.seconds
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


def fill(parts: ServiceParts, number: int) -> None:
    """Add `number` delivered referrals to the store."""
    one = parts.referral()
    (mail,) = one.mails

    with parts.store.writing() as (connection, now):
        for place in range(number):
            letter = replace(mail, message_id=f"<{place}@bench>", sealed=mail.sealed[:400])
            new = replace(one, submission_id=f"{place:032d}", reference=new_reference(), mails=(letter,))
            referrals.insert(connection, new, now)
        connection.exec_driver_sql("UPDATE delivery SET state = 'delivered', settled_at = 1")
        connection.exec_driver_sql("UPDATE mail SET settled_at = 1")


def many_rows(folder: Path) -> list[Row]:
    """Compare a store of 100,000 rows with an empty one."""
    number = int(100_000 * min(SCALE, 1))
    rows = []
    with parts_in(folder / "full") as full, parts_in(folder / "empty") as empty:
        fill(full, number)
        measures: dict[str, Callable[[ServiceParts], object]] = {
            "accept": lambda parts: parts.store.referrals.accept(parts.referral()),
            "claim and finish": _claim_and_finish,
            "readiness": lambda parts: ReadinessCheck(parts.sealer, parts.store).look(),
        }
        for name, work in measures.items():
            pairs = [(_milliseconds(work, full), _milliseconds(work, empty)) for _ in range(ROUNDS)]
            a, b, ratio = middle_ratio(pairs)
            rows.append(row(f"{name}, {number} rows, to an empty store", "ms", a, b, "1.2 at most", ratio=ratio))
    return rows


def _claim_and_finish(parts: ServiceParts) -> None:
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(True))


def _milliseconds(work: Callable[[ServiceParts], object], parts: ServiceParts, number: int = 100) -> float:
    times = []
    for _ in range(number):
        begun = time.perf_counter()
        work(parts)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)
