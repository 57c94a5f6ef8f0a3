"""Neutral copies: a courtesy that never holds up what is for the team, and that fills nobody's mailbox."""

import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.mail.backoff import Pause
from form_service.mail.message import plain_email, to_bytes
from form_service.mail.smtp_client import Handed
from form_service.operations import self_check
from form_service.store import NewMail, Outcome, StoreUnavailable, outbox
from form_service.store.outbox import LONGEST_PAUSE_SECONDS
from form_service.web.copies import COPIES_A_DAY, may_have_copy
from form_service.worker import Worker
from tests.integration.worker.test_worker import Route, worker_of
from tests.support.mail_server import MailServer
from tests.support.person import Person, mails
from tests.support.service_parts import TEAM, Clock, House, settings_of
from tests.support.waiting import until

Start = Callable[..., MailServer]
COPY_FROM = "copy@service.example"


def test_what_is_for_the_team_goes_before_copies_that_wait_longer(house: House, clock: Clock) -> None:
    for place in range(3):
        house.accept(copy_to=f"sam{place}@post.example")
    while (claim := house.store.outbox.claim()) is not None and claim.kind == "team":
        house.store.outbox.finish(claim, Outcome(True))
    assert claim is not None
    house.store.outbox.finish(claim, Outcome(False, "rcpt-450"))
    clock.turn(LONGEST_PAUSE_SECONDS)
    new = house.accept()
    route = Route()
    worker_of(house, route).run(once=True)
    assert route.tried[0] == new
    assert len(route.sent) == 4


def test_the_claim_reads_an_index_however_many_wait(house: House) -> None:
    house.accept()
    with house.store.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plans = {}
        for index, statement in (("delivery_team_due", outbox._TEAM_DUE), ("delivery_due", outbox._DUE)):
            sql = statement.params(now=1.0, longest_lease=2.0).compile(
                dialect=connection.dialect, compile_kwargs={"literal_binds": True}
            )
            plans[index] = str(connection.exec_driver_sql(f"{explain} {sql}").all())
    assert [index for index, plan in plans.items() if index not in plan] == []


def test_a_refused_sender_of_copies_ends_the_copies_and_holds_up_nothing(house: House, mail_server: Start) -> None:
    server = mail_server(refused={COPY_FROM: "550 5.7.60 you may not send as this sender"})
    house.settings = replace(house.settings, smtp_url=server.url)
    for place in range(5):
        house.accept(copy_to=f"sam{place}@post.example")
    worker = Worker(house.settings, house.seal, house.store)
    worker.run(once=True)
    assert [one.recipient for one in server.taken] == [TEAM[0]] * 5
    assert house.store.reports.state().waiting == 0, "a copy that no try can bring is wiped"
    assert worker._route_pause.is_over and worker._copies_pause.is_over


