"""The rules for contacting the person on each channel, such as the phone."""

from collections.abc import Iterator

from form_service.mail.document import Block, Bullets, OwnWords, Paragraph, Subheading
from form_service.referral.journey.answers import Answers, first_value
from form_service.referral.questions import QUESTIONS_BY_NAME, Kind, Question
from form_service.referral.questions.contact import NEUTRAL_MESSAGE

CHANNEL_NAMES = {
    "phone": "PHONE CALL",
    "text": "TEXT MESSAGE",
    "email": "EMAIL",
    "post": "LETTER",
    "trusted": "THROUGH SOMEONE THEY TRUST",
}
CONTACT_DETAILS_BY_CHANNEL = {
    "phone": ("phone_number", "Number to call"),
    "text": ("text_number", "Number for texts"),
    "email": ("email_address", "Email"),
    "post": ("post_address", "Address for letters"),
    "trusted": ("trusted_contact", "The person they trust, and how to reach them"),
}
_RULES_IF_ANONYMOUS = {
    "text": "The text MUST NOT say who you are.",
    "email": "The email, its sender and its subject MUST NOT say who you are.",
    "post": "The letter and its envelope MUST NOT say who you are.",
}
# On a letter, the name is allowed inside only: everyone at the address sees the envelope.
_RULES_IF_NAME_ALLOWED = {
    "text": "The text may say that it is from {service}.",
    "email": "The email may say that it is from {service}, and so may its sender and its subject.",
    "post": "The letter may say that it is from {service}. The envelope MUST NOT say who you are.",
}
PHONE_AND_EMAIL_KINDS = frozenset({Kind.TEL, Kind.EMAIL})


def safe_channels(sent_answers: Answers) -> list[str]:
    """Return the channels, such as "phone", on which it is safe to contact the person.

    The list is empty if the person will contact the team.
    """
    return [channel for channel in CHANNEL_NAMES if channel in sent_answers.get("reach", ())]


def prohibitions(sent_answers: Answers) -> tuple[Block, ...]:
    """Return a block that lists what the team must not do.

    It is followed by a block with what the sender typed about it, if they typed anything.
    """
    channels = safe_channels(sent_answers)
    unsafe_channels = [name for channel, name in CHANNEL_NAMES.items() if channel not in channels]
    rules = []
    if not channels:
        rules.append("DO NOT contact the person referred in any way. They will contact you.")
    elif unsafe_channels:
        rules.append(f"DO NOT use: {', '.join(unsafe_channels)}.")
    if "phone" in channels and first_value(sent_answers, "voicemail") != "yes":
        rules.append("DO NOT leave a voicemail.")
    occasion = "When you make contact" if channels else "When they contact you"
    rules.append(f"{occasion}, DO NOT tell anyone else what this is about.")
    typed_text = first_value(sent_answers, "must_not")
    label = "In the words of the person who sent this"
    return Bullets(tuple(rules)), *([OwnWords(label, typed_text)] if typed_text else [])


def contact_instructions(sent_answers: Answers, reference: str, service_name: str) -> Iterator[Block]:
    """Yield the instructions for contacting the person: safe channels, name, word to use, support needed and times."""
    channels = safe_channels(sent_answers)
    if channels:
        yield safe_channels_paragraph(sent_answers)
    else:
        yield Paragraph(
            f"No way of contact is safe for them. They will contact you and give the reference {reference}. "
            "When they do, ask what is safe now."
        )
    may_call = "phone" in channels
    yield OwnWords("Ask for" if may_call else "Name to use", first_value(sent_answers, "name"))
    if word := first_value(sent_answers, "first_word"):
        phone_advice = ". On the phone, first ask for them by name, and say the word only to them" if may_call else ""
        yield OwnWords(f"A word to use, so that they know it is you{phone_advice}", word)
    yield from _support_blocks(sent_answers)
    if channels:
        yield from channels_and_times(sent_answers, service_name)


def safe_channels_paragraph(sent_answers: Answers) -> Paragraph:
    """Return the paragraph that names the only channels that the team may use."""
    return Paragraph(f"Use ONLY: {', '.join(CHANNEL_NAMES[channel] for channel in safe_channels(sent_answers))}.")


