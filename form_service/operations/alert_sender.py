"""The sender of the alert emails, and the addresses to which they go."""

import threading
import time

from form_service import logs
from form_service.config.settings import Settings
from form_service.config.smtp_url import without_duplicates
from form_service.mail.message import plain_email, to_bytes
from form_service.mail.smtp_client import MailRoute

# The time limit for all emails of one check together. A server that does not answer is tried again at the next check.
CHECK_SECONDS = 15.0


def alert_recipients(settings: Settings) -> tuple[str, ...]:
    """Return the email addresses of the operator and the team, without duplicates, the operator's first."""
    return without_duplicates(filter(None, (settings.alert_email, *settings.team_email)))


class AlertSender:
    """Sends the alert emails of one check, within CHECK_SECONDS.

    Each recipient gets the same text only once. After a failure of the mail server, no more emails are sent.
    """

    def __init__(self, settings: Settings, stop_requested: threading.Event) -> None:
        self._settings = settings
        self._stop_requested = stop_requested
        self._route = MailRoute(
            settings.alert_mail_server or settings.mail_server, settings.smtp_ca_file, settings.mail_from
        )
        self._deadline = time.monotonic() + CHECK_SECONDS
        self._has_failed = False
        self._accepted_emails: set[tuple[str, str]] = set()  # (recipient, body)

    def send(self, recipient: str, body: str, subject: str) -> bool:
        """Send an email, and return whether the mail server has accepted it.

        An email that was accepted before is not sent again. Return False without sending if the time is up, the mail
        server has failed or the process is stopping.
        """
        if (recipient, body) in self._accepted_emails:
            return True
        seconds_left = self._deadline - time.monotonic()
        if self._has_failed or seconds_left <= 0 or self._stop_requested.is_set():
            return False
        result = self._route.send(recipient, self._email_bytes(recipient, body, subject), seconds=seconds_left)
        if result.accepted:
            self._accepted_emails.add((recipient, body))
        else:
            logs.warn("alert-not-delivered", error=result.error_class)
            self._has_failed = result.route_failed or result.uncertain
        return result.accepted

    def close(self) -> None:
        """Close the connection to the mail server."""
        self._route.close()

    def _email_bytes(self, recipient: str, body: str, subject: str) -> bytes:
        return to_bytes(plain_email(f"{body}\n", subject, self._settings.mail_from, recipient))
