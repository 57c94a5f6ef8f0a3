"""The delivery worker: claims what is due, hands it over, records the result. It never gives up and never deletes."""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import getaddresses

from form_service import failpoints, log
from form_service.alerts import Alerts
from form_service.seal import CannotOpen, Seal
from form_service.settings import Settings
from form_service.smtp import DEADLINE_SECONDS, Handed, MailRoute
from form_service.store import Claim, Outcome, Store, StoreUnavailable
from form_service.store.outbox import LEASE_SECONDS

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0
PURGE_SECONDS = 300.0
# While the mail server cannot be reached, one delivery at a time tries it, at these pauses.
FIRST_ROUTE_PAUSE_SECONDS = 5.0
LONGEST_ROUTE_PAUSE_SECONDS = 60.0


class Worker:
    """One delivery worker. `stop` may be called from a signal handler or another thread."""

    def __init__(self, settings: Settings, seal: Seal, store: Store, route: MailRoute | None = None) -> None:
        self.settings = settings
        self._seal = seal
        self._store = store
        self._route = route or MailRoute(settings.smtp, settings.smtp_ca_file, settings.mail_from)
        self._alerts = Alerts(settings, seal, store)
        self._stop = threading.Event()
        self._route_pause = 0.0
        self._route_ready_at = 0.0
        self._next_heartbeat = 0.0

    def stop(self) -> None:
        """Finish the mail in hand, then end."""
        self._stop.set()

    def run(self, once: bool = False) -> None:
        """Deliver until stopped; with `once`, until nothing is due."""
        with self._only_worker() as is_ours:
            if not is_ours:
                return
            self._start()
            try:
                while not self._stop.is_set():
                    worked = self._guarded_round()
                    if once and not worked:
                        break
                    if not worked:
                        self._stop.wait(POLL_SECONDS)
            finally:
                self._route.close()

    # One round

    def _guarded_round(self) -> bool:
        """A round whose own faults do not end the worker: what it could not do is tried again at the next."""
        try:
            return self._round()
        except Exception as error:
            log.unexpected(error)
            return False

    def _round(self) -> bool:
        """Deliver what is due; whether there was anything."""
        try:
            self._upkeep()
            if time.monotonic() < self._route_ready_at:
                return False
            claim = self._store.claim()
        except StoreUnavailable as error:
            log.warn("store-unavailable", error=error.kind)
            return False
        worked = claim is not None
        while claim is not None:
            claim = self._deliver(claim)
        return worked

    def _deliver(self, claim: Claim) -> Claim | None:
        """Send one delivery, record it, and give the next one if there is one to go on with."""
        failpoints.reach("claimed")
        taken_at = time.monotonic()
        try:
            outcome, route_failed = self._send(claim)
        except Exception as error:  # one mail that nobody foresaw must not hold up the rest
            log.unexpected(error)
            with contextlib.suppress(Exception):
                self._route.close()
            outcome, route_failed = Outcome(False, "unexpected", maybe_sent=True), False
        failpoints.reach("sent")
        self._note_route(route_failed)
        go_on = not self._stop.is_set() and not route_failed and time.monotonic() < self._next_heartbeat
        recorded, following = self._record(claim, outcome, go_on, taken_at + LEASE_SECONDS)
        failpoints.reach("recorded")
        log.event(
            "delivered" if outcome.delivered else "not-delivered",
            reference=claim.reference,
            kind=claim.kind,
            tries=claim.tries,
            error=outcome.error or None,
            state="recorded" if recorded else "unrecorded",
            seconds=round(time.monotonic() - taken_at, 3),
        )
        return following

    def _send(self, claim: Claim) -> tuple[Outcome, bool]:
        try:
            data = self._seal.open(claim.key_id, claim.sealed)
        except CannotOpen:
            return Outcome(False, "key-missing"), False
        recipient = claim.recipient or _recipient_of(data)
        sender = self.settings.neutral_from if claim.kind == "neutral" else self.settings.mail_from
        handed = self._route.send(recipient, data, sender or self.settings.mail_from, DEADLINE_SECONDS)
        return _outcome(handed), handed.route

    def _record(self, claim: Claim, outcome: Outcome, go_on: bool, until: float) -> tuple[bool, Claim | None]:
        """Record the outcome, trying again while the lease lasts: an unrecorded mail would be sent twice."""
        pause = 0.05
        while True:
            try:
                return self._store.finish(claim, outcome, claim_next=go_on)
            except StoreUnavailable as error:
                log.warn("cannot-record", reference=claim.reference, error=error.kind)
                go_on = False
                if error.kind == "disk-full" and self._store.ballast is not None:
                    self._store.ballast.release()
            if time.monotonic() + pause > until:
                return False, None
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _note_route(self, failed: bool) -> None:
        if failed:
            self._route_pause = min(max(self._route_pause * 2, FIRST_ROUTE_PAUSE_SECONDS), LONGEST_ROUTE_PAUSE_SECONDS)
            self._route_ready_at = time.monotonic() + self._route_pause
        elif self._route_pause:
            self._route_pause = 0.0
            with contextlib.suppress(StoreUnavailable):
                self._store.make_due()  # what met the same closed door need not wait out its pause

    # Upkeep

    def _start(self) -> None:
        try:
            if self._store.database.path is not None:
                self._store.end_leases()
                if self._store.ballast is not None:
                    self._store.ballast.hold()
            self._store.make_due()
        except StoreUnavailable as error:
            log.warn("store-unavailable", error=error.kind)
        log.event("worker-started", pid=os.getpid())

    def _upkeep(self) -> None:
        now = time.monotonic()
        if now < self._next_heartbeat:
            return
        self._next_heartbeat = now + HEARTBEAT_SECONDS
        self._store.set_fact("heartbeat", str(os.getpid()))
        self._store.mend_clock()
        if self._store.take_turn("purge", PURGE_SECONDS):
            self._purge()
        self._alerts.look()

    def _purge(self) -> None:
        purged = self._store.purge(self.settings.keep_days)
        log.event("purged", mails=purged.mails, drafts=purged.drafts)
        if self._store.ballast is not None:
            self._store.ballast.hold()

    @contextlib.contextmanager
    def _only_worker(self) -> Iterator[bool]:
        """On SQLite one worker delivers and a second one waits here for its end; False when it was stopped waiting."""
        path = self._store.database.path
        if path is None:
            yield True
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".worker"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield self._wait_for(lock)
        finally:
            os.close(lock)

    def _wait_for(self, lock: int) -> bool:
        while not self._stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._stop.wait(POLL_SECONDS)
            else:
                return True
        return False


def _outcome(handed: Handed) -> Outcome:
    return Outcome(handed.taken, handed.error, handed.permanent and not handed.route, handed.maybe)


def _recipient_of(data: bytes) -> str:
    """The address of a neutral copy, which stands only inside its sealed mail."""
    headers = BytesHeaderParser(policy=default).parsebytes(data)
    addresses = getaddresses([str(headers["To"] or "")])
    return addresses[0][1] if addresses else ""
