"""Alerts by email: one when an incident begins, one when it ends. They name no referral and no person."""

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
from form_service.operations.alert_sender import CHECK_SECONDS, AlertSender, alert_recipients
from form_service.operations.readiness import LATE_DELIVERY_SECONDS, MAX_HEARTBEAT_AGE_SECONDS, is_disk_low
from form_service.operations.store_outage import StoreOutageAlerts
from form_service.store import Store, StoreUnavailable
from form_service.store.engine.disk import LOW_FREE_BYTES, RECOVERED_FREE_BYTES
from form_service.store.key_rotation import key_ids_in_use

CHECK_INTERVAL_SECONDS = 60.0
CERTIFICATE_WARNING_DAYS = (60, 30, 7)
# How long a stop waits for an email that is being sent; an interrupted one is sent again after the next start.
STOP_SECONDS = 2.0
_INCIDENT_PREFIX = "incident:"
_NOTIFIED_PREFIX = "told:"


@dataclass(frozen=True)
class Incident:
    """A problem to which the operator is alerted.

    `is_for_team`: the team is alerted too. `advice` is added for the operator only.
    """

    name: str
    text: str
    is_for_team: bool = False
    advice: str = ""


class IncidentChecker:
    """Checks for incidents once a minute, and sends alerts about them by email.

    Every process has a checker, but each minute only one of them checks. Every checker calls `send_reminders` once
    a minute.
    """

    def __init__(
        self, settings: Settings, sealer: Sealer, store: Store, send_reminders: Callable[[], None] = lambda: None
    ) -> None:
        self._send_reminders = send_reminders
        self._settings = settings
        self._sealer = sealer
        self._store = store
        self._next_check_at = 0.0
        self._started_at = time.monotonic()
        self._stop_requested = threading.Event()
        self._store_outage_alerts = StoreOutageAlerts(settings)
        self._store_failure: StoreUnavailable | None = None  # in the last check

    @contextlib.contextmanager
    def run_in_thread(self, stop_requested: threading.Event) -> Iterator[None]:
        """Run the checks for incidents in another thread until the context manager exits.

        Once `stop_requested` is set, no further alert is sent.
        """
        self._stop_requested = stop_requested
        block_ended = threading.Event()
        thread = threading.Thread(target=self._check_repeatedly, args=(block_ended,), name="alerts", daemon=True)
        thread.start()
        try:
            yield
        finally:
            block_ended.set()
            thread.join(STOP_SECONDS if stop_requested.is_set() else CHECK_SECONDS)

    def _check_repeatedly(self, block_ended: threading.Event) -> None:
        while True:
            try:
                self.check()
                self._store_outage_alerts.record_check(self._store_failure, self._stop_requested)
            except Exception as error:  # keep running: nothing else would report that the alerts have stopped
                logs.exception(error)
            if block_ended.wait(CHECK_INTERVAL_SECONDS):
                return

    def check(self) -> None:
        """Send the reminders that are due, then the alerts about incidents that have begun or ended.

        A call within CHECK_INTERVAL_SECONDS of the last one does nothing. Incidents are not checked if another process
        has just checked them. StoreUnavailable is logged, not raised.
        """
        if time.monotonic() < self._next_check_at:
            return
        self._next_check_at = time.monotonic() + CHECK_INTERVAL_SECONDS
        self._send_reminders()
        self._store_failure = None
        try:
            if self._store.facts.claim_job("alerts", CHECK_INTERVAL_SECONDS * 0.9):
                fact_keys = set(self._store.facts.all())
                open_incidents = {
                    key.removeprefix(_INCIDENT_PREFIX) for key in fact_keys if key.startswith(_INCIDENT_PREFIX)
                }
                self._update_incidents(
                    open_incidents,
                    self._current_incidents(open_incidents),
                    {key for key in fact_keys if key.startswith(_NOTIFIED_PREFIX)},
                )
        except StoreUnavailable as error:
            logs.warn("store-unavailable", error=error.kind)
            self._store_failure = error

    def _current_incidents(self, open_incidents: set[str]) -> dict[str, Incident]:
        incidents = (
            *self._store_incidents(),
            *self._certificate_incidents(),
            *self._machine_incidents(open_incidents),
        )
        return {incident.name: incident for incident in incidents}

    def _store_incidents(self) -> Iterator[Incident]:
        if (problem := self._store.problem()) is not None:
            yield _make_incident("store", is_for_team=True, advice=f"{StoreUnavailable(problem).explanation}.")
        state = self._store.reports.outbox_state()
        is_current_by_name = {
            "late": state.oldest_age is not None and state.oldest_age > LATE_DELIVERY_SECONDS,
            "refused": state.refused_count > 0,
            "held": state.held_count > 0,
            "worker": state.waiting_count > 0
            and (state.heartbeat_age is None or state.heartbeat_age > MAX_HEARTBEAT_AGE_SECONDS),
            "key-missing": any(not self._sealer.can_open(key_id) for key_id in key_ids_in_use(self._store)),
        }
        yield from (_make_incident(name) for name, is_current in is_current_by_name.items() if is_current)

    def _certificate_incidents(self) -> Iterator[Incident]:
        now = datetime.now(UTC)
        problem = self._sealer.problem(now)
        if problem is not None:
            yield _make_incident("keys", is_for_team=True, problem=problem)
        states = self._sealer.certificate_states(now)
        for state in states:
            yield from _incidents_of_one_certificate(state, states, now)

    def _machine_incidents(self, open_incidents: set[str]) -> Iterator[Incident]:
        if is_disk_low(self._store, RECOVERED_FREE_BYTES if "disk" in open_incidents else LOW_FREE_BYTES):
            yield _make_incident("disk")
        backup_times = backups.backup_times(self._settings.backup_folder)
        if backup_times is None:
            return
        age = time.time() - max(backup_times) if backup_times else time.monotonic() - self._started_at
        if age > backups.MAX_BACKUP_AGE_SECONDS:
            yield _make_incident("backups")

    def _update_incidents(
        self, open_incidents: set[str], current_incidents: dict[str, Incident], notified_keys: set[str]
    ) -> None:
        for name in current_incidents.keys() - open_incidents:
            logs.warn("incident-begins", incident=name)
            self._store.facts.set(_INCIDENT_PREFIX + name)
        ended_incidents = open_incidents - current_incidents.keys()
        with contextlib.closing(AlertSender(self._settings, self._stop_requested)) as sender:
            # One recipient after another, the operator first: a server that hangs on one recipient delays only the
            # recipients after it.
            for recipient in alert_recipients(self._settings):
                is_operator = recipient == self._settings.alert_email
                for name, incident in current_incidents.items():
                    key = _notified_key(recipient, name)
                    if key in notified_keys or not (is_operator or incident.is_for_team):
                        continue
                    text = f"{incident.text} {incident.advice if is_operator else ''}".rstrip()
                    body = f"{text}\n\n{alert_texts.advice_for(is_operator, name in ('keys', 'store'))}"
                    if sender.send(recipient, body, alert_texts.BEGIN_SUBJECT):
                        self._store.facts.set(key)
                for name in ended_incidents:
                    key = _notified_key(recipient, name)
                    if key in notified_keys and sender.send(
                        recipient, alert_texts.incident_end_text(name), alert_texts.END_SUBJECT
                    ):
                        self._store.facts.delete(key)
                        notified_keys.discard(key)
        for name in ended_incidents:
            self._forget_incident(name, notified_keys)

    def _forget_incident(self, name: str, notified_keys: set[str]) -> None:
        """Delete an ended incident from the store, unless a recipient has still to be told that it has ended.

        `notified_keys` are the keys of recipients who were told that an incident began, but not yet that it ended.
        """
        if notified_keys & {_notified_key(recipient, name) for recipient in alert_recipients(self._settings)}:
            return
        logs.event("incident-over", incident=name)
        for key in notified_keys:
            if key.endswith(f":{name}"):  # of a recipient who is no longer in the settings
                self._store.facts.delete(key)
        self._store.facts.delete(_INCIDENT_PREFIX + name)


