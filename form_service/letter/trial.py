"""The test mail of `send-test`."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from form_service.settings import Settings


def compose_test(reference: str, settings: Settings) -> EmailMessage:
    """A mail like a referral's, which says that it is none."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = ", ".join(settings.team_email)
    message["Subject"] = f"Referral {reference}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        "THIS IS A TEST. There is no referral behind it.\n\n"
        f"Reference: {reference}\n\n"
        "If you can read this, referrals will reach you in the same way. Please tell the person who runs the form "
        "this reference, and whether the mail came to the right mailbox and not among the junk.\n",
        cte="quoted-printable",
    )
    return message
