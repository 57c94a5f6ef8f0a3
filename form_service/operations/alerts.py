"""Alert mails: one when an incident begins, one when it is over. They name no referral and nobody."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from form_service import logs
from form_service.config.settings import Settings
from form_service.config.smtp_url import each_once
from form_service.crypto import CertificateState, Sealer
from form_service.mail.message import plain_email, to_bytes
from form_service.mail.smtp_client import MailRoute
from form_service.operations import backup_folder
from form_service.operations.readiness import LATE_SECONDS, WORKER_DEAD_SECONDS, low_disk, recovered_disk
from form_service.store import Store, StoreUnavailable

EVERY_SECONDS = 60.0
CERTIFICATE_DAYS = (60, 30, 7)
# All mails of one look together: a mail server that does not answer is left until the next.
LOOK_SECONDS = 15.0
# How long an end by force waits for a mail that is being handed over; it is sent again after the next start.
STOP_SECONDS = 2.0
_BEGUN = "incident:"
_TOLD = "told:"


@dataclass(frozen=True)
class Incident:
    """Something the operator must know. `team` means that the team is told too."""

    name: str
    text: str
    team: bool = False


class Alerts:
    """Looks for incidents, in worker and web process alike; of all processes one a minute does it."""

    def __init__(
        self, settings: Settings, seal: Sealer, store: Store, remind: Callable[[], None] = lambda: None
    ) -> None:
        """Take what to look at; `remind` is called at each look."""
        self._remind = remind
        self._settings = settings
        self._seal = seal
        self._store = store
        self._next = 0.0
        self._since = time.monotonic()
        self._stop = threading.Event()

    @contextlib.contextmanager
    def beside(self, stop: threading.Event) -> Iterator[None]:
        """Look in a thread of its own meanwhile: what is told must hold up nothing. `stop` means that it hurries."""
        self._stop = stop
        ended = threading.Event()
        thread = threading.Thread(target=self._keep_looking, args=(ended,), name="alerts", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(STOP_SECONDS if stop.is_set() else LOOK_SECONDS)

    def _keep_looking(self, ended: threading.Event) -> None:
        while True:
            try:
                self.look()
            except Exception as error:  # it must go on looking: nobody else would say that it stopped
                logs.unexpected(error)
            if ended.wait(EVERY_SECONDS):
                return

    def look(self) -> None:
        """Begin and end incidents, if it is this process's turn. Never raises for what store or mail server do."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        self._remind()
        try:
            if self._store.facts.take_turn("alerts", EVERY_SECONDS * 0.9):
                facts = set(self._store.facts.all())
                begun = {name.removeprefix(_BEGUN) for name in facts if name.startswith(_BEGUN)}
                self._compare(begun, dict(self._now(begun)), {name for name in facts if name.startswith(_TOLD)})
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)

    def _now(self, begun: set[str]) -> Iterator[tuple[str, Incident]]:
        for incident in (*self._of_outbox(), *self._of_certificates(), *self._of_machine(begun)):
            yield incident.name, incident

    def _of_outbox(self) -> Iterator[Incident]:
        if (problem := self._store.problem()) is not None:
            words = StoreUnavailable(problem).explanation
            yield Incident("store", f"The form is closed, because its store is not the one that it was: {words}.")
        state = self._store.reports.state()
        if state.oldest_age is not None and state.oldest_age > LATE_SECONDS:
            yield Incident("late", "The oldest undelivered referral has waited for more than an hour.")
        if state.refused:
            yield Incident("refused", "The mail server has permanently refused a referral. It is kept and tried again.")
        if state.held:
            yield Incident(
                "held",
                "A referral was sent three times, and the mail server never said whether it had accepted it. "
                "It is kept, and will not be sent again by itself.",
            )
        if state.waiting and (state.heartbeat_age is None or state.heartbeat_age > WORKER_DEAD_SECONDS):
            yield Incident("worker", "The delivery worker does not run, and referrals wait for it.")
        if any(not self._seal.knows(key_id) for key_id in self._store.keys_in_use()):
            yield Incident("key-missing", "Stored mails are sealed with a key that is not among FORM_SECRET_KEYS.")

    def _of_certificates(self) -> Iterator[Incident]:
        now = datetime.now(UTC)
        problem = self._seal.problem(now)
        if problem is not None:
            yield Incident("keys", f"The form is closed, because it cannot seal to the team: {problem}.", team=True)
        states = self._seal.certificate_states(now)
        for state in states:
            yield from _of_certificate(state, states, now)

    def _of_machine(self, begun: set[str]) -> Iterator[Incident]:
        if low_disk(self._store) or ("disk" in begun and not recovered_disk(self._store)):
            yield Incident("disk", "The disk of the referral store is nearly full.")
        made = backup_folder.times(self._settings.backup_folder)
        if made is None:
            return
        age = time.time() - max(made) if made else time.monotonic() - self._since
        if age > backup_folder.LATE_SECONDS:
            yield Incident("backups", "No backup has been made for more than an hour.")

    def _compare(self, begun: set[str], present: dict[str, Incident], told: set[str]) -> None:
        for name in present.keys() - begun:
            logs.warn("incident-begins", incident=name)
            self._store.facts.set(_BEGUN + name)
        over = begun - present.keys()
        with contextlib.closing(_Teller(self._settings, self._stop)) as teller:
            # One person after the other, the operator first: an address that hangs keeps nothing from those before it.
            for one in self._everybody():
                for name, incident in present.items():
                    mark = _mark(one, name)
                    is_told = mark in told or (one != self._settings.alert_email and not incident.team)
                    if not is_told and teller.tell(one, incident.text, "needs attention"):
                        self._store.facts.set(mark)
                for name in over:
                    mark = _mark(one, name)
                    words = f"This is over: {name.replace('-', ' ')}."
                    if mark in told and teller.tell(one, words, "is well again"):
                        self._store.facts.delete(mark)
                        told.discard(mark)
        for name in over:
            self._end(name, told)

    def _end(self, name: str, told: set[str]) -> None:
        """Forget an incident that is over, unless somebody who was told of it has yet to hear that it is."""
        if told & {_mark(one, name) for one in self._everybody()}:
            return
        logs.event("incident-over", incident=name)
        for mark in told:
            if mark.endswith(f":{name}"):  # of somebody who is no longer in the settings
                self._store.facts.delete(mark)
        self._store.facts.delete(_BEGUN + name)

    def _everybody(self) -> tuple[str, ...]:
        """Who may have to be told, the operator first, each once."""
        return each_once(filter(None, (self._settings.alert_email, *self._settings.team_email)))