def _notified_key(recipient: str, incident_name: str) -> str:
    """Return the key under which the store records that a recipient was alerted to an incident."""
    return f"{_NOTIFIED_PREFIX}{hashlib.sha256(recipient.lower().encode()).hexdigest()[:16]}:{incident_name}"


def _make_incident(name: str, is_for_team: bool = False, advice: str = "", **values: str) -> Incident:
    return Incident(name, alert_texts.INCIDENT_TEXTS[name].begin_text.format(**values), is_for_team, advice)


def _incidents_of_one_certificate(
    state: CertificateState, states: list[CertificateState], now: datetime
) -> Iterator[Incident]:
    """Yield one incident if the certificate is unusable, and one for each warning period that has begun.

    A warning period begins one of CERTIFICATE_WARNING_DAYS before the certificate expires. `states` describe all
    the team's certificates.
    """
    other_usable_states = [other for other in states if other is not state and other.problem is None]
    if state.problem is not None:
        text = alert_texts.unusable_certificate_text(state, bool(other_usable_states))
        yield Incident(f"certificate-{state.fingerprint}-unusable", text, is_for_team=True)
    else:
        has_later_certificate = any(other.expires_at > state.expires_at for other in other_usable_states)
        text = alert_texts.expiring_certificate_text(state, has_later_certificate)
    for days in CERTIFICATE_WARNING_DAYS:
        if state.days_left(now) <= days:
            yield Incident(f"certificate-{state.fingerprint}-{days}", text, is_for_team=True)
