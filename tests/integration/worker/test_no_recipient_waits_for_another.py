"""While one recipient or email fails, the emails of all other recipients reach the server within a minute."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from form_service.mail import smtp_connection
from form_service.operations.alerts import Alerts
from form_service.store import claims
from form_service.store.retry_pauses import LONGEST_PAUSE_SECONDS
from form_service.store.schema import UNCERTAIN_LIMIT
from form_service.worker import Worker
from tests.support.mail_server import MailServer
from tests.support.service_parts import Clock, ServiceParts
from tests.support.simulation import SLICE_SECONDS, STEP_SECONDS, Simulation
from tests.support.waiting import until

pytestmark = pytest.mark.long


Start = Callable[..., MailServer]
Simulate = Callable[..., Simulation]
BAD, GOOD = "bad@team.example", "good@team.example"
BOUND_SECONDS = 60.0
FAULTS = [
    ("rcpt", "451 later"),
    ("rcpt", "550 unknown"),
    ("rcpt", "421 closing"),
    ("rcpt", "after 20: 451 later"),
    ("rcpt", "after 20: 421 closing"),
    ("rcpt", "after 45:"),
    ("rcpt", "after 110: 550 unknown"),
    ("rcpt", "hang"),
    ("rcpt", "drip"),
    ("rcpt", "drop"),
    ("data", "451 later"),
    ("data", "after 20: 421 closing"),
    ("data", "hang"),
    ("data", "drop"),
    ("content", "452 full"),
    ("content", "554 spam"),
    ("content", "after 20: 421 closing"),
    ("content", "after 45:"),
    ("content", "after 300:"),
    ("content", "hang"),
    ("content", "drop"),
]


@pytest.fixture
def simulate(parts: ServiceParts, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulate]:
    monkeypatch.setattr(smtp_connection, "WAIT_SLICE_SECONDS", SLICE_SECONDS)
    running: list[Simulation] = []

    def start(server: MailServer, keep_url: bool = False, poll: float = STEP_SECONDS) -> Simulation:
        if not keep_url:
            parts.settings = replace(parts.settings, smtp_url=server.url)
        running.append(Simulation(parts, clock, server, poll=poll))
        return running[-1]

    yield start
    for simulation in running:
        simulation.close()


# Every fault runs with six waiting emails; with one and fifty, only "hang" does, and the rest in `make soak`.
CASES = [
    pytest.param(stage, fault, waiting, marks=[] if waiting == 6 or fault == "hang" else pytest.mark.soak)
    for stage, fault in FAULTS
    for waiting in (1, 6, 50)
]


@pytest.mark.parametrize(("stage", "fault", "waiting"), CASES, ids=lambda value: str(value).replace(" ", "-"))
def test_a_healthy_recipient_never_waits_for_a_failing_one(
    simulate: Simulate, clock: Clock, mail_server: Start, stage: str, fault: str, waiting: int
) -> None:
    simulation = simulate(mail_server(by_recipient={BAD: {stage: fault}}))
    for _ in range(waiting):
        simulation.accept(BAD)
    for moment in range(0, 181, 30):
        simulation.at(clock.now + moment, lambda: simulation.accept(BAD, GOOD))
    simulation.run(180 + BOUND_SECONDS + STEP_SECONDS)
    waited = simulation.waited(GOOD)
    assert len(waited) == 7
    assert max(waited.values()) <= BOUND_SECONDS
    good = Counter(reference for recipient, reference, _ in simulation.received if recipient == GOOD)
    assert set(good.values()) == {1}, "each once"
    bad = [moment for recipient, moment in simulation.attempts if recipient == BAD]
    assert bad, "the failing one is tried, too"


@pytest.mark.parametrize("seconds", [45, 300, 590])
def test_an_email_that_is_accepted_late_is_sent_once(
    simulate: Simulate, mail_server: Start, clock: Clock, seconds: int
) -> None:
    simulation = simulate(mail_server(faults={"content": f"after {seconds}:"}))
    names = {simulation.accept(GOOD) for _ in range(4)}
    simulation.run(4 * seconds + 60)
    assert Counter(name for _, name, _ in simulation.received) == Counter(names)


def test_an_email_without_a_final_reply_is_held_after_three_tries_reported_and_repeated_only_on_command(
    simulate: Simulate, mail_server: Start, parts: ServiceParts, clock: Clock
) -> None:
    server = mail_server(by_recipient={BAD: {"content": "hang"}})
    simulation = simulate(server, poll=60)
    name = simulation.accept(BAD)
    simulation.run(3600)
    assert len(simulation.attempts) == UNCERTAIN_LIMIT
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.state, row.error, row.tries) == ("held", "timeout-after-data", UNCERTAIN_LIMIT)
    assert parts.store.reports.outbox_state().held == 1
    incidents = [incident.name for incident in Alerts(parts.settings, parts.sealer, parts.store)._outbox_incidents()]
    assert "held" in incidents
    parts.store.outbox.make_due()  # as a worker does when it starts
    simulation.run(3600)
    assert len(simulation.attempts) == UNCERTAIN_LIMIT, "not repeated by a restart"
    server.behaviour.by_recipient.clear()
    assert parts.store.outbox.retry([name]) == 1
    simulation.run(120)
    assert len(simulation.attempts) == UNCERTAIN_LIMIT + 1
    assert parts.store.reports.counts_by_outcome()["delivered"] == 1
    assert parts.store.reports.outbox_state().held == 0


def test_an_email_that_hangs_at_every_recipient_delays_no_other(
    simulate: Simulate, mail_server: Start, clock: Clock
) -> None:
    recipients = [f"{number}@team.example" for number in range(4)]
    simulation = simulate(mail_server(by_recipient={recipient: {"content": "hang"} for recipient in recipients}))
    simulation.accept(*recipients)
    simulation.at(clock.now + 10, lambda: simulation.accept(GOOD))
    simulation.run(10 + BOUND_SECONDS)
    assert len(simulation.waited(GOOD)) == 1


def test_what_waits_for_a_failing_recipient_waits_together_and_goes_at_once_when_it_is_back(
    simulate: Simulate, mail_server: Start, parts: ServiceParts, clock: Clock
) -> None:
    server = mail_server(by_recipient={BAD: {"rcpt": "451 later"}})
    simulation = simulate(server)
    names = {simulation.accept(BAD) for _ in range(20)}
    simulation.run(60)
    simulation.poll = 30.0
    simulation.run(3600)
    pauses = [b - a for a, b in pairwise(moment for _, moment in simulation.attempts)]
    assert len(pauses) < 15, "one of them probes for all"
    assert pauses[0] <= 10 and max(pauses) <= LONGEST_PAUSE_SECONDS + 30
    assert {row.error for row in parts.store.reports.waiting_deliveries()} == {"rcpt-451"}, (
        "also of those that were not tried"
    )
    assert max(row.tries for row in parts.store.reports.waiting_deliveries()) == 1, "the probes take turns"
    server.behaviour.by_recipient.clear()
    simulation.run(LONGEST_PAUSE_SECONDS + 60)
    assert {name for _, name, _ in simulation.received} == names
    moments = [moment for _, _, moment in simulation.received]
    assert max(moments) - min(moments) <= 30


def test_an_email_that_is_refused_itself_pauses_alone(simulate: Simulate, mail_server: Start, clock: Clock) -> None:
    server = mail_server(faults={"content": "554 spam"})
    simulation = simulate(server)
    simulation.accept(GOOD)
    simulation.run(10)
    server.behaviour.faults.clear()
    fine = simulation.accept(GOOD)
    simulation.run(10)
    assert [name for _, name, _ in simulation.received] == [fine]


@pytest.mark.parametrize(
    ("stage", "fault"),
    [("greeting", "hang"), ("greeting", "drop"), ("ehlo", "421 busy"), ("auth", "535 wrong"), ("mail", "550 not you")],
)
def test_only_a_failure_of_the_route_pauses_every_recipient_and_then_one_sender_tries(
    simulate: Simulate, mail_server: Start, parts: ServiceParts, clock: Clock, stage: str, fault: str
) -> None:
    server = mail_server(faults={stage: fault})
    parts.settings = replace(parts.settings, smtp_url=f"smtp://form:secret@127.0.0.1:{server.port}")
    simulation = simulate(server, keep_url=True)
    for _ in range(5):
        simulation.accept(GOOD, BAD)
    simulation.run(600)
    assert 6 < len(simulation.attempts) < 25, "at pauses up to a minute, after a first try of each sender"
    server.behaviour.faults.clear()
    simulation.run(120)
    assert Counter(recipient for recipient, _, _ in simulation.received) == {GOOD: 5, BAD: 5}


def test_an_older_email_is_not_overtaken_without_end(simulate: Simulate, mail_server: Start, clock: Clock) -> None:
    """Emails with the fewest tries are sent first, and of those the oldest."""
    server = mail_server(faults={"rcpt": "after 8:"})
    simulation = simulate(server)
    names = [simulation.accept(GOOD) for _ in range(12)]
    simulation.run(200)
    order = [name for _, name, _ in simulation.received]
    assert [names.index(name) // 2 for name in order] == sorted(names.index(name) // 2 for name in order)


def test_the_claim_reads_an_index_however_many_wait(parts: ServiceParts) -> None:
    parts.accept()
    with parts.store.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plans = {}
        for index, statement in (("delivery_order", claims._NEXT_FOR_THE_TEAM), ("delivery_leased", claims._IN_FLIGHT)):
            values = {"now": 1.0, "latest_lease": 2.0, "busy_recipients": [BAD], "busy_mails": ["x"]}
            used = {name: value for name, value in values.items() if name in statement.compile().params}
            sql = statement.params(**used).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
            plans[index] = str(connection.exec_driver_sql(f"{explain} {sql}").all())
    assert [index for index, plan in plans.items() if index not in plan] == []


def test_on_a_real_worker_a_recipient_that_hangs_occupies_two_senders_and_no_more(
    parts: ServiceParts, mail_server: Start
) -> None:
    server = mail_server(by_recipient={BAD: {"rcpt": "hang"}})
    parts.settings = replace(parts.settings, smtp_url=server.url, team_email=(BAD,))
    for _ in range(6):
        parts.accept()
    worker = Worker(parts.settings, parts.sealer, parts.store)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    until(lambda: server.offered.count(BAD) == 2, "two senders hang")
    parts.settings = replace(parts.settings, team_email=(BAD, GOOD))
    name = parts.accept()
    until(
        lambda: [email for email in server.received if name.encode() in email.data],
        "the healthy recipient gets it meanwhile",
    )
    assert server.offered.count(BAD) == 2
    worker.stop()
    server.close()
    thread.join(20)
    assert not thread.is_alive()