@pytest.mark.parametrize("answer", ["hang", "451 later"])
def test_a_copy_that_gets_no_answer_holds_up_other_copies_and_no_referral(
    house: House, mail_server: Start, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("form_service.worker.COPY_SECONDS", 0.3)
    monkeypatch.setattr("form_service.mail.backoff.FIRST_SECONDS", 60.0)
    stuck = "sam0@post.example" if answer == "hang" else COPY_FROM
    server = mail_server(refused={stuck: answer})
    house.settings = replace(house.settings, smtp_url=server.url)
    for place in range(3):
        house.accept(copy_to=f"sam{place}@post.example")
    worker = Worker(house.settings, house.seal, house.store)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    until(lambda: not worker._copies_pause.is_over, "the copy fails")
    late = house.accept()
    until(lambda: any(late.encode() in one.data for one in server.taken), "the referral arrives all the same")
    assert not worker._copies_pause.is_over, "while copies still pause"
    assert worker._route_pause.is_over
    worker.stop()
    thread.join(20)
    assert [one.recipient for one in server.taken].count(TEAM[0]) == 4


def test_a_copy_that_was_claimed_ahead_goes_back_when_copies_pause(house: House) -> None:
    for place in range(2):
        house.accept(copy_to=f"sam{place}@post.example")
    route = Route(lambda recipient, _: Handed(recipient in TEAM, "timeout", route=recipient not in TEAM))
    worker_of(house, route).run(once=True)
    assert len(route.tried) == 3, "two to the team, and one copy that failed"
    assert sorted(row.error for row in house.store.reports.waiting()) in (["", "timeout"], ["not-tried", "timeout"])


def test_pauses_grow_to_the_longest_and_end_with_the_first_success() -> None:
    pause = Pause(20.0)
    seconds = []
    for _ in range(4):
        assert not pause.note(True) and not pause.is_over
        seconds.append(pause._seconds)
    assert seconds == [5.0, 10.0, 20.0, 20.0]
    assert pause.note(False) and not pause.note(False) and not pause.after_failure


def test_check_says_that_the_sender_of_copies_is_refused(tmp_path: Path, mail_server: Start) -> None:
    server = mail_server(refused={COPY_FROM: "550 not yours"})
    found = list(self_check._mail_servers(settings_of(tmp_path, FORM_SMTP_URL=server.url)))
    assert [one.level for one in found] == ["ok", "wrong"] and "mail-550 for FORM_NEUTRAL_FROM" in found[1].text
    server.behaviour.refused = {"form@service.example": "550 not yours"}
    assert [one.level for one in self_check._mail_servers(settings_of(tmp_path, FORM_SMTP_URL=server.url))] == ["wrong"]


def test_one_address_gets_three_copies_a_day_and_every_referral_is_taken(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    for place in range(COPIES_A_DAY + 2):
        person = Person(app).walk("harmed")
        person.send(copy_to="Sam@post.example" if place % 2 else "sam@post.example")
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", person.reference)
    sent = [str(one["To"]) for one in mails(app)]
    assert sent.count(TEAM[0]) == COPIES_A_DAY + 2
    assert sum(one.lower() == "sam@post.example" for one in sent) == COPIES_A_DAY


def test_the_count_of_copies_ends_with_the_day_and_refuses_nobody_when_the_store_is_away(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed(address: str = "sam@post.example", submission: str = "") -> bool:
        return may_have_copy(house.store, house.seal, address, submission or uuid.uuid4().hex)

    assert [allowed(submission="one") for _ in range(5)] == [True] * 5, "however often it is tried"
    assert [allowed() for _ in range(4)] == [True] * (COPIES_A_DAY - 1) + [False] * 2
    assert allowed("alex@post.example")
    clock.turn(86_400)
    assert allowed()

    def away(*_: object) -> int:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(house.store.counters, "count", away)
    assert all(allowed() for _ in range(5))


@pytest.mark.parametrize(
    "address",
    [
        ".b+{$./?^|@a.b-x9a-99xz1-9cxb1c-xxy-0xazy-yaca-0---cx0b-b-x9x-ybxy-99aza-zza",
        "a" * 64 + "@" + "b" * 60 + "." + "c" * 60 + ".example",
        "..X+09_Ya'bY@ceeggdff.aaaee--egfbfegceb-ffagbbfddb-bb-ac-gcfh-.baegbhg-.hgh",
        "sam@post.example",
    ],
)
def test_a_copy_goes_to_the_very_address_that_was_typed(house: House, mail_server: Start, address: str) -> None:
    server = mail_server()
    house.settings = replace(house.settings, smtp_url=server.url)
    new = house.referral()
    copy = house.seal.seal_at_rest(
        to_bytes(plain_email("Hello\n", f"Your reference {new.reference}", COPY_FROM, address))
    )
    neutral = NewMail("neutral", "<copy@service.example>", copy.key_id, copy.sealed, ("",))
    house.store.referrals.accept(replace(new, mails=(*new.mails, neutral)))
    Worker(house.settings, house.seal, house.store).run(once=True)
    assert [one.recipient for one in server.taken] == [TEAM[0], address]
