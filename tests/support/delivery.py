"""Run a delivery worker with scripted results for each attempt to send an email."""

import threading
from collections.abc import Callable
from email import message_from_bytes

from form_service.mail.smtp_client import SendResult
from form_service.worker import Sender, Worker
from tests.support.service_parts import Clock, ServiceParts

Script = Callable[[str, bytes], SendResult]  # recipient, email → result
ACCEPTED = SendResult(True)
GREYLISTED = SendResult(False, "rcpt-450", recipient_failed=True)
UNKNOWN_RECIPIENT = SendResult(False, "rcpt-550", permanent=True, recipient_failed=True)
UNREACHABLE = SendResult(False, "connection-refused", route_failed=True)
UNCERTAIN = SendResult(False, "timeout-after-data", uncertain=True)


class ScriptedRoute:
    """A stand-in for MailRoute that sends nothing; the function `script` decides the result of each attempt."""

    def __init__(self, script: Script = lambda recipient, data: ACCEPTED) -> None:
        self.script = script
        self.sent_emails: list[tuple[str, bytes]] = []
        self.attempted_references: list[str] = []  # reference of each attempt

    def send(
        self, recipient: str, data: bytes, sender: str, seconds: float | None, on_wait: Callable[[], None]
    ) -> SendResult:
        self.attempted_references.append(str(message_from_bytes(data)["Subject"]).removeprefix("Referral "))
        result = self.script(recipient, data)
        if result.accepted:
            self.sent_emails.append((recipient, data))
        return result

    def shorten_deadline(self, seconds: float) -> None:
        pass

    def close(self) -> None:
        pass


def route_refusing(recipient: str) -> ScriptedRoute:
    """Return a mail route that always refuses this recipient and accepts every other."""
    return ScriptedRoute(lambda address, _: UNKNOWN_RECIPIENT if address == recipient else ACCEPTED)


def worker_of(parts: ServiceParts, route: ScriptedRoute, clock: Clock | None = None, sender_count: int = 1) -> Worker:
    """Return a delivery worker whose senders all use `route`; `clock`, if given, replaces the monotonic clock."""
    worker_options = {} if clock is None else {"monotonic": clock}
    return Worker(
        parts.settings,
        parts.sealer,
        parts.store,
        make_route=lambda: route,  # type: ignore[arg-type,return-value]
        sender_count=sender_count,
        **worker_options,
    )


def deliver_one(sender: Sender) -> bool:
    """Claim and send one due delivery, and record its result; return False if none was due."""
    claimed_delivery = sender.claim()
    if claimed_delivery is not None:
        sender.record(claimed_delivery, sender.send(claimed_delivery))
    return claimed_delivery is not None


def deliver_due(worker: Worker) -> bool:
    """Send all due deliveries with the worker's first sender; return False if none was due."""
    return worker.senders[0].deliver_all(threading.Event())


def pass_time(worker: Worker, clock: Clock, seconds: float, step: float) -> None:
    """Advance the clock in steps of `step` seconds until at least `seconds` have passed.

    Before each step, deliver all due emails.
    """
    end = clock.now + seconds
    while clock.now < end:
        deliver_due(worker)
        clock.advance(step)
