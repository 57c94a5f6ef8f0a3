"""Run a worker's senders in simulated time, with real SMTP conversations and a real store.

One event runs at a time. During an SMTP conversation, the mail server advances the clock instead of waiting. Then the
clock is set back to the start of the conversation, and an event at the end of the conversation records the result. The
outcome therefore does not depend on thread scheduling.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from form_service.mail.smtp_client import MailRoute
from form_service.store.claims import ClaimedDelivery
from form_service.worker import Sender, Worker
from tests.support.mail_server import ClientDisconnected, MailServer, ReceivedEmail
from tests.support.service_parts import Clock, ServiceParts

STEP_SECONDS = 5.0
REACTION_SECONDS = 0.001  # real time in which a waiting client notices that the simulated clock has advanced


class SimulatedTime:
    """The clock of a simulation. Only the current SMTP conversation may advance it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._conversation_number = 0
        self._read_count = 0
        self._clock_read_condition = threading.Condition()

    def __call__(self) -> float:
        """Return the simulated time, and tell `sleep` that it was read.

        The SMTP client reads it to check its deadlines.
        """
        with self._clock_read_condition:
            self._read_count += 1
            self._clock_read_condition.notify_all()
            return self.clock.now

    def end_conversation(self, started_at: float) -> float:
        """Set the clock back to `started_at`; return the time at which the current SMTP conversation ended."""
        with self._clock_read_condition:
            ended_at, self.clock.now = self.clock.now, started_at
            self._conversation_number += 1
            return ended_at

    def sleep(self, seconds: float, has_disconnected: Callable[[], bool]) -> None:
        """Advance the clock by `seconds`, in steps. Raises ClientDisconnected if the client disconnects meanwhile."""
        with self._clock_read_condition:
            conversation_number = self._conversation_number
        while seconds > 0:
            step = min(seconds, STEP_SECONDS)
            seconds -= step
            with self._clock_read_condition:
                if conversation_number != self._conversation_number:
                    raise ClientDisconnected
                self.clock.advance(step)
                count = self._read_count
                self._clock_read_condition.wait_for(lambda count=count: self._read_count > count, timeout=1)  # type: ignore[misc]
            time.sleep(REACTION_SECONDS / 2)  # time for the client to disconnect, if its deadline has passed
            if has_disconnected():
                raise ClientDisconnected


class Simulation:
    """A simulated run of a worker's senders against one mail server."""

    def __init__(
        self, parts: ServiceParts, clock: Clock, server: MailServer, sender_count: int = 3, poll_seconds: float = 5.0
    ) -> None:
        self.clock = clock
        self.acceptance_times: dict[str, float] = {}  # time by reference
        self.deliveries: list[tuple[str, str, float]] = []  # recipient, reference, time
        self.attempts: list[tuple[str, float]] = []  # recipient, time
        self._parts = parts
        self.poll_seconds = poll_seconds  # between an idle sender's checks of the outbox
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._event_numbers = itertools.count()
        self._time = SimulatedTime(clock)
        server.behaviour.sleep = self._time.sleep
        server.hang_poll_seconds = server.drip_interval_seconds = STEP_SECONDS
        server.on_received = self._record_received
        self.worker = Worker(
            parts.settings,
            parts.sealer,
            parts.store,
            make_route=lambda: MailRoute(parts.settings.mail_server, "", parts.settings.mail_from, self._time),
            sender_count=sender_count,
            monotonic=self._time,
        )
        for sender in self.worker.senders:
            self._schedule_lease_extensions(sender)
            self.schedule(clock.now, lambda sender=sender: self._claim_next(sender))  # type: ignore[misc]

    def schedule(self, moment: float, action: Callable[[], None]) -> None:
        """Schedule an action for the simulated time `moment`."""
        heapq.heappush(self._events, (moment, next(self._event_numbers), action))

    def accept(self, *recipients: str) -> str:
        """Accept a referral for these recipients at the current simulated time; return its reference."""
        self._parts.settings = replace(self._parts.settings, team_email=recipients)
        reference = self._parts.accept()
        self.acceptance_times[reference] = self.clock.now
        return reference

    def run(self, seconds: float) -> None:
        """Run the events that are due in the next `seconds` of simulated time."""
        end = self.clock.now + seconds
        while self._events and self._events[0][0] <= end:
            moment, _, action = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, moment)
            action()
        self.clock.now = end

    def close(self) -> None:
        """Close the senders' connections."""
        for sender in self.worker.senders:
            with suppress(OSError):
                sender.route.close()

    def seconds_until_delivered(self, recipient: str) -> dict[str, float]:
        """Return, for each reference, the seconds from acceptance to the first delivery to `recipient`."""
        seconds_by_reference: dict[str, float] = {}
        for received_by, reference, moment in self.deliveries:
            if received_by == recipient:
                seconds_by_reference.setdefault(reference, moment - self.acceptance_times[reference])
        return seconds_by_reference

    def _claim_next(self, sender: Sender) -> None:
        claimed_delivery = sender.claim()
        if claimed_delivery is None:
            self.schedule(self.clock.now + self.poll_seconds, lambda: self._claim_next(sender))
        else:
            self._converse(sender, claimed_delivery)

    def _converse(self, sender: Sender, claimed_delivery: ClaimedDelivery) -> None:
        started_at = self.clock.now
        self.attempts.append((claimed_delivery.recipient, started_at))
        result = sender.send(claimed_delivery)

        def record() -> None:
            next_claim = sender.record(claimed_delivery, result, claim_next=True)
            if next_claim is None:
                self._claim_next(sender)
            else:
                self._converse(sender, next_claim)

        self.schedule(self._time.end_conversation(started_at), record)

    def _schedule_lease_extensions(self, sender: Sender) -> None:
        """Make the sender extend each lease in a scheduled event, so that earlier events of other senders run first."""
        extend_lease = sender._extend_lease
        sender._extend_lease = lambda delivery: self.schedule(  # type: ignore[method-assign]
            self.clock.now, lambda: extend_lease(delivery)
        )

    def _record_received(self, mail: ReceivedEmail) -> None:
        subject = next(line for line in mail.data.split(b"\r\n") if line.startswith(b"Subject: "))
        self.deliveries.append((mail.recipient, subject.decode().rpartition(" ")[2], self.clock.now))
