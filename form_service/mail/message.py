"""Build emails, with the headers and parts that all of them share.

Typed text never reaches a header, except the email address to which a person asks us to send their reference.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime

from form_service.config.settings import Settings
from form_service.crypto import CannotSeal
from form_service.mail import html, plain_text
from form_service.mail.document import Document

# A header may be folded over several lines.
_FROM_HEADER_PATTERN = re.compile(rb"^From:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE | re.IGNORECASE)
# Lines end in CRLF and are ASCII, so that no relaying mail server has a reason to change a byte.
WIRE_POLICY = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Attachment:
    """A file attached to an email; `file_format` is json or csv."""

    filename: str
    file_format: str
    content: str


def plain_email(body: str, subject: str, sender: str, recipients: str) -> EmailMessage:
    """Return a plain-text email with all its headers. `recipients` holds the addresses, separated by commas."""
    message = EmailMessage(policy=WIRE_POLICY)
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = recipients
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{uuid.uuid4().hex}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    return message


def document_email(
    document: Document, subject: str, sender: str, recipients: str, attachment: Attachment | None = None
) -> EmailMessage:
    """Return an email with the document as plain text and as HTML, and with `attachment` if there is one."""
    message = plain_email(plain_text.render(document), subject, sender, recipients)
    message.add_alternative(html.render(document), subtype="html", charset="utf-8", cte="quoted-printable")
    if attachment is not None:
        message.add_attachment(
            attachment.content.encode(),
            "application" if attachment.file_format == "json" else "text",
            attachment.file_format,
            filename=attachment.filename,
            params={"charset": "utf-8"},
        )
    return message


def email_to_team(
    document: Document, reference: str, settings: Settings, attachment: Attachment | None = None
) -> EmailMessage:
    """Return an email to the whole team. Its subject is "Referral" and the reference."""
    recipients = ", ".join(settings.team_email)
    return document_email(document, f"Referral {reference}", settings.mail_from, recipients, attachment)


def recipient_of(data: bytes) -> str:
    """Return the recipient in the email's To header, without whitespace, or "" if it has no such header."""
    # The header is not parsed further, because Python's address parser fails on some valid addresses.
    return "".join(str(BytesHeaderParser().parsebytes(data)["To"] or "").split())


def replace_sender(data: bytes, sender: str) -> bytes:
    """Return a stored email with `sender` in its From header."""
    # The setting of the sender may have changed since the email was stored.
    headers, separator, body = data.partition(b"\r\n\r\n")
    return _FROM_HEADER_PATTERN.sub(lambda _: b"From: " + sender.encode(), headers, count=1) + separator + body


def to_bytes(message: EmailMessage) -> bytes:
    """Return an email as the bytes that are encrypted, stored and sent. Raises CannotSeal if it has no body."""
    data = message.as_bytes(policy=WIRE_POLICY)
    if not data.partition(b"\r\n\r\n")[2].strip():
        raise CannotSeal("an email without a body is never sealed")
    return data
