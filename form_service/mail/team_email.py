"""Write the email that brings a referral to the team.

Its sections are: alerts, prohibitions, how to make contact, who sent it, and every answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from form_service.config.local_time import moment_text
from form_service.config.settings import Settings
from form_service.mail.attachment import referral_attachment
from form_service.mail.contact_rules import (
    PHONE_AND_EMAIL_KINDS,
    choice_text,
    contact_instructions,
    prohibitions,
    safe_channels,
)
from form_service.mail.document import Alert, Answer, Block, Document, Link, OwnWords, Paragraph, Section
from form_service.mail.message import email_to_team
from form_service.referral.journey.answers import Answers, answers_to_send, first_value
from form_service.referral.journey.flags import Flag
from form_service.referral.questions import PAGES_BY_SLUG, QUESTIONS_BY_NAME, Kind, Question, Route
from form_service.referral.questions.model import REFERRERS
from service_profile import Service

ROUTE_TEXTS = {
    Route.HARMED: "Self-referral by a person who was harmed",
    Route.RESPONSIBLE: "Self-referral by a person responsible",
    Route.FAMILY: "Referral by a family member or friend",
    Route.PROFESSIONAL: "Referral by a professional",
}
FLAG_ALERTS = {
    Flag.UNDER_18: Alert(
        "UNDER 18",
        "The person referred is under 18. DO NOT contact a parent, carer, school or other adult about them until "
        "you have talked to the young person, unless this referral gives that adult as a safe way to reach them, the "
        "young person asked you to contact that adult first, or your safeguarding rules say that you must.",
    ),
    Flag.NO_ADULT: Alert(
        "NO ADULT",
        "This referral says that there is no adult the young person wants involved. DO NOT contact a parent, carer or "
        "school until you have talked to the young person, unless your safeguarding rules say that you must.",
    ),
    Flag.AGE_UNSURE: Alert("AGE NOT KNOWN", "The person referred may be under 18."),
    Flag.DOMESTIC_ABUSE_HARMED: Alert(
        "DOMESTIC ABUSE: PERSON HARMED",
        "The person referred was harmed, or may have been. They may live with, or be watched by, the person "
        "responsible. Do your extra checks for domestic abuse before ANY contact.",
        "The person referred was harmed, or may have been. They may live with, or be watched by, the person "
        "responsible. When they contact you, do your extra checks for domestic abuse before you go any further.",
    ),
    Flag.DOMESTIC_ABUSE_RESPONSIBLE: Alert(
        "DOMESTIC ABUSE: PERSON RESPONSIBLE",
        "The person referred is responsible for the abuse, or may be. They may live with, or watch, the person harmed. "
        "Do your extra checks for domestic abuse before you do anything else.",
    ),
    Flag.SEXUAL_ABUSE_HARMED: Alert(
        "RAPE OR SEXUAL ABUSE: PERSON HARMED",
        "The person referred was harmed, or may have been. Do your extra checks for sexual abuse before ANY contact.",
        "The person referred was harmed, or may have been. When they contact you, do your extra checks for sexual "
        "abuse before you go any further.",
    ),
    Flag.SEXUAL_ABUSE_RESPONSIBLE: Alert(
        "RAPE OR SEXUAL ABUSE: PERSON RESPONSIBLE",
        "The person referred is responsible for the abuse, or may be. Do your extra checks for sexual abuse before you "
        "do anything else.",
    ),
    Flag.COURT_ORDER_OR_WORRY: Alert(
        "COURT ORDER, OR A WORRY ABOUT CONTACT",
        "There may be a court order, or someone may be worried about contact with the other person. Find out "
        "more before you contact the other person or pass anything between the two people.",
    ),
    Flag.COURT_CASE_UNDER_WAY: Alert(
        "GOING THROUGH COURT",
        "You may talk to the person referred now. Until the case is over, DO NOT contact the other person, and DO "
        "NOT pass anything between the two people.",
        "When the person referred contacts you, you may talk to them. Until the case is over, DO NOT contact the "
        "other person, and DO NOT pass anything between the two people.",
    ),
    Flag.RESPONSIBILITY_NOT_ACCEPTED: Alert(
        "DOES NOT ACCEPT RESPONSIBILITY",
        "The person referred answered “No” when asked if they accept some responsibility. The form told them that "
        "they can still talk to you.",
    ),
}
SUSPICION_TEXTS = {
    "quick": "the last page was sent within two seconds, or the form could not tell how long that page was open",
    "trap": "a hidden box was filled in",
    "many": "many referrals came from the same connection",
    "origin": "the form could not confirm that this was sent from the form’s own page",
}
# One to three words of Latin letters: short enough that nothing typed can pass for an instruction.
LANGUAGE_NAME_PATTERN = re.compile(r"[A-Za-z\u00c0-\u024f]{2,20}(?:[ -][A-Za-z\u00c0-\u024f]{2,20}){0,2}")
INNER_QUOTES_TABLE = str.maketrans("“”", "‘’")  # for a label that quotes the person and is itself quoted
OWN_WORDS_NOTE = (
    "Anything with a bar on the left was written by the person who filled in the form. The form wrote everything else."
)
EVERY_ANSWER_NOTE = "For the record, in the order of the form. Before you contact anyone, follow the rules above."


@dataclass(frozen=True)
class ReferralDetails:
    """What the email to the team contains besides the answers."""

    reference: str
    route: Route
    language: str  # the English name of the form's language
    sent_at: float  # seconds since 1970
    flags: tuple[Flag, ...] = ()  # alerts because of the answers
    suspicions: tuple[str, ...] = ()  # alerts because of how the form was sent
    receipt_url: str = ""  # where the team confirms the referral; "" if confirmation is switched off


def compose_referral_email(
    answers: Answers, referral: ReferralDetails, service: Service, settings: Settings
) -> EmailMessage:
    """Return the email, in English, that brings a referral to the team."""
    headlines = [
        block.headline for block in _alert_blocks(answers_to_send(answers), referral) if isinstance(block, Alert)
    ]
    attachment = referral_attachment(
        settings.attachment, answers, referral.reference, referral.sent_at, referral.route, referral.language, headlines
    )
    return email_to_team(
        referral_document(answers, referral, str(service["name"])), referral.reference, settings, attachment
    )


def referral_document(answers: Answers, referral: ReferralDetails, service_name: str) -> Document:
    """Return the content of the email that brings a referral to the team."""
    sent_answers = answers_to_send(answers)
    alerts = tuple(_alert_blocks(sent_answers, referral))
    answer_blocks = [
        _answer_block(QUESTIONS_BY_NAME[name], values, referral.route) for name, values in sent_answers.items()
    ]
    sections = [
        Section("ALERTS", alerts or (Paragraph("Nothing in these answers raised an alert."),), is_urgent=bool(alerts)),
        Section("WHAT MUST NOT BE DONE", prohibitions(sent_answers), is_urgent=True),
        Section(
            "HOW TO CONTACT THEM" if safe_channels(sent_answers) else "WHEN THEY CONTACT YOU",
            tuple(contact_instructions(sent_answers, referral.reference, service_name)),
        ),
        Section("WHO SENT THIS", tuple(_sender_blocks(sent_answers, referral, service_name))),
        Section("EVERY ANSWER", (Paragraph(EVERY_ANSWER_NOTE), *answer_blocks)),
    ]
    if referral.receipt_url:
        link = Link("Confirm that you have received this referral:", referral.receipt_url)
        sections.append(Section("WHEN YOU HAVE READ THIS", (link,)))
    return Document(
        f"Referral {referral.reference}",
        (
            Paragraph(f"Sent on {moment_text(referral.sent_at)}. {ROUTE_TEXTS[referral.route]}."),
            Paragraph(OWN_WORDS_NOTE),
        ),
        tuple(sections),
    )


def _alert_blocks(sent_answers: Answers, referral: ReferralDetails) -> Iterator[Block]:
    may_contact = bool(safe_channels(sent_answers))
    if not may_contact:
        yield Alert(
            "DO NOT CONTACT",
            "No way of contact is safe for the person referred. They will contact you and give the reference "
            f"{referral.reference}.",
        )
    for flag in referral.flags:
        alert = FLAG_ALERTS[flag]
        yield alert if may_contact else Alert(alert.headline, alert.text_if_contact_forbidden or alert.text)
        if flag is Flag.COURT_ORDER_OR_WORRY and (
            typed_text := first_value(sent_answers, "worry_yes") or first_value(sent_answers, "worry_unsure")
        ):
            yield OwnWords("What you should know", typed_text)
    support_needs = sent_answers.get("support", ())
    if "interpreter" in support_needs:
        yield from _interpreter_blocks(first_value(sent_answers, "interpreter_language").strip(), may_contact)
    if "bsl" in support_needs:
        yield Alert("BRITISH SIGN LANGUAGE", "Arrange a BSL interpreter before you meet.")
    suspicion_texts = [SUSPICION_TEXTS[suspicion] for suspicion in referral.suspicions if suspicion in SUSPICION_TEXTS]
    if suspicion_texts:
        yield Alert(
            "THIS MAY BE AUTOMATED",
            f"Treat it as genuine until you know otherwise. Why you see this alert: {'; '.join(suspicion_texts)}.",
        )


def _interpreter_blocks(language: str, may_contact: bool) -> Iterator[Block]:
    """Yield the alert that an interpreter is needed, with `language` in its headline.

    If `language` does not look like the name of a language, it follows the alert instead.
    """
    advice = "Arrange one before you make contact." if may_contact else "Be ready to arrange one when they contact you."
    if LANGUAGE_NAME_PATTERN.fullmatch(language):
        yield Alert(f"INTERPRETER: {language}", advice)
        return
    yield Alert("INTERPRETER", advice)
    if language:
        yield OwnWords("Interpreter for", language)


def _sender_blocks(sent_answers: Answers, referral: ReferralDetails, service_name: str) -> Iterator[Block]:
    if first_value(sent_answers, "who") in REFERRERS:
        yield Paragraph("Everything above is about the person referred, not about the person who filled in the form.")
        for question in PAGES_BY_SLUG["you"].questions:
            if typed_text := first_value(sent_answers, question.name):
                yield OwnWords(question.team_label, typed_text, question.kind in PHONE_AND_EMAIL_KINDS)
    else:
        yield Paragraph("The person referred filled in the form themselves.")
    yield Answer("Type", (f"{ROUTE_TEXTS[referral.route]}",))
    yield Answer("Reference", (referral.reference,))
    yield Answer("Language of the form", (referral.language,))
    yield Answer("Sent to", (service_name,))


def _answer_block(question: Question, values: list[str], route: Route) -> Block:
    if question.kind is Kind.AGREE:
        agreement_text = question.label.for_route(route).translate(INNER_QUOTES_TABLE)
        return Answer(question.team_label, (f"Yes: “{agreement_text}”" if values else "No",))
    if question.choices:
        return Answer(question.team_label, tuple(choice_text(question, value) for value in values))
    if not values:
        return Answer(question.team_label, ())
    return OwnWords(question.team_label, values[0], question.kind in PHONE_AND_EMAIL_KINDS)
