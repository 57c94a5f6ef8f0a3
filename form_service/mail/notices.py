"""The two short mails: the neutral copy, and the word that a referral was withdrawn."""

from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.message import enclose
from form_service.mail.plain_text import ours
from form_service.referral.i18n import Language
from form_service.referral.questions.model import N_
from service_profile import Service

SUBJECT = N_("Your reference")
NEUTRAL = (
    N_("Hello,"),
    N_("You asked for a copy of your reference. It is {reference}."),
    N_("A member of the team will be in touch, in the way that you chose."),
    N_("Have you changed your mind? You can say so on this page for 30 days:"),
    "{link}",
    N_("Please do not reply to this email. Nobody reads the replies."),
)


def compose_neutral(
    reference: str, to: str, link: str, language: Language, service: Service, settings: Settings
) -> EmailMessage:
    """The copy that its sender asked for. It does not say what it is about; `link` is the page to change one's mind."""
    paragraphs = [language.say(text, reference=reference, link=link) for text in NEUTRAL]
    body = "\n\n".join([*paragraphs, str(service["neutral_name"])])
    return enclose(body + "\n", f"{language.say(SUBJECT)} {reference}", settings.neutral_from, to)


def compose_withdrawn(reference: str, service: Service, settings: Settings) -> EmailMessage:
    """The word to the team that a referral it may already have was withdrawn."""
    lines = [
        f"WITHDRAWN. Referral {reference} was withdrawn by the person who sent it.",
        "",
        *ours("They used the link on their confirmation page or in their copy."),
        *ours(
            "DO NOT contact them about it, unless your safeguarding rules say that you must. "
            "If you have not received this referral yet and it still arrives, treat it as withdrawn."
        ),
        "",
        *ours(f"Sent to: {service['name']}."),
    ]
    return enclose("\n".join(lines) + "\n", f"Referral {reference}", settings.mail_from, ", ".join(settings.team_email))
