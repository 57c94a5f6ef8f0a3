"""Benchmarks of how fast the form accepts referrals, also while the mail server hangs or the database is large."""

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
from tests.benchmarks.load import LoadResult, requests_per_second_to_empty_view, run_web_process, send_all_forms
from tests.benchmarks.rows import COUNT_SCALE, ROUNDS, Row, medians, open_parts, row
from tests.support.mail_server import Behaviour, MailServer
from tests.support.mailbox import Mailbox
from tests.support.people_about_to_send import completed_draft, people_about_to_send
from tests.support.service_parts import ServiceParts, running_flask


def disk_syncs_per_second(path: Path) -> float:
    """Return how many times a second 4 KB can be written to the file `path` and synced to the disk."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    start = time.perf_counter()
    for block in range(300):
        os.pwrite(descriptor, b"x" * 4096, block * 4096)
        os.fdatasync(descriptor)
    os.close(descriptor)
    return 300 / (time.perf_counter() - start)


def measure_submissions(folder: Path) -> list[Row]:
    """Compare how many submissions a second the form accepts with and without storage.

    Returns the rows of the results table.
    """
    rows = []
    # A submission waits for two commits: one for the draft, and one for the referral.
    limit = round(disk_syncs_per_second(folder / "raw") / 2)
    with open_parts(folder) as parts:
        draft = completed_draft(parts)
        with (
            run_web_process(parts, folder) as (our_port, _),
            run_web_process(parts, folder, discarding=True) as (peer_port, _),
        ):
            for client_count in (1, 8, 16):
                count = int(120 * COUNT_SCALE)
                pairs, combined_durable_result = [], LoadResult()
                for _ in range(ROUNDS):
                    durable_result = send_all_forms(people_about_to_send(parts, count, draft), [our_port], client_count)
                    discarding_result = send_all_forms(
                        people_about_to_send(parts, count, draft), [peer_port], client_count
                    )
                    pairs.append((durable_result.submissions_per_second, discarding_result.submissions_per_second))
                    combined_durable_result.seconds += durable_result.seconds
                durable_rate, discarding_rate, ratio = medians(pairs)
                label = f"durable submissions, {client_count} clients, to parse and discard"
                rows.append(
                    row(label, "1/s", durable_rate, discarding_rate, "0.6 or more with 8", ratio=ratio, limit=limit)
                )
                p99_ms = combined_durable_result.quantile(0.99) * 1000
                worst_ms = max(combined_durable_result.seconds) * 1000
                rows.append(
                    row(f"p99 and worst of a submission, {client_count} clients", "ms", p99_ms, worst_ms, "150, 1000")
                )
            rows.append(
                row(
                    "for the record: an empty Flask view, 1 client",
                    "1/s",
                    requests_per_second_to_empty_view(peer_port, 300),
                    0,
                    "none",
                )
            )
    return rows


def measure_tail_latency(folder: Path) -> list[Row]:
    """Compare how long submissions take (99th percentile) while the mail server hangs and while it is fast.

    Returns the rows of the results table.
    """
    hanging_server = MailServer(Behaviour(faults={"greeting": "hang"}))
    (folder / "fast").mkdir()
    (folder / "hanging").mkdir()
    fast_mailbox = Mailbox(folder / "fast")
    count = int(400 * COUNT_SCALE)
    results: dict[str, LoadResult] = {"fast": LoadResult(), "hanging": LoadResult()}
    pairs = []
    try:
        for _ in range(ROUNDS):
            quantiles = {}
            for name, url in (("hanging", hanging_server.url), ("fast", fast_mailbox.url)):
                with open_parts(folder / name, FORM_SMTP_URL=url) as parts:
                    draft = completed_draft(parts)
                    people = people_about_to_send(parts, count, draft)
                    with (
                        run_web_process(parts, folder / name) as (port, _),
                        running_flask(parts.settings, "deliver", cwd=folder / name) as worker,
                    ):
                        result = send_all_forms(people, [port], 4)
                        worker.kill()  # SIGTERM would wait for the email that is being sent, and sending hangs
                    quantiles[name] = result.quantile(0.99)
                    results[name].seconds += result.seconds
            pairs.append((quantiles["hanging"] * 1000, quantiles["fast"] * 1000))
    finally:
        hanging_server.close()
        fast_mailbox.close()
    hanging_p99_ms, fast_p99_ms, ratio = medians(pairs)
    worst_ms = max(results["hanging"].seconds) * 1000
    return [
        row(
            "p99 of a submission, SMTP hanging, to SMTP fast",
            "ms",
            hanging_p99_ms,
            fast_p99_ms,
            "1.25 at most",
            ratio=ratio,
        ),
        row(
            f"worst of {len(results['hanging'].seconds)}, SMTP hanging", "ms", worst_ms, 0, "1000 ms on an idle machine"
        ),
    ]


def add_referrals(parts: ServiceParts, count: int) -> None:
    """Add `count` delivered referrals to the store."""
    referral = parts.referral()
    (mail,) = referral.emails

    with parts.store.writing() as (connection, now):
        for row_number in range(count):
            email = replace(mail, message_id=f"<{row_number}@bench>", sealed=mail.sealed[:400])
            new_referral = replace(
                referral, submission_id=f"{row_number:032d}", reference=new_reference(), emails=(email,)
            )
            referrals.insert_referral(connection, new_referral, now)
        connection.exec_driver_sql("UPDATE delivery SET state = 'delivered', settled_at = 1")
        connection.exec_driver_sql("UPDATE mail SET settled_at = 1")


def measure_large_store(folder: Path) -> list[Row]:
    """Compare the speed of a store of 100,000 referrals with the speed of an empty store.

    A COUNT_SCALE below 1 means fewer referrals. Returns the rows of the results table.
    """
    count = int(100_000 * min(COUNT_SCALE, 1))
    rows = []
    with open_parts(folder / "full") as full_parts, open_parts(folder / "empty") as empty_parts:
        add_referrals(full_parts, count)
        actions: dict[str, Callable[[ServiceParts], object]] = {
            "accept": lambda parts: parts.store.referrals.accept(parts.referral()),
            "claim and finish": _claim_and_finish_delivery,
            "readiness": lambda parts: ReadinessCheck(parts.sealer, parts.store).run(),
        }
        for name, action in actions.items():
            pairs = [
                (_median_milliseconds(action, full_parts), _median_milliseconds(action, empty_parts))
                for _ in range(ROUNDS)
            ]
            full_store_ms, empty_store_ms, ratio = medians(pairs)
            rows.append(
                row(
                    f"{name}, {count} rows, to an empty store",
                    "ms",
                    full_store_ms,
                    empty_store_ms,
                    "1.2 at most",
                    ratio=ratio,
                )
            )
    return rows


def _claim_and_finish_delivery(parts: ServiceParts) -> None:
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(True))


def _median_milliseconds(action: Callable[[ServiceParts], object], parts: ServiceParts, count: int = 100) -> float:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        action(parts)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
