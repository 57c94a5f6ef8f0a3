"""Alerts by email: one when an incident begins, one when it is over. They name no referral and no person."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from form_service import logs
from form_service.config.settings import Settings
from form_service.crypto import CertificateState, Sealer
from form_service.operations import alert_texts, backups
from form_service.operations.alert_sender import LOOK_SECONDS, AlertSender, alert_recipients
from form_service.operations.readiness import LATE_SECONDS, WORKER_DEAD_SECONDS, low_disk
from form_service.operations.store_outage import StoreOutage
from form_service.store import Store, StoreUnavailable
from form_service.store.engine.disk import LOW_BYTES, RECOVERED_BYTES
from form_service.store.key_rotation import keys_in_use

EVERY_SECONDS = 60.0
CERTIFICATE_DAYS = (60, 30, 7)
# How long stopping waits for an email that is being sent; if cut off, it is sent again after the next start.
STOP_SECONDS = 2.0
_BEGUN = "incident:"
_NOTIFIED = "told:"


@dataclass(frozen=True)
class Incident:
    """Something the operator must know. `team` means that the team is alerted too, without the `advice`."""

    name: str
    text: str
    team: bool = False
    advice: str = ""


class Alerts:
    """Checks for incidents. It runs in every worker and web process; once a minute one of them does the check."""

    def __init__(
        self, settings: Settings, sealer: Sealer, store: Store, remind: Callable[[], None] = lambda: None
    ) -> None:
        """Set what to check; `remind` is called at each check."""
        self._remind = remind
        self._settings = settings
        self._sealer = sealer
        self._store = store
        self._next = 0.0
        self._since = time.monotonic()
        self._stop = threading.Event()
        self._outage = StoreOutage(settings)
        self._failure: StoreUnavailable | None = None  # of the last check

    @contextlib.contextmanager
    def beside(self, stop: threading.Event) -> Iterator[None]:
        """Run the checks in a separate thread, so that alerts delay no referral. It ends soon after `stop` is set."""
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
                self._outage.note(self._failure, self._stop)
            except Exception as error:  # keep running: nothing else would report that the alerts have stopped
                logs.unexpected(error)
            if ended.wait(EVERY_SECONDS):
                return

    def look(self) -> None:
        """Start and end incidents if it is this process's turn. Never raises when the store or a mail server fails."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        self._remind()
        self._failure = None
        try:
            if self._store.facts.take_turn("alerts", EVERY_SECONDS * 0.9):
                facts = set(self._store.facts.all())
                begun = {name.removeprefix(_BEGUN) for name in facts if name.startswith(_BEGUN)}
                self._compare(begun, self._present(begun), {name for name in facts if name.startswith(_NOTIFIED)})
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
            self._failure = error

    def _present(self, begun: set[str]) -> dict[str, Incident]:
        incidents = (*self._of_outbox(), *self._of_certificates(), *self._of_machine(begun))
        return {incident.name: incident for incident in incidents}

    def _of_outbox(self) -> Iterator[Incident]:
        if (problem := self._store.problem()) is not None:
            yield _incident("store", team=True, advice=f"{StoreUnavailable(problem).explanation}.")
        state = self._store.reports.state()
        present_by_name = {
            "late": state.oldest_age is not None and state.oldest_age > LATE_SECONDS,
            "refused": state.refused,
            "held": state.held,
            "worker": state.waiting and (state.heartbeat_age is None or state.heartbeat_age > WORKER_DEAD_SECONDS),
            "key-missing": any(not self._sealer.can_open(key_id) for key_id in keys_in_use(self._store)),
        }
        yield from (_incident(name) for name, present in present_by_name.items() if present)

    def _of_certificates(self) -> Iterator[Incident]:
        now = datetime.now(UTC)
        problem = self._sealer.problem(now)
        if problem is not None:
            yield _incident("keys", team=True, problem=problem)
        states = self._sealer.certificate_states(now)
        for state in states:
            yield from _of_certificate(state, states, now)

    def _of_machine(self, begun: set[str]) -> Iterator[Incident]:
        if low_disk(self._store, RECOVERED_BYTES if "disk" in begun else LOW_BYTES):
            yield _incident("disk")
        made = backups.times(self._settings.backup_folder)
        if made is None:
            return
        age = time.time() - max(made) if made else time.monotonic() - self._since
        if age > backups.LATE_SECONDS:
            yield _incident("backups")

    def _compare(self, begun: set[str], present: dict[str, Incident], notified: set[str]) -> None:
        for name in present.keys() - begun:
            logs.warn("incident-begins", incident=name)
            self._store.facts.set(_BEGUN + name)
        ended = begun - present.keys()
        with contextlib.closing(AlertSender(self._settings, self._stop)) as sender:
            # One recipient after another, the operator first: a server that hangs on one recipient delays only later
            # ones.
            for recipient in alert_recipients(self._settings):
                is_operator = recipient == self._settings.alert_email
                for name, incident in present.items():
                    fact = _notified_fact(recipient, name)
                    if fact in notified or not (is_operator or incident.team):
                        continue
                    text = f"{incident.text} {incident.advice if is_operator else ''}".rstrip()
                    words = f"{text}\n\n{alert_texts.advice(is_operator, name in ('keys', 'store'))}"
                    if sender.send(recipient, words, alert_texts.BEGINS):
                        self._store.facts.set(fact)
                for name in ended:
                    fact = _notified_fact(recipient, name)
                    if fact in notified and sender.send(recipient, alert_texts.end_text(name), alert_texts.ENDS):
                        self._store.facts.delete(fact)
                        notified.discard(fact)
        for name in ended:
            self._end(name, notified)

    def _end(self, name: str, notified: set[str]) -> None:
        """Forget an incident that is over, once everyone who was notified knows that it is."""
        if notified & {_notified_fact(recipient, name) for recipient in alert_recipients(self._settings)}:
            return
        logs.event("incident-over", incident=name)
        for fact in notified:
            if fact.endswith(f":{name}"):  # of a recipient who is no longer in the settings
                self._store.facts.delete(fact)
        self._store.facts.delete(_BEGUN + name)


def _notified_fact(recipient: str, incident: str) -> str:
    """Return the name of the fact that this recipient was notified of this incident."""
    return f"{_NOTIFIED}{hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]}:{incident}"


def _incident(name: str, team: bool = False, advice: str = "", **values: str) -> Incident:
    return Incident(name, alert_texts.INCIDENTS[name].begins.format(**values), team, advice)


def _of_certificate(state: CertificateState, states: list[CertificateState], now: datetime) -> Iterator[Incident]:
    """Yield the incidents of one of the team's certificates; `states` are those of all its certificates."""
    others = [other for other in states if other is not state and other.problem is None]
    if state.problem is not None:
        text = alert_texts.unusable_certificate(state, bool(others))
        yield Incident(f"certificate-{state.fingerprint}-unusable", text, team=True)
    text = alert_texts.ending_certificate(state, any(other.expires_at > state.expires_at for other in others))
    for days in CERTIFICATE_DAYS:
        if state.days_left(now) <= days:
            yield Incident(f"certificate-{state.fingerprint}-{days}", text, team=True)
