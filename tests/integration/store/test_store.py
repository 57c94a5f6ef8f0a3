"""The store on SQLite and PostgreSQL: changes are atomic, and no referral is lost or stored twice."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.config.settings import SettingsError
from form_service.crypto import Sealer, draft_keys
from form_service.referral.reference import new_reference
from form_service.store import Store
from form_service.store.backup import CopyError
from form_service.store.drafts import SentDraft
from form_service.store.engine.disk import network_file_system
from form_service.store.errors import ReferenceTaken
from form_service.store.key_rotation import keys_in_use, reseal
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import WithdrawalResult
from tests.support.service_parts import HOUR, SECRET, STORY, Clock, ServiceParts, parts_of, settings_of

DELIVERED = DeliveryResult(delivered=True)


def in_threads(number: int, work: object) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(number)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_double_click_makes_one_referral(parts: ServiceParts) -> None:
    answers = []
    news = [parts.referral(submission="5" * 32) for _ in range(8)]
    in_threads(8, lambda place: answers.append(parts.store.referrals.accept(news[place])))
    assert sum(answer.is_new for answer in answers) == 1
    assert len({answer.reference for answer in answers}) == 1
    assert parts.store.reports.outbox_state().waiting == 1


def test_a_taken_reference_is_refused_and_changes_nothing(parts: ServiceParts) -> None:
    name = parts.accept()
    with pytest.raises(ReferenceTaken):
        parts.store.referrals.accept(replace(parts.referral(), reference=name))
    assert parts.store.reports.outbox_state().waiting == 1


def test_accepting_marks_the_draft_as_sent_in_the_same_transaction(parts: ServiceParts, clock: Clock) -> None:
    parts.store.drafts.change("d" * 32, lambda _: b"draft", HOUR)
    parts.store.referrals.accept(parts.referral(), SentDraft("d" * 32, b"draft", b"sent", HOUR))
    assert parts.store.drafts.read("d" * 32) == b"sent"
    with pytest.raises(ReferenceTaken):
        taken = replace(parts.referral(), reference=parts.accept())
        parts.store.referrals.accept(taken, SentDraft("d" * 32, b"sent", b"not this", HOUR))
    assert parts.store.drafts.read("d" * 32) == b"sent"
    clock.advance(3601)
    assert parts.store.drafts.read("d" * 32) is None


def test_two_tabs_lose_no_answer(parts: ServiceParts) -> None:
    name = "a" * 32

    def add(place: int) -> None:
        for _ in range(5):
            parts.store.drafts.change(name, lambda sealed: (sealed or b"") + bytes([65 + place]), HOUR)

    in_threads(8, add)
    kept = parts.store.drafts.read(name)
    assert kept is not None and sorted(kept) == sorted(bytes(range(65, 73)) * 5)
    parts.store.drafts.wipe(name)
    assert parts.store.drafts.read(name) is None


def test_a_failing_change_leaves_the_draft_and_the_other_writers_alone(parts: ServiceParts) -> None:
    parts.store.drafts.change("b" * 32, lambda _: b"kept", HOUR)
    failed = []

    def write(place: int) -> None:
        if place % 2:
            parts.accept()
            return
        try:
            parts.store.drafts.change("b" * 32, lambda _: 1 / 0, HOUR)  # type: ignore[arg-type, return-value]
        except ZeroDivisionError:
            failed.append(place)

    in_threads(16, write)
    assert len(failed) == 8
    assert parts.store.reports.outbox_state().waiting == 8
    assert parts.store.drafts.read("b" * 32) == b"kept"


def test_withdrawing_before_delivery_sends_nothing_and_wipes(parts: ServiceParts) -> None:
    name = parts.accept(copy_to="sam@example.org")
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.WITHDRAWN
    assert parts.store.outbox.claim() is None
    assert keys_in_use(parts.store) == set()
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.WITHDRAWN, "as the first time"
    assert parts.store.reports.counts_by_outcome() == {"delivered": 0, "waiting": 0, "withdrawn": 1}


def test_withdrawing_after_delivery_tells_the_team(parts: ServiceParts) -> None:
    name = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.TEAM_NOTIFIED
    notice = parts.store.outbox.claim()
    assert notice is not None and notice.kind == "withdrawn" and notice.reference == name


def test_withdrawing_while_it_is_being_sent_tells_the_team_and_tries_no_more(parts: ServiceParts) -> None:
    name = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.TEAM_NOTIFIED
    parts.store.outbox.finish(claim, DeliveryResult(False, "timeout"))
    left = parts.store.outbox.claim()
    assert left is not None and left.kind == "withdrawn"
    assert parts.store.outbox.claim() is None


def test_withdrawing_after_a_try_that_may_have_succeeded_tells_the_team(parts: ServiceParts) -> None:
    name = parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "lost-after-data", maybe_sent=True))
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.TEAM_NOTIFIED


def test_an_unknown_reference_cannot_be_withdrawn(parts: ServiceParts) -> None:
    name = new_reference()
    assert parts.store.referrals.withdraw(name, parts.notice(name)) is WithdrawalResult.UNKNOWN


def test_counting_holds_over_threads_and_ends_with_its_window(parts: ServiceParts, clock: Clock) -> None:
    in_threads(8, lambda _: [parts.store.counters.count("client:x", 600) for _ in range(5)])
    assert parts.store.counters.count("client:x", 600) == 41
    assert parts.store.counters.count("client:y", 600) == 1
    assert parts.store.counters.count("client:y", 600, 64) == 65
    assert parts.store.counters.count("client:z", 600, 64) == 64
    clock.advance(600)
    assert parts.store.counters.count("client:x", 600) == 1


def test_one_of_many_processes_takes_the_turn(parts: ServiceParts, clock: Clock) -> None:
    turns: list[bool] = []
    in_threads(6, lambda _: turns.append(parts.store.facts.take_turn("purge", 300)))
    assert sum(turns) == 1
    clock.advance(301)
    assert parts.store.facts.take_turn("purge", 300)
    clock.advance(-86400)
    assert parts.store.facts.take_turn("purge", 300), "a clock set back must not stop the purge"


def test_purge_wipes_what_was_delivered_long_ago_and_nothing_else(parts: ServiceParts, clock: Clock) -> None:
    delivered, waiting = parts.accept(), parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == delivered
    parts.store.outbox.finish(claim, DELIVERED)
    parts.store.drafts.change("c" * 32, lambda _: b"old", HOUR)
    clock.advance(6 * 86400)
    assert parts.store.purge(7, dry_run=True).mails == 0
    clock.advance(400 * 86400)
    assert parts.store.purge(7, dry_run=True).mails == 1
    purged = parts.store.purge(7)
    assert (purged.mails, purged.drafts) == (1, 1)
    kept = parts.store.outbox.claim()
    assert kept is not None and kept.reference == waiting and parts.sealer.open(kept.key_id, kept.sealed)
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
    name = draft_keys.draft_id(cookie)
    assert name is not None
    parts.store.drafts.change(name, lambda _: draft_keys.seal_draft(cookie, STORY.encode()), HOUR)
    parts.accept(copy_to="sam@example.org")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert STORY[:20].encode() not in content and b"sam@example" not in content and cookie.encode() not in content
        assert path.stat().st_mode & 0o077 == 0, f"others may read {path.name}"
    parts.store.close()


def test_keys_rotate_add_reseal_drop(parts: ServiceParts, tmp_path: Path) -> None:
    for _ in range(3):
        parts.accept(copy_to="sam@example.org")
    fresh = "another-key-for-the-tests-" + "12345678" * 3
    both = Sealer.from_settings(replace(parts.settings, secret_keys=(fresh, SECRET)))

    def again(key_id: str, sealed: bytes) -> tuple[str, bytes]:
        new = both.seal_at_rest(both.open(key_id, sealed))
        return new.key_id, new.sealed

    assert reseal(parts.store, both.is_current, again) == 6
    assert reseal(parts.store, both.is_current, again) == 0
    only_new = Sealer.from_settings(replace(parts.settings, secret_keys=(fresh,)))
    claim = parts.store.outbox.claim()
    assert claim is not None
    assert b"Subject: Referral" in only_new.open(claim.key_id, claim.sealed)


def test_backup_and_restore_carry_what_waits_also_to_the_other_database(
    parts: ServiceParts, tmp_path: Path, clock: Clock
) -> None:
    names = [parts.accept() for _ in range(3)]
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DELIVERED)
    file = tmp_path / "backup.db"
    assert parts.store.backup(file) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("backup.db-*")), "a backup is one file"
    with pytest.raises(CopyError, match="exists already"):
        parts.store.backup(file)
    assert parts.store.restore(file) == 0, "it holds them all"
    other = parts_of(settings_of(tmp_path / "other", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/other.db"), clock)
    assert other.store.restore(file) == 3
    found = []
    while (again := other.store.outbox.claim()) is not None:
        found.append(again.reference)
    assert sorted(found) == sorted(set(names) - {claim.reference})
    other.store.close()


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:9 / {tmp_path}/far rw - nfs4 server:/x rw\n"
        f"3 1 0:9 / {tmp_path}/with\\040space rw - cifs //x rw\n"
    )
    assert network_file_system(tmp_path / "near", mounts) is None
    assert network_file_system(tmp_path / "far" / "instance", mounts) == "nfs4"
    assert network_file_system(tmp_path / "with space", mounts) == "cifs"
    monkeypatch.setattr("form_service.store.engine.disk.network_file_system", lambda _: "nfs4")
    with pytest.raises(SettingsError, match=r"^FORM_DATABASE_URL .*nfs4"):
        Store.open(settings_of(tmp_path))
