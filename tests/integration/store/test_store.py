"""The store on both databases: nothing twice, nothing lost, nothing in between."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.config.settings import SettingsError
from form_service.crypto import Sealer, draft_keys
from form_service.referral import reference
from form_service.store import Store
from form_service.store.backup import CopyError
from form_service.store.drafts import SentDraft
from form_service.store.engine.disk import network_file_system
from form_service.store.errors import ReferenceTaken
from form_service.store.outbox import DeliveryResult
from form_service.store.referrals import Withdrawal
from tests.support.service_parts import HOUR, SECRET, STORY, Clock, House, house_of, settings_of

DELIVERED = DeliveryResult(delivered=True)


def in_threads(number: int, work: object) -> None:
    threads = [threading.Thread(target=work, args=(place,)) for place in range(number)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_double_click_makes_one_referral(house: House) -> None:
    answers = []
    news = [house.referral(submission="5" * 32) for _ in range(8)]
    in_threads(8, lambda place: answers.append(house.store.referrals.accept(news[place])))
    assert sum(answer.is_new for answer in answers) == 1
    assert len({answer.reference for answer in answers}) == 1
    assert house.store.reports.state().waiting == 1


def test_a_taken_reference_is_minted_again_and_changes_nothing(house: House) -> None:
    name = house.accept()
    with pytest.raises(ReferenceTaken):
        house.store.referrals.accept(replace(house.referral(), reference=name))
    assert house.store.reports.state().waiting == 1


def test_accepting_marks_the_draft_as_sent_in_the_same_transaction(house: House, clock: Clock) -> None:
    house.store.drafts.change("d" * 32, lambda _: b"draft", HOUR)
    house.store.referrals.accept(house.referral(), SentDraft("d" * 32, b"draft", b"sent", HOUR))
    assert house.store.drafts.read("d" * 32) == b"sent"
    with pytest.raises(ReferenceTaken):
        taken = replace(house.referral(), reference=house.accept())
        house.store.referrals.accept(taken, SentDraft("d" * 32, b"sent", b"not this", HOUR))
    assert house.store.drafts.read("d" * 32) == b"sent"
    clock.turn(3601)
    assert house.store.drafts.read("d" * 32) is None


def test_two_tabs_lose_no_answer(house: House) -> None:
    name = "a" * 32

    def add(place: int) -> None:
        for _ in range(5):
            house.store.drafts.change(name, lambda before: (before or b"") + bytes([65 + place]), HOUR)

    in_threads(8, add)
    kept = house.store.drafts.read(name)
    assert kept is not None and sorted(kept) == sorted(bytes(range(65, 73)) * 5)
    house.store.drafts.wipe(name)
    assert house.store.drafts.read(name) is None


def test_a_failing_change_leaves_the_draft_and_the_other_writers_alone(house: House) -> None:
    house.store.drafts.change("b" * 32, lambda _: b"kept", HOUR)
    failed = []

    def write(place: int) -> None:
        if place % 2:
            house.accept()
            return
        try:
            house.store.drafts.change("b" * 32, lambda _: 1 / 0, HOUR)  # type: ignore[arg-type, return-value]
        except ZeroDivisionError:
            failed.append(place)

    in_threads(16, write)
    assert len(failed) == 8
    assert house.store.reports.state().waiting == 8
    assert house.store.drafts.read("b" * 32) == b"kept"


def test_withdrawing_before_delivery_sends_nothing_and_wipes(house: House) -> None:
    name = house.accept(copy_to="sam@example.org")
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.WITHDRAWN
    assert house.store.outbox.claim() is None
    assert house.store.keys_in_use() == set()
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.WITHDRAWN, "as the first time"
    assert house.store.reports.totals() == {"delivered": 0, "waiting": 0, "withdrawn": 1}


def test_withdrawing_after_delivery_tells_the_team(house: House) -> None:
    name = house.accept()
    claim = house.store.outbox.claim()
    assert claim is not None
    house.store.outbox.finish(claim, DELIVERED)
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.TEAM_NOTIFIED
    notice = house.store.outbox.claim()
    assert notice is not None and notice.kind == "withdrawn" and notice.reference == name


def test_withdrawing_while_it_is_being_sent_tells_the_team_and_tries_no_more(house: House) -> None:
    name = house.accept()
    claim = house.store.outbox.claim()
    assert claim is not None
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.TEAM_NOTIFIED
    house.store.outbox.finish(claim, DeliveryResult(False, "timeout"))
    left = house.store.outbox.claim()
    assert left is not None and left.kind == "withdrawn"
    assert house.store.outbox.claim() is None


def test_withdrawing_after_a_try_that_may_have_succeeded_tells_the_team(house: House) -> None:
    name = house.accept()
    claim = house.store.outbox.claim()
    assert claim is not None
    house.store.outbox.finish(claim, DeliveryResult(False, "lost-after-data", maybe_sent=True))
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.TEAM_NOTIFIED


def test_an_unknown_reference_cannot_be_withdrawn(house: House) -> None:
    name = reference.new()
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.UNKNOWN


def test_counting_holds_over_threads_and_ends_with_its_window(house: House, clock: Clock) -> None:
    in_threads(8, lambda _: [house.store.counters.count("client:x", 600) for _ in range(5)])
    assert house.store.counters.count("client:x", 600) == 41
    assert house.store.counters.count("client:y", 600) == 1
    assert house.store.counters.count("client:y", 600, 64) == 65
    assert house.store.counters.count("client:z", 600, 64) == 64
    clock.turn(600)
    assert house.store.counters.count("client:x", 600) == 1


def test_one_of_many_processes_takes_the_turn(house: House, clock: Clock) -> None:
    turns: list[bool] = []
    in_threads(6, lambda _: turns.append(house.store.facts.take_turn("purge", 300)))
    assert sum(turns) == 1
    clock.turn(301)
    assert house.store.facts.take_turn("purge", 300)
    clock.turn(-86400)
    assert house.store.facts.take_turn("purge", 300), "a clock set back must not stop the purge"


def test_purge_wipes_what_was_delivered_long_ago_and_nothing_else(house: House, clock: Clock) -> None:
    delivered, waiting = house.accept(), house.accept()
    claim = house.store.outbox.claim()
    assert claim is not None and claim.reference == delivered
    house.store.outbox.finish(claim, DELIVERED)
    house.store.drafts.change("c" * 32, lambda _: b"old", HOUR)
    clock.turn(6 * 86400)
    assert house.store.purge(7, dry_run=True).mails == 0
    clock.turn(400 * 86400)
    assert house.store.purge(7, dry_run=True).mails == 1
    purged = house.store.purge(7)
    assert (purged.mails, purged.drafts) == (1, 1)
    kept = house.store.outbox.claim()
    assert kept is not None and kept.reference == waiting and house.sealer.open(kept.key_id, kept.sealed)
    assert house.store.reports.totals() == {"delivered": 1, "waiting": 1, "withdrawn": 0}


def test_a_neutral_copy_is_wiped_once_it_is_handed_over(house: House) -> None:
    house.accept(copy_to="sam@example.org")
    while (claim := house.store.outbox.claim()) is not None:
        if claim.kind == "neutral":
            assert claim.recipient == ""
        house.store.outbox.finish(claim, DELIVERED if claim.kind == "neutral" else DeliveryResult(False, "rcpt-450"))
    with house.store.reading() as (connection, _):
        rows = dict(connection.exec_driver_sql("SELECT kind, sealed IS NULL FROM mail").all())  # type: ignore[arg-type]
    assert rows == {"team": 0, "neutral": 1}


def test_plaintext_never_reaches_the_disk(tmp_path: Path) -> None:
    house = house_of(settings_of(tmp_path))
    cookie = draft_keys.new_cookie()
    name = draft_keys.draft_id(cookie)
    assert name is not None
    house.store.drafts.change(name, lambda _: draft_keys.seal_draft(cookie, STORY.encode()), HOUR)
    house.accept(copy_to="sam@example.org")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert STORY[:20].encode() not in content and b"sam@example" not in content and cookie.encode() not in content
        assert path.stat().st_mode & 0o077 == 0, f"others may read {path.name}"
    house.store.close()


def test_keys_rotate_add_reseal_drop(house: House, tmp_path: Path) -> None:
    for _ in range(3):
        house.accept(copy_to="sam@example.org")
    fresh = "another-key-for-the-tests-" + "12345678" * 3
    both = Sealer.from_settings(replace(house.settings, secret_keys=(fresh, SECRET)))

    def again(key_id: str, sealed: bytes) -> tuple[str, bytes]:
        new = both.seal_at_rest(both.open(key_id, sealed))
        return new.key_id, new.sealed

    assert house.store.reseal(both.is_current, again) == 6
    assert house.store.reseal(both.is_current, again) == 0
    only_new = Sealer.from_settings(replace(house.settings, secret_keys=(fresh,)))
    claim = house.store.outbox.claim()
    assert claim is not None
    assert b"Subject: Referral" in only_new.open(claim.key_id, claim.sealed)


def test_backup_and_restore_carry_what_waits_also_to_the_other_database(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    names = [house.accept() for _ in range(3)]
    claim = house.store.outbox.claim()
    assert claim is not None
    house.store.outbox.finish(claim, DELIVERED)
    file = tmp_path / "backup.db"
    assert house.store.backup(file) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("backup.db-*")), "a backup is one file"
    with pytest.raises(CopyError, match="exists already"):
        house.store.backup(file)
    assert house.store.restore(file) == 0, "it holds them all"
    other = house_of(settings_of(tmp_path / "other", FORM_DATABASE_URL=f"sqlite:///{tmp_path}/other.db"), clock)
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
