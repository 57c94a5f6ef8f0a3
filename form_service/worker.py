"""The delivery worker, whose senders claim, send and record emails in parallel.

If the worker is killed, each sender sends at most one email twice. The worker never gives up on an email to the team.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

from form_service import failpoints, logs
from form_service.config.settings import Settings
from form_service.crypto import CannotOpen, Sealer
from form_service.mail.message import recipient_of, replace_sender
from form_service.mail.route_backoff import RouteBackoff
from form_service.mail.smtp_client import MailRoute, SendResult
from form_service.store import Store, StoreUnavailable
from form_service.store.claims import LEASE_SECONDS, ClaimedDelivery
from form_service.store.outbox import DeliveryResult, FailureScope
from form_service.store.readdressing import readdress
from form_service.store.worker_lock import worker_lock

# One more than may send to one recipient, or send one email, at the same time (MAX_SENDERS_PER_RECIPIENT).
SENDER_COUNT = 3
POLL_INTERVAL_SECONDS = 1.0
HEARTBEAT_INTERVAL_SECONDS = 10.0
PURGE_INTERVAL_SECONDS = 300.0
# While the mail server cannot be reached, one sender at a time tries it, with pauses that grow to this limit.
LONGEST_ROUTE_PAUSE_SECONDS = 60.0
# The same for neutral copies, which have another sender and recipients: the team's email never waits for them.
LONGEST_COPIES_PAUSE_SECONDS = 300.0
COPY_ATTEMPT_SECONDS = 15.0
# After a request to stop, an email that is being sent may take this long (systemd waits for 70 seconds).
STOP_SECONDS = 45.0


class Sender:
    """A sender of the worker. It delivers emails one at a time over its own connection."""

    def __init__(self, worker: "Worker", route: MailRoute) -> None:
        self._settings, self._sealer, self._store = worker.settings, worker.sealer, worker.store
        self._route_backoff, self._copies_backoff = worker.route_backoff, worker.copies_backoff
        self._monotonic = worker.monotonic
        self._lease_ends_at = 0.0  # monotonic time
        self.store_failure: StoreUnavailable | None = None  # of the last claim
        self.route = route

    def deliver_all(self, stop: threading.Event) -> bool:
        """Deliver emails until `stop` is set or none can be claimed. Return whether any was claimed."""
        delivery = self.claim()
        has_claimed = delivery is not None
        while delivery is not None:
            delivery = self.record(delivery, self.send(delivery), claim_next=not stop.is_set())
        return has_claimed

    def claim(self) -> ClaimedDelivery | None:
        """Claim a due delivery. Return None if none is due, the route is paused or the store is unavailable."""
        if not self._route_backoff.acquire():
            return None
        delivery = None
        try:
            started_at = self._monotonic()
            delivery = self._store.outbox.claim(include_neutral_copies=self._copies_backoff.is_over)
            self._lease_ends_at = started_at + LEASE_SECONDS
            self.store_failure = None
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
            self.store_failure = error
            self._release_space_if_full(error)
        finally:
            if delivery is None:
                self._route_backoff.release()
        failpoints.reach("claimed")
        return delivery

    def send(self, delivery: ClaimedDelivery) -> DeliveryResult:
        """Send the email of a claimed delivery. A failure is returned, never raised."""
        try:
            result = self._send_copy_to_person(delivery) if delivery.kind == "neutral" else self._send_to_team(delivery)
        except CannotOpen:
            result = DeliveryResult(False, "key-missing")
        except Exception as error:  # an unexpected error with one email must not stop the others
            logs.exception(error)
            with suppress(Exception):
                self.route.close()
            result = DeliveryResult(False, "unexpected", maybe_sent=True)
        finally:
            self._route_backoff.release()
        failpoints.reach("sent")
        return result

    def record(
        self, delivery: ClaimedDelivery, result: DeliveryResult, claim_next: bool = False
    ) -> ClaimedDelivery | None:
        """Record a delivery's result. If `claim_next`, claim another and return it. Return None if none was claimed."""
        next_delivery = None
        claim_next = claim_next and self._route_backoff.acquire()
        try:
            is_recorded, next_delivery = self._finish_and_claim(delivery, result, claim_next)
        finally:
            if claim_next and next_delivery is None:
                self._route_backoff.release()
        failpoints.reach("recorded")
        logs.event(
            "delivered" if result.delivered else "not-delivered",
            reference=delivery.reference,
            kind=delivery.kind,
            tries=delivery.tries,
            error=result.error or None,
            state="recorded" if is_recorded else "unrecorded",
        )
        if next_delivery is not None:
            failpoints.reach("claimed")
        return next_delivery

    def _send_to_team(self, delivery: ClaimedDelivery) -> DeliveryResult:
        mail_from = self._settings.mail_from
        data = replace_sender(self._sealer.open(delivery.key_id, delivery.sealed), mail_from)
        send_result = self.route.send(delivery.recipient, data, mail_from, None, lambda: self._extend_lease(delivery))
        self._route_backoff.record_result(send_result.route_failed)
        return _delivery_result(send_result)

    def _send_copy_to_person(self, delivery: ClaimedDelivery) -> DeliveryResult:
        mail_from = self._settings.neutral_from
        if not mail_from:
            return DeliveryResult(False, "no-sender", permanent=True)  # so that the copy is dropped
        data = replace_sender(self._sealer.open(delivery.key_id, delivery.sealed), mail_from)
        send_result = self.route.send(
            recipient_of(data), data, mail_from, COPY_ATTEMPT_SECONDS, lambda: self._extend_lease(delivery)
        )
        if send_result.permanent and send_result.error_class.startswith("mail-"):  # the sender is refused
            return DeliveryResult(False, send_result.error_class, permanent=True)
        self._copies_backoff.record_result(send_result.route_failed)
        return _delivery_result(send_result)

    def _release_space_if_full(self, error: StoreUnavailable) -> None:
        if error.kind == "disk-full" and self._store.reserved_space is not None:
            self._store.reserved_space.release()

    def _extend_lease(self, delivery: ClaimedDelivery) -> None:
        started_at = self._monotonic()
        try:
            if self._store.outbox.extend_lease(delivery):
                self._lease_ends_at = started_at + LEASE_SECONDS
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)

    def _finish_and_claim(
        self, delivery: ClaimedDelivery, result: DeliveryResult, claim_next: bool = False
    ) -> tuple[bool, ClaimedDelivery | None]:
        pause_seconds = 0.05
        while True:
            started_at = self._monotonic()
            try:
                if not claim_next:
                    return self._store.outbox.finish(delivery, result), None
                result_and_claim = self._store.outbox.finish_and_claim(delivery, result, self._copies_backoff.is_over)
                self._lease_ends_at = started_at + LEASE_SECONDS
                return result_and_claim
            except StoreUnavailable as error:
                logs.warn("cannot-record", reference=delivery.reference, error=error.kind)
                claim_next = False
                self._release_space_if_full(error)
            if self._monotonic() + pause_seconds > self._lease_ends_at:
                return False, None
            time.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, 2.0)


