"""Alerts about a store that does not answer. Other alerts keep their state in the store; this one, in memory."""

import contextlib
import threading

from form_service.config.settings import Settings
from form_service.operations import alert_texts
from form_service.operations.alert_sender import AlertSender, alert_recipients
from form_service.store import StoreUnavailable

# A single failed check may be a restart of the database.
LOOKS_BEFORE_NOTIFYING = 2


class StoreOutage:
    """Sends one email per recipient and outage. Only the worker uses it, so that not every process sends its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed_looks = 0
        self._notified: set[str] = set()

    def note(self, failure: StoreUnavailable | None, stop: threading.Event) -> None:
        """Record the result of a check. Send what recipients do not know yet: that the store fails, or works again."""
        self._failed_looks = 0 if failure is None else self._failed_looks + 1
        if failure is None and self._notified:
            self._notify(self._notified.copy(), None, stop)
        elif failure is not None and self._failed_looks >= LOOKS_BEFORE_NOTIFYING:
            self._notify(set(alert_recipients(self._settings)) - self._notified, failure, stop)

    def _notify(self, recipients: set[str], failure: StoreUnavailable | None, stop: threading.Event) -> None:
        with contextlib.closing(AlertSender(self._settings, stop)) as sender:
            for recipient in alert_recipients(self._settings):
                if recipient not in recipients:
                    continue
                if failure is None:
                    if sender.send(recipient, alert_texts.STORE_ANSWERS, alert_texts.ENDS):
                        self._notified.discard(recipient)
                elif sender.send(recipient, self._words(recipient, failure), alert_texts.BEGINS):
                    self._notified.add(recipient)

    def _words(self, recipient: str, failure: StoreUnavailable) -> str:
        is_operator = recipient == self._settings.alert_email
        text = f"{alert_texts.STORE_FAILS} ({failure.explanation})." if is_operator else f"{alert_texts.STORE_FAILS}."
        return f"{text}\n\n{alert_texts.advice(is_operator, form_is_closed=True)}"
