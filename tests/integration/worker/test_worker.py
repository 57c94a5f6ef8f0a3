"""The worker: it delivers each once, tries as long as it takes, and lets no bad mail hold up the rest."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes

import pytest

from form_service.mail.smtp_client import Handed
from form_service.store import Outcome, Withdrawal
from form_service.store.outbox import LEASE_SECONDS, LONGEST_PAUSE_SECONDS, pause_after
from form_service.worker import Worker
from tests.support.mail_server import MailServer
from tests.support.service_parts import TEAM, Clock, House

Start = Callable[..., MailServer]


class Route:
    """A way to a mail server that a test decides about, mail by mail."""

    def __init__(self, answer: Callable[[str, bytes], Handed] = lambda recipient, data: Handed(True)) -> None:
        self.answer = answer
        self.sent: list[tuple[str, bytes]] = []
        self.tried: list[str] = []

    def send(self, recipient: str, data: bytes, sender: str, seconds: float) -> Handed:
        name = str(message_from_bytes(data)["Subject"]).removeprefix("Referral ")
        self.tried.append(name)
        handed = self.answer(recipient, data)
        if handed.taken:
            self.sent.append((recipient, data))
        return handed

    def close(self) -> None:
        pass


def refusing(recipient: str) -> Route:
    """A route on which this recipient, and nobody else, is refused for ever."""
    return Route(lambda to, _: Handed(False, "rcpt-550", permanent=True) if to == recipient else Handed(True))


def worker_of(house: House, route: Route) -> Worker:
    return Worker(house.settings, house.seal, house.store, route)  # type: ignore[arg-type]


def rounds(worker: Worker, house: House, clock: Clock, seconds: float, step: float) -> None:
    """Let simulated time pass, with a look at the outbox at each step."""
    ends = clock.now + seconds
    while clock.now < ends:
        worker._route_pause.ready_at = 0.0  # the pauses of the route are real time, which stands still here
        worker._round()
        clock.turn(step)


def test_each_recipient_gets_it_once(house: House, mail_server: Start) -> None:
    server = mail_server()
    house.settings = replace(house.settings, team_email=TEAM, smtp_url=server.url)
    name = house.accept(copy_to="sam@example.org")
    Worker(house.settings, house.seal, house.store).run(once=True)
    senders = {(one.recipient, one.sender) for one in server.taken}
    assert len(server.taken) == 3
    assert senders == {
        (TEAM[0], "form@service.example"),
        (TEAM[1], "form@service.example"),
        ("sam@example.org", "copy@service.example"),
    }
    ids = {str(message_from_bytes(one.data)["Message-ID"]) for one in server.taken if one.recipient in TEAM}
    assert len(ids) == 1
    assert house.store.reports.totals()["delivered"] == 1
    assert name in str(message_from_bytes(server.taken[0].data)["Subject"])


def test_one_recipient_of_two_is_refused_for_ever(house: House, clock: Clock) -> None:
    house.settings = replace(house.settings, team_email=TEAM)
    house.accept()
    route = refusing(TEAM[1])
    worker = worker_of(house, route)
    rounds(worker, house, clock, seconds=86_400, step=60)
    assert [recipient for recipient, _ in route.sent] == [TEAM[0]], "the good one exactly once"
    (row,) = house.store.reports.waiting()
    assert (row.state, row.error) == ("refused", "rcpt-550")
    assert house.store.reports.state().refused == 1
    assert 86_400 / LONGEST_PAUSE_SECONDS * 0.8 < row.tries < 110, "slowly, but never given up"
    route.answer = lambda recipient, data: Handed(True)
    house.store.outbox.make_due()
    worker._round()
    assert house.store.reports.state().refused == 0 and house.store.reports.totals()["delivered"] == 1


def test_a_day_of_temporary_refusals_ends_in_one_mail(house: House, clock: Clock) -> None:
    names = [house.accept() for _ in range(3)]
    route = Route(lambda recipient, _: Handed(False, "rcpt-450"))
    worker = worker_of(house, route)
    rounds(worker, house, clock, seconds=86_400, step=30)
    assert house.store.reports.state().waiting == 3
    assert max(Counter(route.tried).values()) < 140, "pauses grow to 15 minutes"
    route.answer = lambda recipient, data: Handed(True)
    rounds(worker, house, clock, seconds=LONGEST_PAUSE_SECONDS + 60, step=30)
    assert sorted(name for name in route.tried[-3:]) == sorted(names)
    assert len(route.sent) == 3


def test_the_first_retry_comes_within_ten_seconds_and_the_longest_pause_is_a_quarter_of_an_hour() -> None:
    pauses = [pause_after(tries) for tries in range(1, 40)]
    assert pauses[0] <= 10 and pauses == sorted(pauses) and pauses[-1] == 900


@pytest.mark.parametrize("turn", [86_400.0, -86_400.0], ids=["forward", "back"])
def test_a_clock_that_jumps_by_a_day_stops_nothing(house: House, clock: Clock, turn: float) -> None:
    failing = house.accept()
    route = Route(lambda recipient, _: Handed(False, "rcpt-450"))
    worker = worker_of(house, route)
    worker._start()
    worker._round()
    route.answer = lambda recipient, data: Handed(True)
    clock.turn(turn)
    fresh = house.accept()
    worker._next_heartbeat = 0.0
    rounds(worker, house, clock, seconds=5, step=1)
    assert sorted(route.tried[1:]) == sorted([failing, fresh])
    assert house.store.reports.totals()["delivered"] == 2


def test_a_row_written_before_the_clock_was_set_back_is_delivered(house: House, clock: Clock) -> None:
    name = house.accept()
    clock.turn(-600)
    route = Route()
    worker = worker_of(house, route)
    worker._round()
    assert route.tried == [name]


def test_a_lease_keeps_others_away_and_ends_within_a_minute(house: House, clock: Clock) -> None:
    house.accept()
    first = house.store.outbox.claim()
    assert first is not None and house.store.outbox.claim() is None
    clock.turn(LEASE_SECONDS - 1)
    assert house.store.outbox.claim() is None
    clock.turn(2)
    second = house.store.outbox.claim()
    assert second is not None and second.message_id == first.message_id and second.tries == 2
    assert LEASE_SECONDS <= 60
    assert house.store.outbox.finish(first, Outcome(True)) == (False, None), "only the holder of the lease records"
    assert house.store.reports.totals()["delivered"] == 0
    assert house.store.outbox.finish(second, Outcome(True))[0]
    assert house.store.reports.totals()["delivered"] == 1


def test_a_start_makes_waiting_rows_due(house: House, clock: Clock) -> None:
    house.accept()
    claim = house.store.outbox.claim()
    assert claim is not None
    house.store.outbox.finish(replace(claim, tries=30), Outcome(False, "rcpt-450"))
    assert house.store.outbox.claim() is None
    route = Route()
    worker_of(house, route).run(once=True)
    assert len(route.sent) == 1


def test_ten_thousand_wait_and_the_bad_ones_hold_up_nobody(house: House, clock: Clock) -> None:
    count = 10_000 if house.store.database.path else 2_000
    template = house.referral()
    sealed = template.mails[0]
    bad = set()
    from form_service.referral import reference
    from form_service.store import referrals

    with house.store.writing() as (connection, now):
        for place in range(count):
            name = reference.new()
            letter = replace(
                sealed, message_id=f"<{place}@x>", recipients=("bad@x.example" if place % 10 == 0 else TEAM[0],)
            )
            new = replace(template, submission_id=f"{place:032d}", reference=name, mails=(letter,))
            assert referrals.insert(connection, new, now)
            if place % 10 == 0:
                bad.add(name)

    route = Route(
        lambda recipient, _: Handed(False, "rcpt-550", permanent=True) if recipient[:3] == "bad" else Handed(True)
    )
    worker = worker_of(house, route)
    while house.store.reports.totals()["delivered"] < count - len(bad):
        assert worker._round(), "nothing is due although good mails wait"
    assert len(route.sent) == count - len(bad)
    assert house.store.reports.state().refused == len(bad)


def test_two_workers_never_send_the_same_row(house: House, clock: Clock) -> None:
    names = [house.accept() for _ in range(200)]
    routes = [Route(), Route()]
    workers = [worker_of(house, route) for route in routes]
    threads = [threading.Thread(target=worker.run, kwargs={"once": True}) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Counter(name for route in routes for name in route.tried)
    assert sent == Counter(names)


def test_on_sqlite_a_second_worker_waits_for_the_first(house: House) -> None:
    if house.store.database.path is None:
        return
    entered, leave = threading.Event(), threading.Event()

    def hold(recipient: str, data: bytes) -> Handed:
        entered.set()
        leave.wait(10)
        return Handed(True)

    house.accept()
    later = Route()
    with running(worker_of(house, Route(hold))):
        assert entered.wait(10)
        with running(worker_of(house, later)):
            house.accept()
            threading.Event().wait(1.5)  # longer than the second one's look at the lock
            assert later.tried == []
        (row,) = [row for row in house.store.reports.waiting() if row.tries]
        assert row.state == "sending", "a worker that was stopped while it waited touched no lease"
        leave.set()


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_a_dead_mail_server_is_tried_with_one_mail_at_a_time(house: House, clock: Clock) -> None:
    for _ in range(50):
        house.accept()
    route = Route(lambda recipient, _: Handed(False, "connection-refused", route=True))
    worker = worker_of(house, route)
    for _ in range(10):
        worker._round()
    assert len(route.tried) == 1
    worker._route_pause.ready_at = 0.0
    route.answer = lambda recipient, data: Handed(True)
    while worker._round():
        pass
    assert len(route.sent) == 50, "when it is back, everything goes at once"


def test_a_withdrawn_referral_is_not_sent(house: House) -> None:
    name = house.accept()
    assert house.store.referrals.withdraw(name, house.notice(name)) is Withdrawal.WITHDRAWN
    route = Route()
    worker_of(house, route).run(once=True)
    assert route.tried == []


def test_a_mail_whose_key_is_gone_is_kept_and_told(house: House) -> None:
    house.accept()
    from form_service.crypto import Seal

    stranger = Seal.from_settings(replace(house.settings, secret_keys=("another-key-" + "0123456789" * 3,)))
    worker = Worker(house.settings, stranger, house.store, Route())  # type: ignore[arg-type]
    worker.run(once=True)
    (row,) = house.store.reports.waiting()
    assert row.error == "key-missing"
