"""Alerts about a store that does not answer.

Who has been alerted is kept in memory, because the store cannot record it during an outage.
"""

import contextlib
import threading

from form_service.config.settings import Settings
from form_service.operations import alert_texts
from form_service.operations.alert_sender import AlertSender, alert_recipients
from form_service.store import StoreUnavailable

# A single failed check may be a restart of the database.
FAILED_CHECKS_BEFORE_ALERT = 2


class StoreOutageAlerts:
    """The alerts about outages of the store.

    Each recipient gets one email after FAILED_CHECKS_BEFORE_ALERT failed checks in a row, and one when the store
    answers again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed_check_count = 0
        self._notified_recipients: set[str] = set()

    def record_check(self, failure: StoreUnavailable | None, stop_requested: threading.Event) -> None:
        """Record the result of a check of the store, and send the alerts that are due after it.

        `failure` is None if the store answered. Once `stop_requested` is set, nothing more is sent.
        """
        self._failed_check_count = 0 if failure is None else self._failed_check_count + 1
        if failure is None and self._notified_recipients:
            self._notify(self._notified_recipients.copy(), None, stop_requested)
        elif failure is not None and self._failed_check_count >= FAILED_CHECKS_BEFORE_ALERT:
            self._notify(set(alert_recipients(self._settings)) - self._notified_recipients, failure, stop_requested)

    def _notify(self, recipients: set[str], failure: StoreUnavailable | None, stop_requested: threading.Event) -> None:
        with contextlib.closing(AlertSender(self._settings, stop_requested)) as sender:
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
        return f"{text}\n\n{alert_texts.advice_for(is_operator, is_form_closed=True)}"