class _Teller:
    """Sends the mails of one look, all within its time. A server that fails is left alone until the next look."""

    def __init__(self, settings: Settings, stop: threading.Event) -> None:
        self._settings = settings
        self._stop = stop
        self._route = MailRoute(settings.alert_smtp or settings.smtp, settings.smtp_ca_file, settings.mail_from)
        self._ends = time.monotonic() + LOOK_SECONDS
        self._is_over = False

    def tell(self, recipient: str, words: str, subject: str) -> bool:
        """Whether the mail server has taken it; somebody who was not told is told at a later look."""
        left = self._ends - time.monotonic()
        if self._is_over or left <= 0 or self._stop.is_set():
            return False
        result = self._route.send(recipient, self._mail(recipient, words, subject), seconds=left)
        if not result.accepted:
            logs.warn("alert-not-delivered", error=result.error)
            self._is_over = result.route_failed or result.uncertain
        return result.accepted

    def close(self) -> None:
        """Let go of the mail server."""
        self._route.close()

    def _mail(self, recipient: str, words: str, subject: str) -> bytes:
        body = (
            f"{words}\n\nWhat to do: run `front-door check` on the form's machine, and see the operating guide "
            "(guides/operating.md), which names this alert.\n"
        )
        return to_bytes(plain_email(body, f"The form {subject}", self._settings.mail_from, recipient))


def _mark(recipient: str, incident: str) -> str:
    """The fact that this person was told of this incident."""
    return f"{_TOLD}{hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]}:{incident}"


def _of_certificate(state: CertificateState, states: list[CertificateState], now: datetime) -> Iterator[Incident]:
    """What the team must know of one of its certificates, given all of them."""
    others = [one for one in states if one is not state and one.problem is None]
    if state.problem is not None:
        meanwhile = "Referrals are encrypted to the others alone: whoever has only its key cannot read them."
        yield Incident(
            f"certificate-{state.fingerprint}-unusable",
            f"A certificate of the team cannot be used: {state.problem} ({state.fingerprint}). "
            f"{meanwhile if others else 'There is no other.'}",
            team=True,
        )
    then = "From then on referrals are encrypted to the others alone, and whoever has only its key cannot read them."
    if not any(one.ends > state.ends for one in others):
        then = "Without another one the form closes on that day."
    for days in CERTIFICATE_DAYS:
        if state.days_left(now) <= days:
            yield Incident(
                f"certificate-{state.fingerprint}-{days}",
                f"The team's encryption certificate {state.fingerprint} ends on {state.ends:%d %B %Y}. {then}",
                team=True,
            )
