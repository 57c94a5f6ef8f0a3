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
            Paragraph("This is not a real referral."),
            Paragraph(f"Reference: {reference}"),
            Paragraph(
                "If you can read this, referrals will reach you in the same way. Please tell the person who runs the "
                "form that it arrived, and give them this reference. Tell them which mailbox it is in, and whether it "
                "went to junk."
            ),
        ),
        (),
    )
    return team_email(document, reference, settings)
