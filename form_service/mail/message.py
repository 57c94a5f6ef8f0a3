"""The headers that every mail of ours has. Nothing that a person typed ever stands in one."""

import uuid
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from form_service.crypto.smime import WIRE


def enclose(body: str, subject: str, sender: str, recipients: str) -> EmailMessage:
    """A plain text mail. Its Message-ID and Date are fixed here, so that a repeat is known for the same mail."""
    message = EmailMessage(policy=WIRE)
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = recipients
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid.uuid4().hex}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    return message
