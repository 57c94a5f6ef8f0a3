"""An email whose deliveries have all ended is wiped, even if two workers recorded results at the same time."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from form_service.store import outbox, referrals
from form_service.store.claims import ClaimedDelivery
from form_service.store.engine.base import retry_on_lost_connection
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import WithdrawalResult
from tests.support.postgres import Postgres
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, parts_of, settings_of

DELIVERED = DeliveryResult(delivered=True)


@pytest.fixture
def postgres_parts(postgres: Postgres, tmp_path: Path, clock: Clock) -> Iterator[ServiceParts]:
    """Yield a service on PostgreSQL, with two recipients for each email."""
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()), clock)
    parts.settings = replace(parts.settings, team_email=TEAM_EMAILS)
    yield parts
    parts.store.close()


def claim_delivery(parts: ServiceParts) -> ClaimedDelivery:
    claim = parts.store.outbox.claim()
    assert claim is not None
    return claim


def kept_email_count(parts: ServiceParts) -> int:
    with parts.store.reading() as (connection, _):
        rows = connection.exec_driver_sql("SELECT count(*) FROM mail WHERE settled_at IS NULL OR sealed IS NOT NULL")
        return int(rows.scalar_one())


class BackgroundCall:
    """A function call in a separate thread. The test can go on while the call waits for a lock."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self.value: object = None
        self._call = call
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._thread.join(0.5)

    def _run(self) -> None:
        try:
            self.value = self._call()
        except BaseException as error:
            self.error = error

    def result(self) -> object:
        self._thread.join()
        if self.error is not None:
            raise self.error
        return self.value


@pytest.mark.system
def test_no_sealed_email_is_kept_when_two_workers_finish_its_deliveries_at_the_same_time(
    postgres_parts: ServiceParts,
) -> None:
    postgres_parts.accept()
    first_claim, second_claim = claim_delivery(postgres_parts), claim_delivery(postgres_parts)
    with postgres_parts.store.writing() as (connection, now):
        assert outbox.finish(connection, first_claim, DELIVERED, now)
        other_call = BackgroundCall(lambda: postgres_parts.store.outbox.finish(second_claim, DELIVERED))
    other_call.result()
    assert postgres_parts.store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 0, "withdrawn": 0}
    postgres_parts.store.purge(0)
    assert kept_email_count(postgres_parts) == 0, "no sealed copy stays for ever"


def test_the_purge_wipes_an_email_whose_deliveries_are_all_done(parts: ServiceParts) -> None:
    parts.settings = replace(parts.settings, team_email=TEAM_EMAILS)
    delivered_reference, waiting_reference = parts.accept(copy_to="sam@example.org"), parts.accept()
    with parts.store.database.engine.begin() as connection:
        mail_ids_query = "(SELECT id FROM mail WHERE reference = :name)"
        connection.execute(
            text(f"UPDATE delivery SET state = 'delivered' WHERE mail_id IN {mail_ids_query}"),
            {"name": delivered_reference},
        )
    assert parts.store.reports.counts_by_outcome()["delivered"] == 0
    parts.store.purge(0)
    assert kept_email_count(parts) == 1, "what waits is kept"
    assert parts.store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 1, "withdrawn": 0}
    assert {row.reference for row in parts.store.reports.waiting_deliveries()} == {waiting_reference}


@pytest.mark.system
def test_withdrawing_while_a_worker_records_a_delivery_does_not_deadlock(postgres_parts: ServiceParts) -> None:
    postgres_parts.settings = replace(postgres_parts.settings, team_email=TEAM_EMAILS[:1])
    reference = postgres_parts.accept()
    claim = claim_delivery(postgres_parts)
    notice = postgres_parts.withdrawal_notice(reference)
    with postgres_parts.store.writing() as (connection, now):
        connection.execute(text("SELECT 1 FROM referral WHERE reference = :name FOR UPDATE"), {"name": reference})
        finishing_call = BackgroundCall(lambda: postgres_parts.store.outbox.finish(claim, DELIVERED))
        assert referrals.withdraw(connection, reference, notice, now) is WithdrawalResult.TEAM_NOTIFIED
    assert finishing_call.result() is True
    assert postgres_parts.store.reports.counts_by_outcome()["withdrawn"] == 1


@pytest.mark.system
def test_a_transaction_that_postgresql_aborts_because_of_a_deadlock_is_retried(postgres_parts: ServiceParts) -> None:
    transaction_names = ("0" * 32, "1" * 32)
    for name in ("x", "y"):
        postgres_parts.store.facts.set(name)
    barrier, run_counts = threading.Barrier(2), dict.fromkeys(transaction_names, 0)

    def change_facts(transaction_name: str, first_fact: str, second_fact: str) -> None:
        @retry_on_lost_connection
        def unit_of_work() -> None:
            run_counts[transaction_name] += 1
            with postgres_parts.store.writing() as (connection, _):
                connection.execute(text("UPDATE fact SET value = 'a' WHERE name = :name"), {"name": first_fact})
                if run_counts[transaction_name] == 1:
                    barrier.wait(10)  # until each transaction has locked the row that the other needs next
                connection.execute(text("UPDATE fact SET value = 'b' WHERE name = :name"), {"name": second_fact})

        unit_of_work()

    other_call = BackgroundCall(lambda: change_facts(transaction_names[0], "y", "x"))
    change_facts(transaction_names[1], "x", "y")
    other_call.result()
    assert sorted(run_counts.values()) == [1, 2]


def wiped_flags_by_kind(parts: ServiceParts) -> dict[str, bool]:
    with parts.store.reading() as (connection, _):
        rows = connection.exec_driver_sql("SELECT kind, sealed IS NULL FROM mail")
        return {kind: bool(is_wiped) for kind, is_wiped in rows}


@pytest.mark.parametrize(
    ("error", "is_permanent", "days_until_given_up"), [("rcpt-550", True, 0), ("rcpt-450", False, 3)]
)
def test_a_neutral_copy_that_cannot_arrive_is_given_up_and_wiped(
    parts: ServiceParts, clock: Clock, error: str, is_permanent: bool, days_until_given_up: int
) -> None:
    parts.accept(copy_to="mistyped@example.org")
    failure = DeliveryResult(False, error, permanent=is_permanent)
    for day in range(days_until_given_up + 1):
        clock.advance(86_400 if day else 0)
        while (claim := parts.store.outbox.claim()) is not None:
            parts.store.outbox.finish(claim, failure if claim.kind == "neutral" else DELIVERED)
        if day < days_until_given_up:
            assert not wiped_flags_by_kind(parts)["neutral"], f"given up after {day} days"
    assert wiped_flags_by_kind(parts)["neutral"] and parts.store.reports.waiting_deliveries() == []
    assert parts.store.reports.counts_by_outcome()["delivered"] == 1


def test_a_waiting_neutral_copy_does_not_count_as_a_late_delivery(parts: ServiceParts, clock: Clock) -> None:
    parts.accept(copy_to="sam@example.org")
    while (claim := parts.store.outbox.claim()) is not None:
        parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450") if claim.kind == "neutral" else DELIVERED)
    clock.advance(7200)
    outbox_state = parts.store.reports.outbox_state()
    assert (outbox_state.waiting_count, outbox_state.refused_count, outbox_state.oldest_age) == (1, 0, None)
    parts.accept()
    clock.advance(10)
    assert parts.store.reports.outbox_state().oldest_age == pytest.approx(10)
