"""The two short emails: the neutral copy, and the notice that a referral was cancelled."""

from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.document import Document, Paragraph
from form_service.mail.message import document_email, plain_email
from form_service.referral.i18n import Language
from form_service.referral.questions.model import N_
from service_profile import Service

SUBJECT = N_("Your reference")
NEUTRAL = (
    N_("Hello,"),
    N_("You asked us to email you your reference. It is {reference}."),
    N_("A member of our team will be in touch."),
    N_("If you change your mind, you can tell us on this page for the next 30 days:"),
    "{link}",
    N_("Please do not reply to this email. We cannot see replies."),
)


def compose_neutral(
    reference: str, to: str, link: str, language: Language, service: Service, settings: Settings
) -> EmailMessage:
    """Return the copy that the sender of a referral asked for.

    It does not say what it is about; `link` is the person's own page. It is plain text, like a note from a person.
    """
    paragraphs = [language.say(text, reference=reference, link=link) for text in NEUTRAL]
    name = str(service["neutral_name"])
    body = "\n\n".join([*paragraphs, name[:1].upper() + name[1:]])
    return plain_email(body + "\n", f"{language.say(SUBJECT)} {reference}", settings.neutral_from, to)


def compose_withdrawn(reference: str, service: Service, settings: Settings) -> EmailMessage:
    """Return the notice to the team that a referral which it may already have was cancelled."""
    document = Document(
        f"CANCELLED: referral {reference}",
        (
            Paragraph("The person who sent this referral has cancelled it, by the link that they were given."),
            Paragraph(
                "DO NOT contact the person whom the referral is about, unless your safeguarding rules say that you "
                "must."
            ),
            Paragraph(
                "If this referral has not reached you yet and still arrives, treat it as cancelled: DO NOT act on it."
            ),
            Paragraph(f"Sent to: {service['name']}."),
        ),
        (),
    )
    return document_email(document, f"Referral {reference}", settings.mail_from, ", ".join(settings.team_email))
