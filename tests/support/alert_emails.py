"""Make the service check for incidents, and read the alert emails that it sends."""

from email import message_from_bytes

from form_service.operations.alerts import IncidentChecker
from tests.support.mail_server import MailServer
from tests.support.service_parts import Clock


def check_for_incidents(checker: IncidentChecker, clock: Clock) -> None:
    """Advance the clock by 61 seconds, then check for incidents, even if the next check is not yet due."""
    clock.advance(61)
    checker._next_check_at = 0.0
    checker.check()


def recipients_and_subjects(server: MailServer) -> list[tuple[str, str]]:
    """Return the recipient and subject of every email that the server accepted."""
    return [(mail.recipient, str(message_from_bytes(mail.data)["Subject"])) for mail in server.received_emails]
