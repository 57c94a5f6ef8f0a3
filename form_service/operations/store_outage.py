"""Alerts about a store that does not answer. They keep their state in memory; all other alerts keep it in the store."""

import contextlib
import threading

from form_service.config.settings import Settings
from form_service.operations import alert_texts
from form_service.operations.alert_sender import AlertSender, alert_recipients
from form_service.store import StoreUnavailable

# A single failed check may be a restart of the database.
CHECKS_BEFORE_NOTIFYING = 2


class StoreOutageAlerts:
    """Sends one email to each recipient when an outage begins and one when it ends. Only the worker uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed_check_count = 0
        self._notified_recipients: set[str] = set()

    def record_check(self, failure: StoreUnavailable | None, stop: threading.Event) -> None:
        """Record the result of a check. Notify each recipient once of an outage, and once of its end."""
        self._failed_check_count = 0 if failure is None else self._failed_check_count + 1
        if failure is None and self._notified_recipients:
            self._notify(self._notified_recipients.copy(), None, stop)
        elif failure is not None and self._failed_check_count >= CHECKS_BEFORE_NOTIFYING:
            self._notify(set(alert_recipients(self._settings)) - self._notified_recipients, failure, stop)

    def _notify(self, recipients: set[str], failure: StoreUnavailable | None, stop: threading.Event) -> None:
        with contextlib.closing(AlertSender(self._settings, stop)) as sender:
            for recipient in alert_recipients(self._settings):
                if recipient not in recipients:
                    continue
                if failure is None:
                    if sender.send(recipient, alert_texts.STORE_RECOVERY_TEXT, alert_texts.END_SUBJECT):
                        self._notified_recipients.discard(recipient)
                elif sender.send(recipient, self._failure_text(recipient, failure), alert_texts.BEGIN_SUBJECT):
                    self._notified_recipients.add(recipient)

    def _failure_text(self, recipient: str, failure: StoreUnavailable) -> str:
        is_operator = recipient == self._settings.alert_email
        text = (
            f"{alert_texts.STORE_FAILURE_TEXT} ({failure.explanation})."
            if is_operator
            else f"{alert_texts.STORE_FAILURE_TEXT}."
        )
        return f"{text}\n\n{alert_texts.advice(is_operator, form_is_closed=True)}"
