"""The delivery worker: claims what is due, hands it over, records the result. It never gives up and never deletes.

While a mail is sent, the one before it is recorded and the one after it claimed, in one transaction beside: the mail
server and the disk are waited for at the same time. Nothing is sent whose claim is not durable, and never more than
one mail goes before the result of the one before it is.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from form_service import failpoints, logs
from form_service.config.settings import Settings
from form_service.crypto import CannotOpen, Seal
from form_service.mail.backoff import Pause
from form_service.mail.smtp_client import DEADLINE_SECONDS, MailRoute
from form_service.operations.alerts import Alerts
from form_service.store import Claim, Outcome, Store, StoreUnavailable
from form_service.store.outbox import LEASE_SECONDS

POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0
PURGE_SECONDS = 300.0
# While the mail server cannot be reached, one delivery at a time tries it, at these pauses.
LONGEST_ROUTE_PAUSE_SECONDS = 60.0
# The same for neutral copies alone: theirs is an address that somebody typed, and the team's mail does not wait for it.
LONGEST_COPIES_PAUSE_SECONDS = 300.0
COPY_SECONDS = 15.0
# A claim that had to wait longer than this for its turn may end before its mail is handed over and recorded.
LONGEST_IN_HAND_SECONDS = LEASE_SECONDS - DEADLINE_SECONDS - 5.0
NOT_TRIED = Outcome(False, "not-tried")


@dataclass(frozen=True)
class InHand:
    """A claim, and when it was made by the clock that nobody sets."""

    claim: Claim
    taken_at: float

    @property
    def ends_at(self) -> float:
        """When the lease ends."""
        return self.taken_at + LEASE_SECONDS

    @property
    def is_fresh(self) -> bool:
        """Whether its mail can still be handed over within the lease."""
        return time.monotonic() - self.taken_at < LONGEST_IN_HAND_SECONDS


class Worker:
    """One delivery worker. `stop` may be called from a signal handler or another thread."""

    def __init__(self, settings: Settings, seal: Seal, store: Store, route: MailRoute | None = None) -> None:
        self.settings = settings
        self._seal = seal
        self._store = store
        self._route = route or MailRoute(settings.smtp, settings.smtp_ca_file, settings.mail_from)
        self._alerts = Alerts(settings, seal, store)
        self._stop = threading.Event()
        self._route_pause = Pause(LONGEST_ROUTE_PAUSE_SECONDS)
        self._copies_pause = Pause(LONGEST_COPIES_PAUSE_SECONDS)
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
                with self._alerts.beside(self._stop):
                    self._go_round(once)
            finally:
                self._route.close()

    def _go_round(self, once: bool) -> None:
        while not self._stop.is_set():
            worked = self._guarded_round()
            if once and not worked:
                break
            if not worked:
                self._stop.wait(POLL_SECONDS)

    # One round

    def _guarded_round(self) -> bool:
        """A round whose own faults do not end the worker: what it could not do is tried again at the next."""
        try:
            return self._round()
        except Exception as error:
            logs.unexpected(error)
            return False

    def _round(self) -> bool:
        """Deliver what is due; whether there was anything."""
        try:
            self._upkeep()
            if not self._route_pause.is_over:
                return False
            current = self._claim()
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
            return False
        if current is None:
            return False
        with ThreadPoolExecutor(1, "record") as beside:
            self._deliver_all(current, beside)
        return True

    def _claim(self) -> InHand | None:
        taken_at = time.monotonic()
        claim = self._store.outbox.claim(self._copies_pause.is_over)
        return None if claim is None else InHand(claim, taken_at)

    def _goes(self, following: InHand) -> bool:
        """Whether what was claimed ahead may still be sent."""
        return following.is_fresh and (following.claim.kind != "neutral" or self._copies_pause.is_over)

    def _deliver_all(self, first: InHand, beside: ThreadPoolExecutor) -> None:
        """Send the first and all that is due after it, until stopped, the route fails or other work is due."""
        current: InHand | None = first
        following = self._claim_ahead()
        recording: Future[InHand | None] | None = None
        while current is not None:
            outcome, route_failed = self._try(current.claim)
            halted = route_failed or self._stop.is_set()
            if recording is not None:
                following = recording.result()
            go_on = not halted and time.monotonic() < self._next_heartbeat
            recording = beside.submit(self._record, current, outcome, go_on)
            if following is not None and (halted or not self._goes(following)):
                beside.submit(self._record, following, NOT_TRIED, False)
                following = None
            if following is None:
                following, recording = recording.result(), None
            current, following = following, None

    def _claim_ahead(self) -> InHand | None:
        """The mail after the first, unless the mail server may not even take the first."""
        with contextlib.suppress(StoreUnavailable):  # what is claimed is sent, whatever becomes of the next
            return None if self._route_pause.after_failure else self._claim()
        return None

    def _try(self, claim: Claim) -> tuple[Outcome, bool]:
        """Send one mail; what became of it, and whether the way to the mail server failed."""
        failpoints.reach("claimed")
        try:
            outcome, route_failed = self._send(claim)
        except Exception as error:  # one mail that nobody foresaw must not hold up the rest
            logs.unexpected(error)
            with contextlib.suppress(Exception):
                self._route.close()
            outcome, route_failed = Outcome(False, "unexpected", maybe_sent=True), False
        failpoints.reach("sent")
        if claim.kind == "neutral":
            # Nothing that is for the team waits because of a copy; other copies do.
            self._copies_pause.note(route_failed and not outcome.permanent)
            return outcome, False
        if self._route_pause.note(route_failed):
            with contextlib.suppress(StoreUnavailable):
                self._store.outbox.make_due()  # what met the same closed door need not wait out its pause
        return outcome, route_failed

    def _send(self, claim: Claim) -> tuple[Outcome, bool]:
        try:
            data = self._seal.open(claim.key_id, claim.sealed)
        except CannotOpen:
            return Outcome(False, "key-missing"), False
        if claim.kind != "neutral":
            handed = self._route.send(claim.recipient, data, self.settings.mail_from, DEADLINE_SECONDS)
            return Outcome(
                handed.taken, handed.error, handed.permanent and not handed.route, handed.maybe
            ), handed.route
        sender = self.settings.neutral_from or self.settings.mail_from
        handed = self._route.send(_recipient_of(data), data, sender, COPY_SECONDS)
        # A sender that is refused for good will be refused at each try.
        ends = handed.permanent and (not handed.route or handed.error.startswith("mail-"))
        return Outcome(handed.taken, handed.error, ends, handed.maybe), handed.route

    def _record(self, done: InHand, outcome: Outcome, go_on: bool) -> InHand | None:
        """Record the outcome and, to go on, claim the next: an unrecorded mail would be sent twice."""
        taken_at = time.monotonic()
        recorded, following = self._finish(done, outcome, go_on)
        failpoints.reach("recorded")
        logs.event(
            "delivered" if outcome.delivered else "not-delivered",
            reference=done.claim.reference,
            kind=done.claim.kind,
            tries=done.claim.tries,
            error=outcome.error or None,
            state="recorded" if recorded else "unrecorded",
            seconds=round(time.monotonic() - done.taken_at, 3),
        )
        return None if following is None else InHand(following, taken_at)

    def _finish(self, done: InHand, outcome: Outcome, go_on: bool) -> tuple[bool, Claim | None]:
        """Try again to record while the lease lasts; whether it was, and the next claim."""
        pause = 0.05
        while True:
            try:
                return self._store.outbox.finish(done.claim, outcome, go_on, self._copies_pause.is_over)
            except StoreUnavailable as error:
                logs.warn("cannot-record", reference=done.claim.reference, error=error.kind)
                go_on = False
                if error.kind == "disk-full" and self._store.reserved_space is not None:
                    self._store.reserved_space.release()
            if time.monotonic() + pause > done.ends_at:
                return False, None
            time.sleep(pause)
            pause = min(pause * 2, 2.0)

    # Upkeep

    def _start(self) -> None:
        try:
            if self._store.database.path is not None:
                self._store.outbox.end_leases()
                if self._store.reserved_space is not None:
                    self._store.reserved_space.hold()
            self._store.outbox.make_due()
            self._store.facts.set("heartbeat", str(os.getpid()))  # before the first look for incidents
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
        logs.event("worker-started", pid=os.getpid())

    def _upkeep(self) -> None:
        now = time.monotonic()
        if now < self._next_heartbeat:
            return
        self._next_heartbeat = now + HEARTBEAT_SECONDS
        self._store.facts.set("heartbeat", str(os.getpid()))
        self._store.outbox.correct_clock()
        if self._store.facts.take_turn("purge", PURGE_SECONDS):
            self._purge()

    def _purge(self) -> None:
        purged = self._store.purge(self.settings.keep_days, needs_receipt=self.settings.receipt)
        logs.event("purged", mails=purged.mails, drafts=purged.drafts)
        if self._store.reserved_space is not None:
            self._store.reserved_space.hold()

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


def _recipient_of(data: bytes) -> str:
    """The address of a neutral copy, which stands only inside its sealed mail, and alone in its field.

    Taken as it stands: Python's own reading of addresses fails at some that a mail server may well know, and then the
    copy would be tried for days. A long one is folded.
    """
    return "".join(str(BytesHeaderParser().parsebytes(data)["To"] or "").split())
