"""Make the alerts check for incidents, and read the emails that they have sent."""

from email import message_from_bytes

from form_service.operations.alerts import Alerts
from tests.support.mail_server import MailServer
from tests.support.service_parts import Clock


def look(alerts: Alerts, clock: Clock) -> None:
    """Advance the clock by a minute, then check for incidents."""
    clock.advance(61)
    alerts._next_check_at = 0.0
    alerts.check()


def subjects(server: MailServer) -> list[tuple[str, str]]:
    """Return the recipient and subject of every email that the server accepted."""
    return [(taken.recipient, str(message_from_bytes(taken.data)["Subject"])) for taken in server.received]
