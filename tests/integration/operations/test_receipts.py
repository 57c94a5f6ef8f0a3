"""From the mail server to a person: simulated weeks in which nobody is told twice a day and nobody is missed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from form_service import failpoints
from form_service.config.local_time import LONDON, local_time
from form_service.mail.smtp_client import MailRoute
from form_service.operations.reminder_sender import ReminderSender
from form_service.operations.reminders import OPERATOR_WORKING_DAYS, TEAM_WORKING_DAYS, deadline, is_working_day
from form_service.store import Outcome
from form_service.store.schema import mail, referral
from service_profile import load
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM, Clock, House, house_of, settings_of
from tests.support.team_email import body_of

Start = Callable[..., MailServer]
OPERATOR = "ops@ops.example"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
CLOSED = frozenset({date(2026, 12, 25), date(2026, 12, 28)})


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).timestamp()


def sender_for(house: House, closed: frozenset[date] = CLOSED, weekly: bool = False) -> ReminderSender:
    service = load()
    days = [day.isoformat() for day in sorted(closed)]
    values = {**service.values, "closed_days": days, "weekly_summary": weekly}
    return ReminderSender(house.settings, house.store, replace(service, values=values))


def deliver_all(house: House) -> None:
    while (claim := house.store.outbox.claim()) is not None:
        house.store.outbox.finish(claim, Outcome(True))


def look(sender: ReminderSender, clock: Clock, moment: float | None = None) -> None:
    clock.now = clock.now + 61 if moment is None else moment
    sender.look()


def read(server: MailServer) -> list[tuple[str, str, str]]:
    """Recipient, subject and text of each email, its white space made plain."""
    found = []
    for taken in server.taken:
        message = message_from_bytes(taken.data, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        found.append((taken.recipient, str(message["Subject"]), " ".join(body_of(message).split())))
    return found


@pytest.fixture
def routes(tmp_path: Path, mail_server: Start) -> tuple[House, Clock, MailServer, MailServer]:
    """A service on a Thursday at 10, with two mail routes."""
    first, second, clock = mail_server(), mail_server(), Clock(at("2026-11-26 10:00"))
    chosen = settings_of(tmp_path, FORM_SMTP_URL=first.url, FORM_ALERT_SMTP_URL=second.url, FORM_ALERT_EMAIL=OPERATOR)
    return house_of(chosen, clock), clock, first, second


def test_an_email_that_nobody_opened_is_raised_with_the_team_then_by_the_second_route(
    routes: tuple[House, Clock, MailServer, MailServer],
) -> None:
    house, clock, first, second = routes
    name = house.accept()
    deliver_all(house)
    sender = sender_for(house)
    told: dict[str, list[date]] = {"team": [], "operator": []}
    for _ in range(14 * 24):  # two weeks, by the hour
        before = len(first.taken), len(second.taken)
        look(sender, clock, clock.now + HOUR)
        today = local_time(clock.now).date()
        told["team"] += [today] * (len(first.taken) - before[0])
        told["operator"] += [today] * (len(second.taken) - before[1])
    assert told["team"][:2] == [date(2026, 11, 27), date(2026, 11, 30)]
    assert told["operator"][0] == date(2026, 12, 1)
    for days in told.values():
        assert len(days) == len(set(days)) and all(is_working_day(day, CLOSED) for day in days)
    for recipient, subject, text in read(first):
        assert (recipient, subject) == (TEAM[0], "Referrals to confirm")
        assert f"{name}, sent on Thursday 26 November 2026 at 10:00 (UK time)" in text and "front-door" not in text
    assert all(recipient == OPERATOR for recipient, _, _ in read(second))
    house.store.receipts.record(name)
    number = len(first.taken) + len(second.taken)
    look(sender, clock, clock.now + 3 * DAY)
    assert len(first.taken) + len(second.taken) == number, "none once everything is received"
    house.store.close()


def test_one_email_names_all_that_wait(routes: tuple[House, Clock, MailServer, MailServer]) -> None:
    house, clock, first, _ = routes
    names = [house.accept() for _ in range(3)]
    deliver_all(house)
    house.store.receipts.record(names[0])
    look(sender_for(house), clock, at("2026-11-27 12:00"))
    ((_, _, text),) = read(first)
    assert names[0] not in text and names[1] in text and names[2] in text
    house.store.close()


def test_a_team_that_confirms_nothing_is_not_reminded(tmp_path: Path, mail_server: Start) -> None:
    server, clock = mail_server(), Clock(at("2026-11-26 10:00"))
    house = house_of(settings_of(tmp_path, FORM_SMTP_URL=server.url, FORM_RECEIPT="off"), clock)
    house.accept()
    deliver_all(house)
    look(sender_for(house, weekly=True), clock, at("2026-12-07 12:00"))
    assert server.taken == []
    clock.turn(house.settings.keep_days * DAY)
    assert house.store.purge(house.settings.keep_days, needs_receipt=False).mails == 1
    house.store.close()


def test_the_weekly_list_says_none_so_that_silence_is_noticed(
    routes: tuple[House, Clock, MailServer, MailServer],
) -> None:
    house, clock, first, second = routes
    received, open_, withdrawn = (house.accept() for _ in range(3))
    deliver_all(house)
    house.store.receipts.record(received)
    house.store.referrals.withdraw(withdrawn, house.notice(withdrawn))
    sender = sender_for(house, weekly=True)
    look(sender, clock, at("2026-11-30 08:30"))
    ((_, _, text),) = read(first)
    assert "Monday 23 November 2026 to Sunday 29 November 2026: 3 referrals." in text
    assert f"Received by the team: {received}" in text and f"Not yet: {open_}" in text
    assert f"Cancelled: {withdrawn}" in text
    house.store.receipts.record(open_)
    look(sender, clock, at("2026-12-07 08:30"))
    assert read(first)[-1][1:] == (
        "Last week's referrals",
        "Last week's referrals LAST WEEK --------- Monday 30 November 2026 to Sunday 6 December 2026: none.",
    )
    assert second.taken == []
    house.store.close()


def test_a_mail_server_that_says_no_is_asked_again_the_same_day(
    routes: tuple[House, Clock, MailServer, MailServer],
) -> None:
    house, clock, first, _ = routes
    house.accept()
    deliver_all(house)
    first.behaviour.faults["mail"] = "451 later"
    sender = sender_for(house)
    look(sender, clock, at("2026-11-27 12:00"))
    assert first.taken == []
    first.behaviour.faults.clear()
    for _ in range(3):
        look(sender, clock)
    assert len(first.taken) == 1
    house.store.close()


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


@pytest.mark.parametrize("place", ["reminder-recorded", "reminder-sent"])
def test_a_kill_tells_nobody_twice_a_day_and_the_next_day_makes_up_for_it(
    routes: tuple[House, Clock, MailServer, MailServer], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    house, clock, first, _ = routes
    name = house.accept()
    deliver_all(house)

    def kill(reached: str) -> None:
        if reached == place:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "reach", kill)
        with pytest.raises(Killed):
            look(sender_for(house), clock, at("2026-11-27 12:00"))
    after_restart = sender_for(house)
    for _ in range(5):
        look(after_restart, clock)
    assert len(first.taken) <= 1
    look(after_restart, clock, at("2026-11-30 12:00"))
    assert name in read(first)[-1][2], "nobody is missed"
    house.store.close()


def sealed_copies(house: House) -> list[str]:
    with house.store.reading() as (connection, _):
        kept = select(mail.c.reference).where(mail.c.sealed.is_not(None), mail.c.kind == "team")
        return list(connection.execute(kept).scalars())


def test_the_copy_is_kept_until_the_team_has_it_and_then_for_the_days_of_the_setting(
    house: House, clock: Clock
) -> None:
    name = house.accept()
    deliver_all(house)
    clock.turn(20 * DAY)
    assert house.store.purge(7, needs_receipt=True).mails == 0
    house.store.receipts.record(name)
    clock.turn(6.9 * DAY)
    assert house.store.purge(7, needs_receipt=True).mails == 0
    clock.turn(0.2 * DAY)
    assert house.store.purge(7, dry_run=True, needs_receipt=True).mails == 1
    assert house.store.purge(7, needs_receipt=True).mails == 1


def test_sent_again_it_has_the_same_message_id_and_the_limit_does_not_move(house: House, clock: Clock) -> None:
    name = house.accept()
    first = house.store.outbox.claim()
    assert first is not None
    house.store.outbox.finish(first, Outcome(True))
    clock.turn(34 * DAY)
    assert house.store.receipts.resend(name) == 1
    again = house.store.outbox.claim()
    assert again is not None and again.message_id == first.message_id and again.sealed == first.sealed
    house.store.outbox.finish(again, Outcome(True))
    house.store.receipts.mark_warned([name])
    clock.turn(1.1 * DAY)
    assert house.store.purge(7, needs_receipt=True).mails == 1
    assert house.store.receipts.resend(name) == 0, "no copy is kept"


def test_outbox_list_tells_who_has_what(house: House) -> None:
    waiting_later, received, withdrawn, delivered = (house.accept() for _ in range(4))
    while (claim := house.store.outbox.claim()) is not None:
        house.store.outbox.finish(claim, Outcome(claim.reference != waiting_later, "timeout"))
    house.store.receipts.record(received)
    house.store.referrals.withdraw(withdrawn, house.notice(withdrawn))
    assert {row.reference: row.state for row in house.store.receipts.kept()} == {
        received: "received by the team",
        withdrawn: "withdrawn",
        delivered: "delivered",
    }


class Weeks(RuleBasedStateMachine):
    """Any weeks of referrals, receipts, withdrawals and mail servers that fail, with the real store and real rules."""

    folder: Path
    number = 0

    @initialize()
    def begin(self) -> None:
        Weeks.number += 1
        folder = self.folder / str(Weeks.number)
        folder.mkdir()
        self.clock = Clock(at("2026-11-26 10:00"))
        self.house = house_of(settings_of(folder, FORM_ALERT_EMAIL=OPERATOR), self.clock)
        self.sender = sender_for(self.house)
        self.sent: list[tuple[str, date, str]] = []
        self.broken: set[str] = set()
        self.healthy_since = {TEAM[0]: self.clock.now, OPERATOR: self.clock.now}
        self.received: set[str] = set()
        self.withdrawn: set[str] = set()
        self.warned: set[str] = set()

    def transmit(self, _route: MailRoute, recipient: str, data: bytes, **_: Any) -> Any:
        result = type("Result", (), {"taken": recipient not in self.broken, "maybe": False, "error": "timeout"})()
        result.accepted, result.uncertain = result.taken, False
        if result.taken:
            message = message_from_bytes(data, policy=policy.SMTP)
            assert isinstance(message, EmailMessage)
            text = body_of(message)
            self.sent.append((recipient, local_time(self.clock.now).date(), text))
            soon = text.partition("COPY IS DELETED SOON")[2]
            self.warned |= {name for name in self.references() if name in soon}
        return result

    def references(self) -> list[str]:
        with self.house.store.reading() as (connection, _):
            return list(connection.execute(select(referral.c.reference)).scalars())

    @rule(delivered=st.booleans())
    def send_referral(self, delivered: bool) -> None:
        self.house.accept()
        if delivered:
            deliver_all(self.house)

    @rule(data=st.data(), gone=st.booleans())
    def settle(self, data: st.DataObject, gone: bool) -> None:
        if names := self.references():
            name = data.draw(st.sampled_from(names))
            if gone:
                self.house.store.referrals.withdraw(name, self.house.notice(name))
                self.withdrawn.add(name)
            else:
                self.house.store.receipts.record(name)
                self.received.add(name)

    @rule(who=st.sampled_from([TEAM[0], OPERATOR]))
    def mail_server_changes(self, who: str) -> None:
        self.broken ^= {who}
        self.healthy_since[who] = self.clock.now

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        for _ in range(days * 4):
            self.clock.turn(6 * HOUR)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(MailRoute, "send", self._as_method())
                self.sender.look()
            self.house.store.purge(7, needs_receipt=True)

    def _as_method(self) -> Callable[..., Any]:
        return lambda route, recipient, data, **more: self.transmit(route, recipient, data, **more)

    @invariant()
    def nobody_is_told_twice_a_day(self) -> None:
        told = [(recipient, day) for recipient, day, _ in getattr(self, "sent", [])]
        assert len(told) == len(set(told))
        assert all(is_working_day(day, CLOSED) for _, day in told)

    @invariant()
    def wiped_implies_received_withdrawn_or_warned(self) -> None:
        if hasattr(self, "house"):
            wiped = set(self.references()) - set(sealed_copies(self.house))
            assert wiped <= self.received | self.withdrawn | self.warned

    @invariant()
    def unreceived_beyond_the_limit_implies_told_on_every_route(self) -> None:
        if not hasattr(self, "house"):
            return
        unreceived, now = self.house.store.receipts.unreceived()
        limits = {TEAM[0]: TEAM_WORKING_DAYS, OPERATOR: OPERATOR_WORKING_DAYS}
        for entry in unreceived:
            for who, days in limits.items():
                # The email of that day may have gone before; the next working day's names it.
                starts = max(entry.accepted_at, self.healthy_since[who])
                if who not in self.broken and now > deadline(starts, days + 1, CLOSED) + DAY:
                    assert any(one == who and entry.reference in text for one, _, text in self.sent)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.store.close()


def test_any_weeks_hold_the_promises(tmp_path: Path) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Weeks.folder = tmp_path
    run_state_machine_as_test(
        Weeks,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