class Worker:
    """The delivery worker, which runs several senders in threads."""

    def __init__(
        self,
        settings: Settings,
        sealer: Sealer,
        store: Store,
        run_alongside: Callable[[threading.Event], AbstractContextManager[None]] = lambda _stop: nullcontext(),
        make_route: Callable[[], MailRoute] | None = None,
        sender_count: int = SENDER_COUNT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create `sender_count` senders, each with a mail route from `make_route` (if it is None, to FORM_SMTP_URL).

        The context manager that `run_alongside` returns is active while the worker runs.
        """
        self.settings, self.sealer, self.store, self.monotonic = settings, sealer, store, monotonic
        self.route_backoff = RouteBackoff(LONGEST_ROUTE_PAUSE_SECONDS, monotonic)
        self.copies_backoff = RouteBackoff(LONGEST_COPIES_PAUSE_SECONDS, monotonic)
        server, ca_file = settings.mail_server, settings.smtp_ca_file
        make_route = make_route or (lambda: MailRoute(server, ca_file, settings.mail_from, monotonic))
        self.senders = [Sender(self, make_route()) for _ in range(sender_count)]
        self._run_alongside = run_alongside
        self._stop = threading.Event()
        self._next_upkeep_at = 0.0  # monotonic time

    def stop(self) -> None:
        """Ask the worker to stop. Any thread may call this. An email that is being sent may take STOP_SECONDS more."""
        self._stop.set()

    def run(self, once: bool = False) -> None:
        """Deliver emails until `stop` is called or, with `once`, until none is due.

        Raises AlreadyRunning or StoreUnavailable, but only with `once`: otherwise the worker waits and tries again.
        """
        with worker_lock(self.store.database.path, None if once else self._stop):
            if self._stop.is_set():
                return
            self._prepare_store()
            with self._run_alongside(self._stop):
                self._run_senders(once)
        if once and (failures := [sender.store_failure for sender in self.senders if sender.store_failure]):
            raise failures[0]

    def _run_senders(self, once: bool) -> None:
        threads = [
            threading.Thread(target=self._keep_sending, args=(sender, once), name="sender", daemon=True)
            for sender in self.senders
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and not self._stop.is_set():
            self._call_and_log_errors(self.run_upkeep)
            _join_all(threads, POLL_INTERVAL_SECONDS)
        for sender in self.senders:
            sender.route.shorten_deadline(STOP_SECONDS)
        _join_all(threads, STOP_SECONDS + COPY_ATTEMPT_SECONDS)

    def _keep_sending(self, sender: Sender, once: bool) -> None:
        try:
            while not self._stop.is_set():
                was_busy = self._call_and_log_errors(lambda: sender.deliver_all(self._stop))
                if once and not was_busy:
                    break
                self._stop.wait(0 if was_busy else POLL_INTERVAL_SECONDS)
        finally:
            sender.route.close()

    @staticmethod
    def _call_and_log_errors(task: Callable[[], bool | None]) -> bool:
        """Call `task`, and return whether it returned true. An unexpected error is logged and counts as false."""
        try:
            return bool(task())
        except Exception as error:
            logs.exception(error)
            return False

    def _prepare_store(self) -> None:
        try:
            if self.store.database.path is not None:
                self.store.outbox.end_leases()
                self._reserve_disk_space()
            readdress(self.store, self.settings.team_email)  # send nothing to people who have left the team
            self.store.outbox.make_due()
            self.store.facts.set("heartbeat", str(os.getpid()))  # before the first check for incidents
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
        logs.event("worker-started", pid=os.getpid())

    def run_upkeep(self) -> None:
        """Record a heartbeat and correct due times every 10 seconds at most. Purge old data every 5 minutes at most."""
        if self.monotonic() < self._next_upkeep_at:
            return
        self._next_upkeep_at = self.monotonic() + HEARTBEAT_INTERVAL_SECONDS
        try:
            self.store.facts.set("heartbeat", str(os.getpid()))
            self.store.outbox.correct_due_times()
            if self.store.facts.claim_job("purge", PURGE_INTERVAL_SECONDS):
                purge_result = self.store.purge(self.settings.keep_days, needs_confirmation=self.settings.receipt)
                logs.event("purged", mails=purge_result.email_count, drafts=purge_result.draft_count)
                self._reserve_disk_space()
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)

    def _reserve_disk_space(self) -> None:
        if (reserved_space := self.store.reserved_space) is not None:
            reserved_space.reserve()


def _join_all(threads: list[threading.Thread], seconds: float) -> None:
    """Join all threads, waiting at most `seconds` in total."""
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _delivery_result(send_result: SendResult) -> DeliveryResult:
    """Convert a SendResult to the outbox's DeliveryResult."""
    scope = FailureScope.RECIPIENT if send_result.recipient_failed else FailureScope.EMAIL
    scope = FailureScope.ROUTE if send_result.route_failed else scope
    return DeliveryResult(
        send_result.accepted,
        send_result.error_class,
        permanent=send_result.permanent and not send_result.route_failed,
        maybe_sent=send_result.uncertain,
        uncertain=send_result.uncertain,
        scope=scope,
        recipient_reached=scope is FailureScope.EMAIL,
    )
