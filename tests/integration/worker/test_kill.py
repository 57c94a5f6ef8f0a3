"""Killing a process at any moment loses no confirmed referral, and repeats at most one email per sender thread."""

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from form_service.store import StoreUnavailable
from form_service.worker import SENDER_COUNT
from tests.support.fork_server import ForkServerClient
from tests.support.mailbox import Mailbox
from tests.support.people_about_to_send import PersonAboutToSend, completed_draft, people_about_to_send
from tests.support.service_parts import TEAM_EMAILS, ServiceParts, environment_of, parts_of, settings_of
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

pytestmark = pytest.mark.server
HTTP_FAILURES = (OSError, http.client.HTTPException)


@pytest.fixture(scope="module")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServerClient]:
    fork_server = ForkServerClient(tmp_path_factory.mktemp("fork_server"))
    yield fork_server
    fork_server.close()


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path)
    yield mailbox
    mailbox.close()


@pytest.fixture
def parts(tmp_path: Path, database_url: str, mailbox: Mailbox) -> Iterator[ServiceParts]:
    """Yield a service with the real clock, on the store that the web process and the worker use."""
    settings = replace(settings_of(tmp_path, FORM_DATABASE_URL=database_url), smtp_url=mailbox.url)
    parts = parts_of(settings)
    yield parts
    parts.store.close()


class ForkedWebProcess:
    """A web process that the fork server starts. It kills itself at the step `fail_at`, unless `fail_at` is empty."""

    def __init__(self, fork_server: ForkServerClient, parts: ServiceParts, fail_at: str = "") -> None:
        self.port = free_port()
        self.fork_server = fork_server
        environment = environment_of(parts.settings, FORM_FAIL_POINT=fail_at)
        self.pid = fork_server.start("serve", "--port", str(self.port), environment=environment)

    def is_healthy(self) -> bool:
        connection = self.connect()
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def wait_until_ready(self) -> "ForkedWebProcess":
        wait_until(self.is_healthy, "the web process answers")
        return self

    def kill(self) -> None:
        self.fork_server.kill(self.pid)


def start_worker(fork_server: ForkServerClient, parts: ServiceParts, fail_at: str = "") -> int:
    return fork_server.start("deliver", environment=environment_of(parts.settings, FORM_FAIL_POINT=fail_at))


def expire_leases(parts: ServiceParts) -> None:
    """Expire the leases on deliveries, as happens a minute after a worker is killed."""
    with parts.store.writing() as (connection, _):
        connection.exec_driver_sql("UPDATE delivery SET lease_until = 0, next_try = 0 WHERE lease IS NOT NULL")


