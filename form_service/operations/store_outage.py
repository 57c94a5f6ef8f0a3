"""Tells of a store that does not answer. What the alerts know is in the store itself, so this is kept in memory."""

import contextlib
import threading

from form_service.config.settings import Settings
from form_service.operations import alert_texts
from form_service.operations.alert_sender import AlertSender, alert_recipients
from form_service.store import StoreUnavailable

# One failed look may be a restart of the database.
LOOKS_BEFORE_TELLING = 2


class StoreOutage:
    """One email for each recipient and outage. The worker alone uses it, so that each process does not send its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._failed_looks = 0
        self._told: set[str] = set()

    def note(self, failure: StoreUnavailable | None, stop: threading.Event) -> None:
        """Take the result of a look, and tell who has still to know that the store fails, or that it answers again."""
        self._failed_looks = 0 if failure is None else self._failed_looks + 1
        if failure is None and self._told:
            self._tell(self._told.copy(), None, stop)
        elif failure is not None and self._failed_looks >= LOOKS_BEFORE_TELLING:
            self._tell(set(alert_recipients(self._settings)) - self._told, failure, stop)

    def _tell(self, recipients: set[str], failure: StoreUnavailable | None, stop: threading.Event) -> None:
        with contextlib.closing(AlertSender(self._settings, stop)) as sender:
            for recipient in alert_recipients(self._settings):
                if recipient not in recipients:
                    continue
                if failure is None:
                    if sender.send(recipient, alert_texts.STORE_ANSWERS, alert_texts.ENDS):
                        self._told.discard(recipient)
                elif sender.send(recipient, self._words(recipient, failure), alert_texts.BEGINS):
                    self._told.add(recipient)

    def _words(self, recipient: str, failure: StoreUnavailable) -> str:
        is_operator = recipient == self._settings.alert_email
        text = f"{alert_texts.STORE_FAILS} ({failure.explanation})." if is_operator else f"{alert_texts.STORE_FAILS}."
        return f"{text}\n\n{alert_texts.advice(is_operator, form_is_closed=True)}"