def channels_and_times(sent_answers: Answers, service_name: str) -> Iterator[Block]:
    """Yield the rules and contact details for each safe channel, then the safe times."""
    for channel in safe_channels(sent_answers):
        name, label = CONTACT_DETAILS_BY_CHANNEL[channel]
        yield Subheading(CHANNEL_NAMES[channel])
        yield Bullets(tuple(channel_rules(channel, sent_answers, service_name)))
        yield OwnWords(label, first_value(sent_answers, name), QUESTIONS_BY_NAME[name].kind in PHONE_AND_EMAIL_KINDS)
    yield from _safe_time_blocks(sent_answers)


def _safe_time_blocks(sent_answers: Answers) -> Iterator[Block]:
    safe_times = [choice_text(QUESTIONS_BY_NAME["times"], value) for value in sent_answers.get("times", ())]
    yield Subheading("WHEN")
    if safe_times:
        yield Paragraph(f"Safe times: {', '.join(safe_times)}.")
        return
    contact_verb = "Call" if "phone" in safe_channels(sent_answers) else "Make contact"
    yield Paragraph(
        f"Safe times: none given. {contact_verb} in opening hours only. When you reach them, ask which times are safe."
    )


def _support_blocks(sent_answers: Answers) -> Iterator[Block]:
    """Yield blocks that say what support the person needs from the first contact on, such as an interpreter."""
    if not (support_needs := sent_answers.get("support", ())):
        return
    need_texts = [choice_text(QUESTIONS_BY_NAME["support"], value) for value in support_needs]
    yield Paragraph(f"What would help them: {'; '.join(need_texts)}.")
    for name in ("interpreter_language", "support_other"):
        if typed_text := first_value(sent_answers, name):
            yield OwnWords(QUESTIONS_BY_NAME[name].team_label, typed_text)


def channel_rules(channel: str, sent_answers: Answers, service_name: str) -> Iterator[str]:
    """Yield the rules for what the team may and must not say on one channel."""
    if channel == "phone":
        yield from _phone_rules(sent_answers, service_name)
    elif channel == "trusted":
        yield from _trusted_person_rules(sent_answers, service_name)
    elif first_value(sent_answers, f"{channel}_may_say") == "who_we_are":
        yield f"{_RULES_IF_NAME_ALLOWED[channel].format(service=service_name)} DO NOT say what this is about."
    else:
        yield f"{_RULES_IF_ANONYMOUS[channel]} DO NOT say what this is about."
        yield f"Write ONLY something like: “{NEUTRAL_MESSAGE}”"


def _phone_rules(sent_answers: Answers, service_name: str) -> Iterator[str]:
    may_say_who_calls = first_value(sent_answers, "say_who") == "yes"
    if first_value(sent_answers, "voicemail") != "yes":
        yield "DO NOT leave a voicemail."
    elif may_say_who_calls:
        yield "You may leave a voicemail. DO NOT say in it what this is about."
    else:
        yield "You may leave a voicemail. DO NOT say in it who is calling or what this is about."
    if may_say_who_calls:
        yield (
            f"If someone else answers, you may say that it is {service_name} calling. DO NOT say what this is about."
        )
    else:
        yield (
            "If someone else answers, ask for the person by name. DO NOT say who is calling. DO NOT say what this is "
            "about."
        )


def _trusted_person_rules(sent_answers: Answers, service_name: str) -> Iterator[str]:
    match first_value(sent_answers, "trusted_may_say"):
        case "who_we_are":
            yield f"You may tell the trusted person that you are from {service_name}."
            yield "DO NOT tell them what this is about."
        case "asked_us":
            yield "You may tell the trusted person ONLY that the person in the referral asked you to get in touch."
            yield "DO NOT tell the trusted person who you are. DO NOT tell them what this is about."
        case _:
            yield "DO NOT tell the trusted person who you are. DO NOT tell them what this is about."


def choice_text(question: Question, value: str) -> str:
    """Return the label that the team reads for the choice `value`, or `value` if that choice no longer exists."""
    for choice in question.choices:
        if choice.value == value:
            return choice.team_label or choice.label.you
    return value
