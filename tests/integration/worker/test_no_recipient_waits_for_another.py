"""While one recipient or email fails, emails to all other recipients reach the mail server within a minute."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from form_service.mail import smtp_connection
from form_service.operations.alerts import IncidentChecker
from form_service.store import claims
from form_service.store.retry_pauses import LONGEST_PAUSE_SECONDS
from form_service.store.schema import MAX_UNCERTAIN_TRIES
from form_service.worker import Worker
from tests.support.mail_server import MailServer
from tests.support.service_parts import Clock, ServiceParts
from tests.support.simulation import REACTION_SECONDS, STEP_SECONDS, Simulation
from tests.support.waiting import wait_until

pytestmark = pytest.mark.long


StartMailServer = Callable[..., MailServer]
Simulate = Callable[..., Simulation]
FAILING_RECIPIENT, HEALTHY_RECIPIENT = "bad@team.example", "good@team.example"
MAX_WAIT_SECONDS = 60.0
STAGES_AND_FAULTS = [
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
    monkeypatch.setattr(smtp_connection, "WAIT_SLICE_SECONDS", REACTION_SECONDS)
    simulations: list[Simulation] = []

    def start(server: MailServer, keep_smtp_url: bool = False, poll_seconds: float = STEP_SECONDS) -> Simulation:
        if not keep_smtp_url:
            parts.settings = replace(parts.settings, smtp_url=server.url)
        simulations.append(Simulation(parts, clock, server, poll_seconds=poll_seconds))
        return simulations[-1]

    yield start
    for simulation in simulations:
        simulation.close()


# Every fault runs with six waiting emails. With one and fifty only "hang" does; the rest runs in `make soak`.
FAULT_CASES = [
    pytest.param(stage, fault, waiting_count, marks=[] if waiting_count == 6 or fault == "hang" else pytest.mark.soak)
    for stage, fault in STAGES_AND_FAULTS
    for waiting_count in (1, 6, 50)
]


@pytest.mark.parametrize(
    ("stage", "fault", "waiting_count"), FAULT_CASES, ids=lambda value: str(value).replace(" ", "-")
)
def test_a_healthy_recipient_never_waits_for_a_failing_one(
    simulate: Simulate, clock: Clock, start_mail_server: StartMailServer, stage: str, fault: str, waiting_count: int
) -> None:
    simulation = simulate(start_mail_server(faults_by_recipient={FAILING_RECIPIENT: {stage: fault}}))
    for _ in range(waiting_count):
        simulation.accept(FAILING_RECIPIENT)
    for delay in range(0, 181, 30):
        simulation.schedule(clock.now + delay, lambda: simulation.accept(FAILING_RECIPIENT, HEALTHY_RECIPIENT))
    simulation.run(180 + MAX_WAIT_SECONDS + STEP_SECONDS)
    waiting_times = simulation.seconds_until_delivered(HEALTHY_RECIPIENT)
    assert len(waiting_times) == 7
    assert max(waiting_times.values()) <= MAX_WAIT_SECONDS
    delivery_counts = Counter(
        reference for recipient, reference, _ in simulation.deliveries if recipient == HEALTHY_RECIPIENT
    )
    assert set(delivery_counts.values()) == {1}, "each once"
    attempts_at_failing_recipient = [
        moment for recipient, moment in simulation.attempts if recipient == FAILING_RECIPIENT
    ]
    assert attempts_at_failing_recipient, "the failing recipient is tried, too"


@pytest.mark.parametrize("seconds", [45, 300, 590])
def test_an_email_that_the_server_accepts_late_is_sent_once(
    simulate: Simulate, start_mail_server: StartMailServer, seconds: int
) -> None:
    simulation = simulate(start_mail_server(faults={"content": f"after {seconds}:"}))
    references = {simulation.accept(HEALTHY_RECIPIENT) for _ in range(4)}
    simulation.run(4 * seconds + 60)
    assert Counter(reference for _, reference, _ in simulation.deliveries) == Counter(references)


def test_an_email_with_three_uncertain_attempts_is_held_until_the_operator_retries_it(
    simulate: Simulate, start_mail_server: StartMailServer, parts: ServiceParts
) -> None:
    server = start_mail_server(faults_by_recipient={FAILING_RECIPIENT: {"content": "hang"}})
    simulation = simulate(server, poll_seconds=60)
    reference = simulation.accept(FAILING_RECIPIENT)
    simulation.run(3600)
    assert len(simulation.attempts) == MAX_UNCERTAIN_TRIES
    (row,) = parts.store.reports.waiting_deliveries()
    assert (row.state, row.error, row.tries) == ("held", "timeout-after-data", MAX_UNCERTAIN_TRIES)
    assert parts.store.reports.outbox_state().held_count == 1
    incident_names = [
        incident.name for incident in IncidentChecker(parts.settings, parts.sealer, parts.store)._store_incidents()
    ]
    assert "held" in incident_names
    parts.store.outbox.make_due()  # as a worker does when it starts
    simulation.run(3600)
    assert len(simulation.attempts) == MAX_UNCERTAIN_TRIES, "not repeated by a restart"
    server.behaviour.faults_by_recipient.clear()
    assert parts.store.outbox.retry([reference]) == 1
    simulation.run(120)
    assert len(simulation.attempts) == MAX_UNCERTAIN_TRIES + 1
    assert parts.store.reports.counts_by_outcome()["delivered"] == 1
    assert parts.store.reports.outbox_state().held_count == 0


def test_hanging_deliveries_to_four_recipients_delay_no_other_delivery(
    simulate: Simulate, start_mail_server: StartMailServer, clock: Clock
) -> None:
    recipients = [f"{number}@team.example" for number in range(4)]
    simulation = simulate(
        start_mail_server(faults_by_recipient={recipient: {"content": "hang"} for recipient in recipients})
    )
    simulation.accept(*recipients)
    simulation.schedule(clock.now + 10, lambda: simulation.accept(HEALTHY_RECIPIENT))
    simulation.run(10 + MAX_WAIT_SECONDS)
    assert len(simulation.seconds_until_delivered(HEALTHY_RECIPIENT)) == 1


def test_emails_to_a_failing_recipient_wait_together_and_arrive_together(
    simulate: Simulate, start_mail_server: StartMailServer, parts: ServiceParts
) -> None:
    server = start_mail_server(faults_by_recipient={FAILING_RECIPIENT: {"rcpt": "451 later"}})
    simulation = simulate(server)
    references = {simulation.accept(FAILING_RECIPIENT) for _ in range(20)}
    simulation.run(60)
    simulation.poll_seconds = 30.0
    simulation.run(3600)
    pauses = [later - earlier for earlier, later in pairwise(moment for _, moment in simulation.attempts)]
    assert len(pauses) < 15, "one delivery is tried for all of them"
    assert pauses[0] <= 10 and max(pauses) <= LONGEST_PAUSE_SECONDS + 30
    assert {row.error for row in parts.store.reports.waiting_deliveries()} == {"rcpt-451"}, (
        "deliveries that were not tried have the error, too"
    )
    assert max(row.tries for row in parts.store.reports.waiting_deliveries()) == 1, "the deliveries take turns"
    server.behaviour.faults_by_recipient.clear()
    simulation.run(LONGEST_PAUSE_SECONDS + 60)
    assert {reference for _, reference, _ in simulation.deliveries} == references
    moments = [moment for _, _, moment in simulation.deliveries]
    assert max(moments) - min(moments) <= 30


def test_an_email_refused_for_its_content_delays_no_other_email(
    simulate: Simulate, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server(faults={"content": "554 spam"})
    simulation = simulate(server)
    simulation.accept(HEALTHY_RECIPIENT)
    simulation.run(10)
    server.behaviour.faults.clear()
    accepted_reference = simulation.accept(HEALTHY_RECIPIENT)
    simulation.run(10)
    assert [reference for _, reference, _ in simulation.deliveries] == [accepted_reference]


@pytest.mark.parametrize(
    ("stage", "fault"),
    [("greeting", "hang"), ("greeting", "drop"), ("ehlo", "421 busy"), ("auth", "535 wrong"), ("mail", "550 not you")],
)
def test_a_failure_of_the_mail_server_pauses_deliveries_to_every_recipient_until_it_recovers(
    simulate: Simulate, start_mail_server: StartMailServer, parts: ServiceParts, stage: str, fault: str
) -> None:
    server = start_mail_server(faults={stage: fault})
    parts.settings = replace(parts.settings, smtp_url=f"smtp://form:secret@127.0.0.1:{server.port}")
    simulation = simulate(server, keep_smtp_url=True)
    for _ in range(5):
        simulation.accept(HEALTHY_RECIPIENT, FAILING_RECIPIENT)
    simulation.run(600)
    assert 6 < len(simulation.attempts) < 25, "at pauses up to a minute, after a first try of each sender"
    server.behaviour.faults.clear()
    simulation.run(120)
    assert Counter(recipient for recipient, _, _ in simulation.deliveries) == {
        HEALTHY_RECIPIENT: 5,
        FAILING_RECIPIENT: 5,
    }


def test_older_emails_are_sent_before_newer_ones(simulate: Simulate, start_mail_server: StartMailServer) -> None:
    server = start_mail_server(faults={"rcpt": "after 8:"})
    simulation = simulate(server)
    references = [simulation.accept(HEALTHY_RECIPIENT) for _ in range(12)]
    simulation.run(200)
    delivered_references = [reference for _, reference, _ in simulation.deliveries]
    assert [references.index(reference) // 2 for reference in delivered_references] == sorted(
        references.index(reference) // 2 for reference in delivered_references
    )


def test_claiming_a_delivery_uses_an_index(parts: ServiceParts) -> None:
    parts.accept()
    with parts.store.database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        explain_command = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        plan_by_index = {}
        for index, statement in (
            ("delivery_order", claims._NEXT_TEAM_DELIVERY_QUERY),
            ("delivery_leased", claims._IN_FLIGHT_DELIVERIES_QUERY),
        ):
            values = {"now": 1.0, "latest_lease": 2.0, "busy_recipients": [FAILING_RECIPIENT], "busy_mail_ids": ["x"]}
            parameters = {name: value for name, value in values.items() if name in statement.compile().params}
            sql = statement.params(**parameters).compile(
                dialect=connection.dialect, compile_kwargs={"literal_binds": True}
            )
            plan_by_index[index] = str(connection.exec_driver_sql(f"{explain_command} {sql}").all())
    assert [index for index, plan in plan_by_index.items() if index not in plan] == []


def test_a_hanging_recipient_occupies_at_most_two_senders_of_a_real_worker(
    parts: ServiceParts, start_mail_server: StartMailServer
) -> None:
    server = start_mail_server(faults_by_recipient={FAILING_RECIPIENT: {"rcpt": "hang"}})
    parts.settings = replace(parts.settings, smtp_url=server.url, team_email=(FAILING_RECIPIENT,))
    for _ in range(6):
        parts.accept()
    worker = Worker(parts.settings, parts.sealer, parts.store)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    wait_until(lambda: server.rcpt_addresses.count(FAILING_RECIPIENT) == 2, "two senders hang")
    parts.settings = replace(parts.settings, team_email=(FAILING_RECIPIENT, HEALTHY_RECIPIENT))
    reference = parts.accept()
    wait_until(
        lambda: [email for email in server.received_emails if reference.encode() in email.data],
        "the healthy recipient gets it meanwhile",
    )
    assert server.rcpt_addresses.count(FAILING_RECIPIENT) == 2
    worker.stop()
    server.close()
    thread.join(20)
    assert not thread.is_alive()
