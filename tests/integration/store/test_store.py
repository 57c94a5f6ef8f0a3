"""On SQLite and PostgreSQL, changes to the store are atomic, and no referral is lost or stored twice."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.config.settings import SettingsError
from form_service.crypto import Sealer, draft_keys
from form_service.referral.reference import new_reference
from form_service.store import Store
from form_service.store.backup import BackupError
from form_service.store.drafts import SentDraft
from form_service.store.engine.disk import network_file_system_type
from form_service.store.errors import ReferenceTaken
from form_service.store.key_rotation import key_ids_in_use, reseal
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import WithdrawalResult
from tests.support.service_parts import HOUR, SAFETY_NOTE, SECRET, Clock, ServiceParts, parts_of, settings_of

DELIVERED = DeliveryResult(delivered=True)


def run_in_threads(count: int, function: object) -> None:
    threads = [threading.Thread(target=function, args=(index,)) for index in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_repeated_clicks_on_send_make_one_referral(parts: ServiceParts) -> None:
    acceptances = []
    new_referrals = [parts.referral(submission_id="5" * 32) for _ in range(8)]
    run_in_threads(8, lambda index: acceptances.append(parts.store.referrals.accept(new_referrals[index])))
    assert sum(acceptance.is_new for acceptance in acceptances) == 1
    assert len({acceptance.reference for acceptance in acceptances}) == 1
    assert parts.store.reports.outbox_state().waiting_count == 1


def test_a_taken_reference_is_refused_and_changes_nothing(parts: ServiceParts) -> None:
    reference = parts.accept()
    with pytest.raises(ReferenceTaken):
        parts.store.referrals.accept(replace(parts.referral(), reference=reference))
    assert parts.store.reports.outbox_state().waiting_count == 1


def test_accepting_a_referral_marks_its_draft_as_sent_in_the_same_transaction(
    parts: ServiceParts, clock: Clock
) -> None:
    parts.store.drafts.change("d" * 32, lambda _: b"draft", HOUR)
    parts.store.referrals.accept(parts.referral(), SentDraft("d" * 32, b"draft", b"sent", HOUR))
    assert parts.store.drafts.read("d" * 32) == b"sent"
    with pytest.raises(ReferenceTaken):
        referral_with_taken_reference = replace(parts.referral(), reference=parts.accept())
        parts.store.referrals.accept(referral_with_taken_reference, SentDraft("d" * 32, b"sent", b"not this", HOUR))
    assert parts.store.drafts.read("d" * 32) == b"sent"
    clock.advance(3601)
    assert parts.store.drafts.read("d" * 32) is None


def test_changes_from_concurrent_tabs_are_all_kept(parts: ServiceParts) -> None:
    draft_id = "a" * 32

    def append_letters(index: int) -> None:
        for _ in range(5):
            parts.store.drafts.change(draft_id, lambda sealed_draft: (sealed_draft or b"") + bytes([65 + index]), HOUR)

    run_in_threads(8, append_letters)
    stored_draft = parts.store.drafts.read(draft_id)
    assert stored_draft is not None and sorted(stored_draft) == sorted(bytes(range(65, 73)) * 5)
    parts.store.drafts.wipe(draft_id)
    assert parts.store.drafts.read(draft_id) is None


def test_a_failing_change_affects_neither_the_draft_nor_the_other_writers(parts: ServiceParts) -> None:
    parts.store.drafts.change("b" * 32, lambda _: b"kept", HOUR)
    failed_indexes = []

    def accept_or_fail_to_change_draft(index: int) -> None:
        if index % 2:
            parts.accept()
            return
        try:
            parts.store.drafts.change("b" * 32, lambda _: 1 / 0, HOUR)  # type: ignore[arg-type, return-value]
        except ZeroDivisionError:
            failed_indexes.append(index)

    run_in_threads(16, accept_or_fail_to_change_draft)
    assert len(failed_indexes) == 8
    assert parts.store.reports.outbox_state().waiting_count == 8
    assert parts.store.drafts.read("b" * 32) == b"kept"


def test_withdrawing_before_delivery_sends_nothing_and_wipes_the_copies(parts: ServiceParts) -> None:
    reference = parts.accept(copy_to="sam@example.org")
    assert parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.WITHDRAWN
    assert parts.store.outbox.claim() is None
    assert key_ids_in_use(parts.store) == set()
    assert (
        parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.WITHDRAWN
    ), "a repeat gives the first result"
    assert parts.store.reports.counts_by_outcome() == {"delivered": 0, "waiting": 0, "withdrawn": 1}


def test_withdrawing_after_delivery_tells_the_team(parts: ServiceParts) -> None:
    reference = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)
    assert (
        parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.TEAM_NOTIFIED
    )
    notice = parts.store.outbox.claim()
    assert notice is not None and notice.kind == "withdrawn" and notice.reference == reference


def test_withdrawing_during_sending_tells_the_team_and_stops_retries(parts: ServiceParts) -> None:
    reference = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    assert (
        parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.TEAM_NOTIFIED
    )
    parts.store.outbox.finish(claim, DeliveryResult(False, "timeout"))
    notice = parts.store.outbox.claim()
    assert notice is not None and notice.kind == "withdrawn"
    assert parts.store.outbox.claim() is None


def test_withdrawing_after_an_uncertain_attempt_tells_the_team(parts: ServiceParts) -> None:
    reference = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "lost-after-data", maybe_sent=True))
    assert (
        parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.TEAM_NOTIFIED
    )


def test_an_unknown_reference_cannot_be_withdrawn(parts: ServiceParts) -> None:
    reference = new_reference()
    assert parts.store.referrals.withdraw(reference, parts.withdrawal_notice(reference)) is WithdrawalResult.UNKNOWN


def test_counters_are_exact_across_threads_and_start_again_after_their_window(
    parts: ServiceParts, clock: Clock
) -> None:
    run_in_threads(8, lambda _: [parts.store.counters.count("client:x", 600) for _ in range(5)])
    assert parts.store.counters.count("client:x", 600) == 41
    assert parts.store.counters.count("client:y", 600) == 1
    assert parts.store.counters.count("client:y", 600, 64) == 65
    assert parts.store.counters.count("client:z", 600, 64) == 64
    clock.advance(600)
    assert parts.store.counters.count("client:x", 600) == 1


def test_only_one_of_many_threads_may_run_the_purge_in_a_period(parts: ServiceParts, clock: Clock) -> None:
    claim_results: list[bool] = []
    run_in_threads(6, lambda _: claim_results.append(parts.store.facts.claim_job("purge", 300)))
    assert sum(claim_results) == 1
    clock.advance(301)
    assert parts.store.facts.claim_job("purge", 300)
    clock.advance(-86400)
    assert parts.store.facts.claim_job("purge", 300), "a clock set back must not stop the purge"


def test_a_purge_wipes_only_emails_that_were_delivered_long_ago(parts: ServiceParts, clock: Clock) -> None:
    delivered_reference, waiting_reference = parts.accept(), parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == delivered_reference
    parts.store.outbox.finish(claim, DELIVERED)
    parts.store.drafts.change("c" * 32, lambda _: b"old", HOUR)
    clock.advance(6 * 86400)
    assert parts.store.purge(7, dry_run=True).email_count == 0
    clock.advance(400 * 86400)
    assert parts.store.purge(7, dry_run=True).email_count == 1
    result = parts.store.purge(7)
    assert (result.email_count, result.draft_count) == (1, 1)
    waiting_claim = parts.store.outbox.claim()
    assert (
        waiting_claim is not None
        and waiting_claim.reference == waiting_reference
        and parts.sealer.open(waiting_claim.key_id, waiting_claim.sealed)
    )
    assert parts.store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 1, "withdrawn": 0}


def test_a_neutral_copy_is_wiped_once_it_is_delivered(parts: ServiceParts) -> None:
    parts.accept(copy_to="sam@example.org")
    while (claim := parts.store.outbox.claim()) is not None:
        if claim.kind == "neutral":
            assert claim.recipient == ""
        parts.store.outbox.finish(claim, DELIVERED if claim.kind == "neutral" else DeliveryResult(False, "rcpt-450"))
    with parts.store.reading() as (connection, _):
        rows = dict(connection.exec_driver_sql("SELECT kind, sealed IS NULL FROM mail").all())  # type: ignore[arg-type]
    assert rows == {"team": 0, "neutral": 1}


def test_plaintext_never_reaches_the_disk(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    cookie = draft_keys.new_cookie()
    draft_id = draft_keys.draft_id(cookie)
    assert draft_id is not None
    parts.store.drafts.change(draft_id, lambda _: draft_keys.seal_draft(cookie, SAFETY_NOTE.encode()), HOUR)
    parts.accept(copy_to="sam@example.org")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert (
            SAFETY_NOTE[:20].encode() not in content
            and b"sam@example" not in content
            and cookie.encode() not in content
        )
        assert path.stat().st_mode & 0o077 == 0, f"others may read {path.name}"
    parts.store.close()


def test_after_reseal_the_old_secret_key_is_no_longer_needed(parts: ServiceParts) -> None:
    for _ in range(3):
        parts.accept(copy_to="sam@example.org")
    new_key = "another-key-for-the-tests-" + "12345678" * 3
    sealer_with_both_keys = Sealer.from_settings(replace(parts.settings, secret_keys=(new_key, SECRET)))

    def reseal_email(key_id: str, sealed_email: bytes) -> tuple[str, bytes]:
        resealed_email = sealer_with_both_keys.seal_at_rest(sealer_with_both_keys.open(key_id, sealed_email))
        return resealed_email.key_id, resealed_email.sealed

    assert reseal(parts.store, sealer_with_both_keys.is_current, reseal_email) == 6
    assert reseal(parts.store, sealer_with_both_keys.is_current, reseal_email) == 0
    sealer_with_new_key = Sealer.from_settings(replace(parts.settings, secret_keys=(new_key,)))
    claim = parts.store.outbox.claim()
    assert claim is not None
    assert b"Subject: Referral" in sealer_with_new_key.open(claim.key_id, claim.sealed)


def test_a_backup_restores_waiting_emails_in_another_database(
    parts: ServiceParts, tmp_path: Path, clock: Clock
) -> None:
    references = [parts.accept() for _ in range(3)]
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)
    file = tmp_path / "backup.db"
    assert parts.store.backup(file) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("backup.db-*")), "a backup is one file"
    with pytest.raises(BackupError, match="exists already"):
        parts.store.backup(file)
    assert parts.store.restore(file) == 0, "the store has all of them already"
    other_parts = parts_of(settings_of(tmp_path / "other", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/other.db"), clock)
    assert other_parts.store.restore(file) == 3
    restored_references = []
    while (restored_claim := other_parts.store.outbox.claim()) is not None:
        restored_references.append(restored_claim.reference)
    assert sorted(restored_references) == sorted(set(references) - {claim.reference})
    other_parts.store.close()


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts_file = tmp_path / "mounts"
    mounts_file.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:9 / {tmp_path}/far rw - nfs4 server:/x rw\n"
        f"3 1 0:9 / {tmp_path}/with\\040space rw - cifs //x rw\n"
    )
    assert network_file_system_type(tmp_path / "near", mounts_file) is None
    assert network_file_system_type(tmp_path / "far" / "instance", mounts_file) == "nfs4"
    assert network_file_system_type(tmp_path / "with space", mounts_file) == "cifs"
    monkeypatch.setattr("form_service.store.engine.disk.network_file_system_type", lambda _: "nfs4")
    with pytest.raises(SettingsError, match=r"^FORM_DATABASE_URL .*nfs4"):
        Store.open(settings_of(tmp_path))
