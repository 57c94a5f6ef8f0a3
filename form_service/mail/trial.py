"""The test mail of `send-test`."""

from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.message import enclose


def compose_test(reference: str, settings: Settings) -> EmailMessage:
    """A mail like a referral's, which says that it is none."""
    body = (
        "THIS IS A TEST. There is no referral behind it.\n\n"
        f"Reference: {reference}\n\n"
        "If you can read this, referrals will reach you in the same way. Please tell the person who runs the form "
        "this reference, and whether the mail came to the right mailbox and not among the junk.\n"
    )
    return enclose(body, f"Referral {reference}", settings.mail_from, ", ".join(settings.team_email))
