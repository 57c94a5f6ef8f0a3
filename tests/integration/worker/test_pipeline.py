"""Sending and recording at the same time: never further ahead than one mail, and what was claimed in vain goes back."""

import threading

import pytest

from form_service import worker
from form_service.mail.smtp_client import Handed
from form_service.store import Claim, Outcome
from tests.integration.worker.test_worker import Route, worker_of
from tests.support.service_parts import House
from tests.support.waiting import until

LONG = 20.0  # seconds until a test gives up


class HeldRecords:
    """Lets no result be recorded until `go` is set."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self._finish = house.store.outbox.finish
        monkeypatch.setattr(house.store.outbox, "finish", self.finish)

    def finish(self, done: Claim, outcome: Outcome, *more: bool) -> tuple[bool, Claim | None]:
        """Record, when it may."""
        self.begun.set()
        assert self.go.wait(LONG)
        return self._finish(done, outcome, *more)


def test_a_slow_disk_holds_up_no_mail_and_one_mail_at_most_goes_unrecorded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [house.accept() for _ in range(5)]
    held = HeldRecords(house, monkeypatch)
    third = threading.Event()

    def take(_recipient: str, _data: bytes) -> Handed:
        if len(route.tried) == 3:
            third.set()
        return Handed(True)

    route = Route(take)
    worker = threading.Thread(target=worker_of(house, route).run, args=(True,))
    worker.start()
    until(lambda: len(route.tried) == 2, "the second goes while the first is recorded")
    assert held.begun.is_set()
    assert not third.wait(0.3), "two mails would be sent twice if the machine died now, and not more"
    held.go.set()
    worker.join(LONG)
    assert sorted(route.tried) == sorted(names)
    assert house.store.reports.totals()["delivered"] == 5


def test_a_worker_that_is_stopped_gives_back_what_it_has_not_sent(house: House) -> None:
    names = [house.accept() for _ in range(4)]

    def take_the_last(_recipient: str, _data: bytes) -> Handed:
        worker.stop()
        return Handed(True)

    route = Route(take_the_last)
    worker = worker_of(house, route)
    worker.run()
    assert len(route.tried) == 1
    waiting = house.store.reports.waiting()
    assert sorted([row.reference for row in waiting] + route.tried) == sorted(names)
    assert "sending" not in {row.state for row in waiting}, "nobody has to wait for a lease to end"
    route.answer = lambda recipient, data: Handed(True)
    worker_of(house, route).run(once=True)
    assert sorted(route.tried) == sorted(names), "each once, and at once"


def test_when_the_mail_server_goes_away_the_next_in_hand_is_not_thrown_at_it(house: House) -> None:
    names = [house.accept() for _ in range(4)]
    route = Route()
    route.answer = lambda recipient, data: Handed(
        len(route.tried) < 2, "connection-refused", route=len(route.tried) > 1
    )
    worker = worker_of(house, route)
    worker._round()
    assert len(route.tried) == 2
    errors = sorted(row.error or "" for row in house.store.reports.waiting())
    assert errors == ["", "connection-refused", "not-tried"]
    route.answer = lambda recipient, data: Handed(True)
    worker_of(house, route).run(once=True)
    assert sorted(set(route.tried)) == sorted(names)
    assert house.store.reports.totals()["delivered"] == 4


def test_a_claim_that_waited_too_long_for_its_turn_is_not_sent_on_a_lease_that_may_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [house.accept() for _ in range(2)]
    monkeypatch.setattr(worker, "LONGEST_IN_HAND_SECONDS", 0.0)
    route = Route()
    process = worker_of(house, route)
    process._round()
    assert len(route.tried) == 1
    house.store.outbox.make_due()
    process._round()
    assert sorted(route.tried) == sorted(names)
    assert house.store.reports.totals()["delivered"] == 2
