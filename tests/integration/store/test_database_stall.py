"""While the store does not respond, leaving, /healthz and the exit script do not wait; other requests time out."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from form_service.store import StoreUnavailable
from form_service.store.engine import bulkhead
from form_service.store.engine import postgres as postgres_engine
from form_service.store.engine.bulkhead import Bulkhead
from tests.support.postgres import Postgres
from tests.support.senders import FORM, filled_in, senders
from tests.support.service_parts import parts_of, settings_of
from tests.support.waiting import until
from tests.support.web_process import Web, web_in

PEOPLE = 12
AT_ONCE = 2.5  # seconds, with room for a busy machine; the defect took 20 or more
StallStore = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def web_and_stall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Web, StallStore]]:
    """Yield the web process, and a context manager that blocks its store."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with web_in(tmp_path, FORM_DATABASE_URL=server.new_database()) as web:
            yield web, server.frozen
        return

    @contextmanager
    def locked() -> Iterator[None]:
        other = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()

    with web_in(tmp_path) as web:
        yield web, locked


def seconds(web: Web, method: str, path: str, expected: int, **headers: str) -> float:
    begun = time.monotonic()
    assert web.ask(method, path, **headers)[0] == expected
    return time.monotonic() - begun


@pytest.mark.server
def test_nothing_that_needs_no_store_waits_for_one(web_and_stall: tuple[Web, StallStore]) -> None:
    web, held = web_and_stall
    people = senders(web.parts, PEOPLE + 1, filled_in(web.parts))
    answers: list[tuple[int, str]] = []

    def send(cookie: str, body: bytes) -> None:
        headers = {"Content_Type": FORM, "Cookie": f"draft={cookie}", "Sec_Fetch_Site": "same-origin"}
        answer = (0, "no answer")
        try:
            answer = web.ask("POST", "/referral/check", body, **headers)
        finally:
            answers.append(answer)

    threads = [threading.Thread(target=send, args=(person.cookie, person.body)) for person in people[1:]]
    with held():
        for thread in threads:
            thread.start()
        slowest = 0.0
        while len(answers) < PEOPLE:  # while any request waits for the store
            slowest = max(
                slowest,
                seconds(web, "GET", "/healthz", 200),
                seconds(web, "GET", "/referral/assets/exit.js", 200),
                seconds(web, "GET", "/referral/exit", 303, Cookie=f"draft={people[0].cookie}"),
                seconds(web, "POST", "/referral/exit", 204, Cookie=f"draft={people[0].cookie}"),
            )
        for thread in threads:
            thread.join()
    assert slowest < AT_ONCE
    assert {status for status, _ in answers} == {503}
    assert all("We have not received this" in text and 'name="agreement" value="yes"' in text for _, text in answers)
    until(web.is_well, "the server answers")
    assert all(web.parts.store.drafts.read(person.draft_id) for person in people[1:]), "nobody's answers are lost"
    for person in people[1:]:
        with closing(web.connect()) as connection:
            until(partial(person.send, connection), "Try again sends it")
    assert web.stored() == PEOPLE


@pytest.mark.system
def test_a_frozen_database_is_reported_in_time(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_engine, "WEB_RESPONSE_SECONDS", 0.5)
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.store.use_web_timeouts(6)
    kept = [parts.accept()]
    with postgres.frozen():
        for ask in (parts.accept, parts.store.reports.outbox_state, lambda: parts.store.drafts.wipe("0" * 32)):
            begun = time.monotonic()
            with pytest.raises(StoreUnavailable) as caught:
                ask()
            assert time.monotonic() - begun < 15, "the longest is a new connection, tried twice"
            assert caught.value.kind == "gone"
    kept.append(parts.accept())
    assert set(kept) <= {row.reference for row in parts.store.reports.waiting_deliveries()}
    parts.store.close()


def test_the_store_is_refused_at_once_only_while_nobody_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkhead, "STALL_SECONDS", 0.2)
    one = Bulkhead(1)
    inside, out, passed = threading.Event(), threading.Event(), threading.Event()

    def stay() -> None:
        with one:
            inside.set()
            out.wait()

    def come() -> None:
        with one:
            passed.set()

    first = threading.Thread(target=stay)
    first.start()
    inside.wait()
    with pytest.raises(StoreUnavailable), one:
        pass
    assert one.is_stalled
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable), one:
        pass
    assert time.monotonic() - begun < 0.1, "who comes later does not wait at all"
    monkeypatch.setattr(bulkhead, "STALL_SECONDS", 60)
    second = threading.Thread(target=come)
    second.start()
    assert not passed.is_set()
    out.set()
    assert passed.wait(10), "while the store gets on, people wait for a place"
    first.join()
    second.join()
