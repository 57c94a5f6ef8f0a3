"""Alert mails: one when an incident begins, one when it is over. They name no referral and nobody."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from form_service import log
from form_service.letter.envelope import enclose
from form_service.readiness import LATE_SECONDS, WORKER_DEAD_SECONDS, low_disk
from form_service.seal import CertificateState, Seal
from form_service.settings import Settings
from form_service.smtp import MailRoute
from form_service.store import Store, StoreUnavailable

EVERY_SECONDS = 60.0
CERTIFICATE_DAYS = (60, 30, 7)
_SEND_SECONDS = 15.0
_PREFIX = "incident:"


@dataclass(frozen=True)
class Incident:
    """Something the operator must know. `team` means that the team is told too."""

    name: str
    text: str
    team: bool = False


class Alerts:
    """Looks for incidents, in worker and web process alike; of all processes one a minute does it."""

    def __init__(self, settings: Settings, seal: Seal, store: Store) -> None:
        self._settings = settings
        self._seal = seal
        self._store = store
        self._next = 0.0

    def look(self) -> None:
        """Begin and end incidents, if it is this process's turn. Never raises for what store or mail server do."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        try:
            if self._store.take_turn("alerts", EVERY_SECONDS * 0.9):
                self._compare(dict(self._now()))
        except StoreUnavailable as error:
            log.warn("store-unavailable", error=error.kind)

    def _now(self) -> Iterator[tuple[str, Incident]]:
        for incident in (*self._of_outbox(), *self._of_certificates(), *self._of_machine()):
            yield incident.name, incident

    def _of_outbox(self) -> Iterator[Incident]:
        state = self._store.state()
        if state.oldest_age is not None and state.oldest_age > LATE_SECONDS:
            yield Incident("late", "The oldest undelivered referral has waited for more than an hour.")
        if state.refused:
            yield Incident("refused", "The mail server has permanently refused a referral. It is kept and tried again.")
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

    def _of_machine(self) -> Iterator[Incident]:
        if low_disk(self._store):
            yield Incident("disk", "The disk of the referral store is nearly full.")

    def _compare(self, present: dict[str, Incident]) -> None:
        known = {name.removeprefix(_PREFIX) for name in self._store.facts() if name.startswith(_PREFIX)}
        for name in present.keys() - known:
            log.warn("incident-begins", incident=name)
            if self._tell(present[name].text, "needs attention", present[name].team):
                self._store.set_fact(_PREFIX + name)
        for name in known - present.keys():
            log.event("incident-over", incident=name)
            words = f"This is over: {name.replace('-', ' ')}."
            if self._tell(words, "is well again", team=name.startswith(("certificate", "keys"))):
                self._store.forget_fact(_PREFIX + name)

    def _tell(self, words: str, subject: str, team: bool) -> bool:
        """Whether somebody who is to know has been told (also when nobody is named).

        One address that refuses must not have all the others told again each minute.
        """
        settings = self._settings
        recipients = {settings.alert_email, *(settings.team_email if team else ())} - {""}
        if not recipients:
            return True
        server = settings.alert_smtp or settings.smtp
        route = MailRoute(server, settings.smtp_ca_file, settings.mail_from)
        try:
            told = [route.send(one, self._mail(one, words, subject), seconds=_SEND_SECONDS) for one in recipients]
            for one in told:
                if not one.taken:
                    log.warn("alert-not-delivered", error=one.error)
            return any(one.taken for one in told)
        finally:
            route.close()

    def _mail(self, recipient: str, words: str, subject: str) -> bytes:
        body = (
            f"{words}\n\nWhat to do: run `front-door check` on the form's machine, and see the operating guide "
            "(guides/operating.md), which names this alert.\n"
        )
        return enclose(body, f"The form {subject}", self._settings.mail_from, recipient).as_bytes()


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