def press_send(person: PersonAboutToSend, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        return person.send(connection)
    except HTTP_FAILURES:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("fail_point", ["accepted", "committed"])
def test_killing_the_web_process_at_any_step_loses_no_confirmed_referral(
    fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox, fail_point: str
) -> None:
    (person,) = people_about_to_send(parts, 1)
    killed_process = ForkedWebProcess(fork_server, parts, fail_at=fail_point).wait_until_ready()
    assert not press_send(person, killed_process.port), "the process died, so nobody saw a confirmation"
    wait_until(lambda: not fork_server.is_alive(killed_process.pid), "the web process is dead")
    stored_count = parts.store.reports.counts_by_outcome()["waiting"]
    assert stored_count == (1 if fail_point == "committed" else 0)
    web = ForkedWebProcess(fork_server, parts).wait_until_ready()
    assert press_send(person, web.port), "a second click ends at the confirmation"
    worker_pid = start_worker(fork_server, parts)
    wait_until(lambda: parts.store.reports.counts_by_outcome()["delivered"] == 1, "the referral is delivered")
    assert [name for name, _ in mailbox.emails()] == [person.reference(parts)]
    fork_server.kill(worker_pid)
    web.kill()


@pytest.mark.parametrize("fail_point", ["claimed", "sent", "recorded"])
def test_killing_the_worker_at_any_step_loses_no_referral(
    fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox, fail_point: str
) -> None:
    accepted_reference = parts.accept()
    killed_pid = start_worker(fork_server, parts, fail_at=fail_point)
    wait_until(lambda: not fork_server.is_alive(killed_pid), "the worker is dead")
    assert len(mailbox.emails()) == (0 if fail_point == "claimed" else 1)
    expire_leases(parts)
    worker_pid = start_worker(fork_server, parts)
    wait_until(lambda: parts.store.reports.counts_by_outcome()["delivered"] == 1, "the referral is delivered")
    received_emails = mailbox.emails()
    assert {reference for reference, _ in received_emails} == {accepted_reference}
    assert len(received_emails) == (2 if fail_point == "sent" else 1), (
        "twice only after a kill between the 250 and the commit"
    )
    assert len({message_id for _, message_id in received_emails}) == 1
    fork_server.kill(worker_pid)


def test_killing_the_worker_repeats_at_most_one_email_for_each_sender_thread(
    fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox
) -> None:
    parts.settings = replace(parts.settings, team_email=TEAM_EMAILS)
    references = {parts.accept() for _ in range(4)}
    killed_pid = start_worker(fork_server, parts, fail_at="sent:3")
    wait_until(lambda: not fork_server.is_alive(killed_pid), "the worker is dead")
    expire_leases(parts)
    worker_pid = start_worker(fork_server, parts)
    wait_until(lambda: parts.store.reports.counts_by_outcome()["delivered"] == 4, "everything is delivered")
    fork_server.kill(worker_pid)
    received_emails = mailbox.emails()
    assert {reference for reference, _ in received_emails} == references
    assert (
        len(references) * len(TEAM_EMAILS) <= len(received_emails) <= len(references) * len(TEAM_EMAILS) + SENDER_COUNT
    )


def test_a_referral_is_delivered_after_the_web_process_is_killed(
    fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox
) -> None:
    (person,) = people_about_to_send(parts, 1)
    web = ForkedWebProcess(fork_server, parts).wait_until_ready()
    assert press_send(person, web.port)
    web.kill()
    worker_pid = start_worker(fork_server, parts)
    wait_until(lambda: parts.store.reports.counts_by_outcome()["delivered"] == 1, "the referral is delivered")
    assert [name for name, _ in mailbox.emails()] == [person.reference(parts)]
    fork_server.kill(worker_pid)


@pytest.mark.parametrize("kill_count", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_random_kills_under_load_lose_no_confirmed_referral(
    fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox, kill_count: int
) -> None:
    RandomKillRun(fork_server, parts, mailbox, random.Random(7)).run(kill_count)


class RandomKillRun:
    """A test in which three clients send referrals while the web process or the worker is killed at random moments."""

    def __init__(
        self, fork_server: ForkServerClient, parts: ServiceParts, mailbox: Mailbox, rng: random.Random
    ) -> None:
        self.fork_server, self.parts, self.mailbox, self.rng = fork_server, parts, mailbox, rng
        self.completed_draft = completed_draft(parts)
        self.web = ForkedWebProcess(fork_server, parts).wait_until_ready()
        self.worker_pid = start_worker(fork_server, parts)
        self.confirmed_people: list[PersonAboutToSend] = []
        self.stop_requested = threading.Event()

    def run(self, kill_count: int) -> None:
        threads = [threading.Thread(target=self._send) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(kill_count):
                time.sleep(self.rng.uniform(0.05, 0.35))  # a random moment for the kill
                self._kill_web_or_worker()
            wait_until(
                lambda: len(self.confirmed_people) > kill_count,
                "more referrals are confirmed than processes killed",
                seconds=120,
            )
        finally:
            self.stop_requested.set()
            for thread in threads:
                thread.join()
        self._check_outcome(kill_count)

    def _kill_web_or_worker(self) -> None:
        if self.rng.random() < 0.5:
            self.web.kill()
            self.web = ForkedWebProcess(self.fork_server, self.parts).wait_until_ready()
        else:
            self.fork_server.kill(self.worker_pid)
            self.worker_pid = start_worker(self.fork_server, self.parts)

    def _send(self) -> None:
        people: list[PersonAboutToSend] = []
        while not self.stop_requested.is_set():
            people = people or people_about_to_send(self.parts, 5, self.completed_draft)
            person = people[-1]
            connection = self.web.connect()
            try:
                while not self.stop_requested.is_set() and person.send(connection):
                    self.confirmed_people.append(people.pop())
                    if not people:
                        break
                    person = people[-1]
            except HTTP_FAILURES:
                pass  # the person sees an error, keeps the answers and presses Send again
            except StoreUnavailable:
                pass
            finally:
                connection.close()

    def _check_outcome(self, kill_count: int) -> None:
        self.web.kill()
        self.fork_server.kill(self.worker_pid)
        expire_leases(self.parts)
        worker_pid = start_worker(self.fork_server, self.parts)
        wait_until(
            lambda: self.parts.store.reports.outbox_state().waiting_count == 0, "everything is delivered", seconds=60
        )
        self.fork_server.kill(worker_pid)
        references = {person.reference(self.parts) for person in self.confirmed_people}
        received_emails = Counter(self.mailbox.emails())
        delivered_references = {name for name, _ in received_emails}
        assert len(references) == len(self.confirmed_people) > kill_count, "too few referrals were confirmed"
        assert None not in references
        assert references <= delivered_references, (
            f"{len(references - delivered_references)} confirmed referrals were lost"
        )
        assert len(delivered_references) == len(received_emails), (
            "a second email of a referral must have the same Message-ID"
        )
        repeat_count = sum(number > 1 for number in received_emails.values())
        print(f"{len(references)} confirmed, {kill_count} kills, 0 lost, {repeat_count} sent twice with one Message-ID")
        assert repeat_count <= SENDER_COUNT * kill_count, "at most one repeat for each sender and kill"
