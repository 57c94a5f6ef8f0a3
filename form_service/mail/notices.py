"""Write the short emails: the one that tells a person their reference, the notices to the team and the test email."""

from collections.abc import Iterator
from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.contact_rules import channels_and_times, prohibitions, safe_channels, safe_channels_paragraph
from form_service.mail.document import Alert, Block, Document, OwnWords, Paragraph, Section, Subheading
from form_service.mail.message import email_to_team, plain_email
from form_service.referral.i18n import Language
from form_service.referral.journey.answers import Answers, answers_to_send, first_value, route_of
from form_service.referral.questions.contact import NONE_SAFE
from form_service.referral.questions.model import N_, Words
from service_profile import Service

NEUTRAL_SUBJECT = N_("Your reference")
NEUTRAL_PARAGRAPHS = (
    N_("Hello,"),
    N_("You asked us to email you your reference. It is {reference}."),
    "{next}",
    N_("If you change your mind, you can tell us on this page for the next 30 days:"),
    "{link}",
    N_("Please do not reply to this email, because nobody will see your reply. The page shows how to reach us."),
)
CONTACT_WILL_FOLLOW = Words(
    "A member of our team will be in touch.",
    "A member of our team will contact the person you told us about.",
)
# For someone who said that no way of contact is safe: to them, the sentence above would be a threat.
NO_CONTACT_WILL_FOLLOW = Words(
    "We will not contact you. When you are ready, contact us and give this reference.",
    "We will not contact the person you told us about. When they are ready, they can contact us and give this "
    "reference.",
)


def compose_neutral_copy(
    reference: str,
    recipient: str,
    link: str,
    answers: Answers,
    language: Language,
    service: Service,
    settings: Settings,
) -> EmailMessage:
    """Return the neutral copy: the email that tells a person their reference without naming the service.

    `link` is the URL of the page on which the person can cancel the referral or stop contact.
    """
    may_contact = NONE_SAFE not in answers.get("reach", ())
    next_step = language.say(
        (CONTACT_WILL_FOLLOW if may_contact else NO_CONTACT_WILL_FOLLOW).for_route(route_of(answers))
    )
    paragraphs = [language.say(text, reference=reference, link=link, next=next_step) for text in NEUTRAL_PARAGRAPHS]
    name = str(service["neutral_name"])
    body = "\n\n".join([*paragraphs, name[:1].upper() + name[1:]])
    return plain_email(body + "\n", f"{language.say(NEUTRAL_SUBJECT)} {reference}", settings.neutral_from, recipient)


def compose_cancellation_notice(reference: str, service: Service, settings: Settings) -> EmailMessage:
    """Return the email that tells the team that a referral was cancelled."""
    return _compose_notice(
        "CANCELLED",
        reference,
        service,
        settings,
        "This referral was cancelled using the private link that was given to the person who sent it.",
        "DO NOT contact the person the referral is about, unless your safeguarding rules say that you must.",
        "If the referral reaches you after this notice, treat it as cancelled: DO NOT act on it.",
    )


def compose_stop_notice(reference: str, service: Service, settings: Settings) -> EmailMessage:
    """Return the email that tells the team to stop all contact. The referral is not cancelled."""
    return _compose_notice(
        "STOP CONTACT",
        reference,
        service,
        settings,
        "DO NOT contact the person the referral is about, in any way, unless your safeguarding rules say that you "
        "must. From now on DO NOT use any of the ways of contact in the referral.",
        "Someone asked for this, using the private link that was given to the person who sent this referral.",
        "The referral has not been cancelled, so someone may still contact you about it and give the reference "
        f"{reference}. If the referral reaches you after this notice, DO NOT use its ways of contact either.",
    )


def _compose_notice(headline: str, reference: str, service: Service, settings: Settings, *texts: str) -> EmailMessage:
    paragraphs = tuple(Paragraph(text) for text in (*texts, f"Sent to: {service['name']}."))
    return email_to_team(Document(f"{headline}: referral {reference}", paragraphs, ()), reference, settings)


def compose_new_contact_methods_notice(
    reference: str, answers: Answers, contact_was_stopped: bool, service: Service, settings: Settings
) -> EmailMessage:
    """Return the email that tells the team which contact methods are safe from now on.

    `contact_was_stopped` says whether the team had been told to stop all contact.
    """
    sent_answers = answers_to_send(answers)
    channels = safe_channels(sent_answers)
    identity_check_text = (
        "Someone used the private link to send this. They may not be the person the referral is about. When "
        "you reach someone in a new way, or someone contacts you, ask them for the word in the referral; do not say it "
        "yourself. If no word was given, check in some other way that it is the right person. The reference proves "
        "nothing, because the page behind the link shows it. Until you are sure, say nothing about the service"
    )
    identity_check_text += ", even if a rule below allows it." if channels else "."
    if contact_was_stopped:
        identity_check_text += " Before this, the link was used to stop all contact."
    instruction = (
        "use ONLY the ways and times below."
        if channels
        else "DO NOT contact the person the referral is about: they will contact you."
    )
    document = Document(
        f"SAFE WAYS TO CONTACT THEM HAVE CHANGED: referral {reference}",
        (
            Alert("CHECK WHO IT IS FIRST", identity_check_text),
            Paragraph(
                f"From now on {instruction} DO NOT use any way of contact or safe time in the referral, or in an "
                "earlier notice. If the referral asks you not to do something, you STILL MUST NOT do it."
            ),
        ),
        (
            Section("WHAT MUST NOT BE DONE", prohibitions(sent_answers), is_urgent=True),
            *(
                [Section("HOW TO CONTACT THEM NOW", tuple(_new_channels_blocks(sent_answers, str(service["name"]))))]
                if channels
                else []
            ),
            Section("ABOUT THIS NOTICE", (Paragraph(f"Reference {reference}. Sent to: {service['name']}."),)),
        ),
    )
    return email_to_team(document, reference, settings)


def _new_channels_blocks(sent_answers: Answers, service_name: str) -> Iterator[Block]:
    yield safe_channels_paragraph(sent_answers)
    yield from channels_and_times(sent_answers, service_name)
    if word := first_value(sent_answers, "first_word"):
        yield Subheading("A NEW WORD")
        yield Paragraph(
            "The new word was sent from the same link, so it proves nothing. Use the new word only when you are sure "
            "that it is the right person."
        )
        yield OwnWords("The new word", word)


def compose_test_email(reference: str, settings: Settings) -> EmailMessage:
    """Return the email that `send-test` sends. It looks like a referral, but says that it is a test."""
    paragraphs = (
        Paragraph("This is not a real referral."),
        Paragraph(f"Reference: {reference}"),
        Paragraph(
            "If you can read this, referrals will reach you in the same way. Please tell the person who runs the form "
            "that this email arrived, and give them the reference. Tell them which mailbox it is in, and whether it "
            "went to junk."
        ),
    )
    return email_to_team(Document("THIS IS A TEST", paragraphs, ()), reference, settings)
