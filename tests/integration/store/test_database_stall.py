"""While the store does not respond, people can leave the form immediately. Other requests fail within seconds."""

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
from form_service.store.engine.base import LOCK_WAIT_SECONDS
from form_service.store.engine.bulkhead import Bulkhead
from tests.support.people_about_to_send import FORM_CONTENT_TYPE, completed_draft, people_about_to_send
from tests.support.postgres import Postgres
from tests.support.service_parts import parts_of, settings_of
from tests.support.waiting import wait_until
from tests.support.web_process import WebProcess, running_web_process

PEOPLE_COUNT = 12
# A request that waited for the store would take longer than this, even on a busy machine.
MAX_RESPONSE_SECONDS = LOCK_WAIT_SECONDS - 1
StallStore = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def web_process_and_stall_function(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[WebProcess, StallStore]]:
    """Yield a web process and a function. Inside the context that the function opens, the store does not respond."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with running_web_process(tmp_path, FORM_DATABASE_URL=server.new_database()) as web:
            yield web, server.frozen
        return

    @contextmanager
    def lock_database() -> Iterator[None]:
        blocker = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        yield
        blocker.execute("ROLLBACK")
        blocker.close()

    with running_web_process(tmp_path) as web:
        yield web, lock_database


def response_seconds(web: WebProcess, method: str, path: str, expected_status: int, **headers: str) -> float:
    started_at = time.monotonic()
    assert web.request(method, path, **headers)[0] == expected_status
    return time.monotonic() - started_at


@pytest.mark.server
def test_leaving_and_health_checks_do_not_wait_for_a_stalled_store(
    web_process_and_stall_function: tuple[WebProcess, StallStore],
) -> None:
    web, stall_store = web_process_and_stall_function
    people = people_about_to_send(web.parts, PEOPLE_COUNT + 1, completed_draft(web.parts))
    responses: list[tuple[int, str]] = []

    def send(cookie: str, body: bytes) -> None:
        headers = {"Content_Type": FORM_CONTENT_TYPE, "Cookie": f"draft={cookie}", "Sec_Fetch_Site": "same-origin"}
        response = (0, "no answer")
        try:
            response = web.request("POST", "/referral/check", body, **headers)
        finally:
            responses.append(response)

    threads = [threading.Thread(target=send, args=(person.cookie, person.body)) for person in people[1:]]
    with stall_store():
        for thread in threads:
            thread.start()
        slowest_seconds = 0.0
        while len(responses) < PEOPLE_COUNT:  # while any request waits for the store
            slowest_seconds = max(
                slowest_seconds,
                response_seconds(web, "GET", "/healthz", 200),
                response_seconds(web, "GET", "/referral/assets/exit.js", 200),
                response_seconds(web, "GET", "/referral/exit", 303, Cookie=f"draft={people[0].cookie}"),
                response_seconds(web, "POST", "/referral/exit", 204, Cookie=f"draft={people[0].cookie}"),
            )
        for thread in threads:
            thread.join()
    assert slowest_seconds < MAX_RESPONSE_SECONDS
    assert {status for status, _ in responses} == {503}
    assert all("We have not received this" in text and 'name="agreement" value="yes"' in text for _, text in responses)
    wait_until(web.is_healthy, "the server answers")
    assert all(web.parts.store.drafts.read(person.draft_id) for person in people[1:]), "nobody's answers are lost"
    for person in people[1:]:
        with closing(web.connect()) as connection:
            wait_until(partial(person.send, connection), "pressing Try again sends the referral")
    assert web.referral_count() == PEOPLE_COUNT


@pytest.mark.system
def test_a_frozen_database_is_reported_within_15_seconds(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_engine, "WEB_RESPONSE_TIMEOUT_SECONDS", 0.5)
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=postgres.new_database()))
    parts.store.use_web_timeouts(6)
    confirmed_references = [parts.accept()]
    with postgres.frozen():
        for use_store in (parts.accept, parts.store.reports.outbox_state, lambda: parts.store.drafts.wipe("0" * 32)):
            started_at = time.monotonic()
            with pytest.raises(StoreUnavailable) as excinfo:
                use_store()
            assert time.monotonic() - started_at < 15, "the longest is a new connection, tried twice"
            assert excinfo.value.kind == "gone"
    confirmed_references.append(parts.accept())
    assert set(confirmed_references) <= {row.reference for row in parts.store.reports.waiting_deliveries()}
    parts.store.close()


def test_requests_are_refused_at_once_only_while_the_store_is_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulkhead, "STALL_SECONDS", 0.2)
    bulkhead_of_one = Bulkhead(1)
    first_entered, first_may_leave, second_entered = threading.Event(), threading.Event(), threading.Event()

    def enter_and_wait() -> None:
        with bulkhead_of_one:
            first_entered.set()
            first_may_leave.wait()

    def enter() -> None:
        with bulkhead_of_one:
            second_entered.set()

    first_thread = threading.Thread(target=enter_and_wait)
    first_thread.start()
    first_entered.wait()
    with pytest.raises(StoreUnavailable), bulkhead_of_one:
        pass
    assert bulkhead_of_one.is_stalled
    started_at = time.monotonic()
    with pytest.raises(StoreUnavailable), bulkhead_of_one:
        pass
    assert time.monotonic() - started_at < 0.1, "a later request does not wait at all"
    monkeypatch.setattr(bulkhead, "STALL_SECONDS", 60)
    second_thread = threading.Thread(target=enter)
    second_thread.start()
    assert not second_entered.is_set()
    first_may_leave.set()
    assert second_entered.wait(10), "while the store responds, requests wait for their turn"
    first_thread.join()
    second_thread.join()
