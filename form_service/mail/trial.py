"""The test email of `send-test`."""

from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.document import Document, Paragraph
from form_service.mail.message import team_email


def compose_test(reference: str, settings: Settings) -> EmailMessage:
    """Return an email like a referral's that says that it is a test."""
    document = Document(
        "THIS IS A TEST",
        (
            Paragraph("There is no referral behind this email."),
            Paragraph(f"Reference: {reference}"),
            Paragraph(
                "If you can read this, referrals will reach you in the same way. Please tell the person who runs the "
                "form this reference, and that the email arrived in the right mailbox and not in junk."
            ),
        ),
        (),
    )
    return team_email(document, reference, settings)
