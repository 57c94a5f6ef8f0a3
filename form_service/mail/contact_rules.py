"""What the team may and must not do on each way of contact, worded so that it cannot be read as the opposite."""

from collections.abc import Iterator

from form_service.mail.document import Block, Bullets, OwnWords, Paragraph, Subheading
from form_service.referral.journey.answers import Answers, first
from form_service.referral.questions import BY_NAME, Kind, Question
from form_service.referral.questions.contact import BLANK_MESSAGE
from form_service.referral.questions.model import FOR_ANOTHER

CHANNELS = {
    "phone": "PHONE CALL",
    "text": "TEXT MESSAGE",
    "email": "EMAIL",
    "post": "LETTER",
    "trusted": "THROUGH SOMEONE THEY TRUST",
}
DETAILS = {
    "phone": ("phone_number", "Number to call"),
    "text": ("text_number", "Number for texts"),
    "email": ("email_address", "Email"),
    "post": ("post_address", "Address for letters"),
    "trusted": ("trusted_contact", "The person they trust, and how to reach them"),
}
_MESSAGES = {
    "text": "The text",
    "email": "The email, its sender and its subject",
    "post": "The letter and its envelope",
}
COPIED = frozenset({Kind.TEL, Kind.EMAIL})


def chosen_channels(sent: Answers) -> list[str]:
    """Return the ways of contact that were chosen; none when the person will make contact themselves."""
    return [channel for channel in CHANNELS if channel in sent.get("reach", ())]


def must_not(sent: Answers) -> tuple[Block, ...]:
    """Return everything that must not be done, the person's own words last."""
    chosen = chosen_channels(sent)
    unsafe = [name for channel, name in CHANNELS.items() if channel not in chosen]
    rules = []
    if not chosen:
        rules.append("DO NOT contact them in any way. They will contact you.")
    elif unsafe:
        rules.append(f"DO NOT use: {', '.join(unsafe)}.")
    if "phone" in chosen and first(sent, "voicemail") != "yes":
        rules.append("DO NOT leave a voicemail.")
    when = "When you make contact" if chosen else "When they contact you"
    rules.append(f"{when}, DO NOT tell anyone else what this is about.")
    typed = first(sent, "must_not")
    label = "In the words of the person who sent this" if first(sent, "who") in FOR_ANOTHER else "In their own words"
    return Bullets(tuple(rules)), *([OwnWords(label, typed)] if typed else [])


def how_to_contact(sent: Answers, reference: str, service_name: str) -> Iterator[Block]:
    """Yield the name to ask for, the word to use, each way of contact with its rules, and the safe times."""
    chosen = chosen_channels(sent)
    if chosen:
        yield use_only(sent)
    else:
        yield Paragraph(
            f"No way of contact is safe for them. They will contact you and give the reference {reference}. "
            "When they do, ask what is safe now."
        )
    calls = "phone" in chosen
    yield OwnWords("Ask for" if calls else "Name to use", first(sent, "name"))
    if word := first(sent, "first_word"):
        on_the_phone = ". On the phone, first ask for them by name, and say the word only to them" if calls else ""
        yield OwnWords(f"A word to use, so that they know it is you{on_the_phone}", word)
    yield from _needs(sent)
    if chosen:
        yield from channels_and_times(sent, service_name)


def use_only(sent: Answers) -> Paragraph:
    """Return the line that names the chosen ways of contact."""
    return Paragraph(f"Use ONLY: {', '.join(CHANNELS[channel] for channel in chosen_channels(sent))}.")


def channels_and_times(sent: Answers, service_name: str) -> Iterator[Block]:
    """Yield each chosen way of contact with its rules, and the safe times."""
    for channel in chosen_channels(sent):
        name, label = DETAILS[channel]
        yield Subheading(CHANNELS[channel])
        yield Bullets(tuple(channel_rules(channel, sent, service_name)))
        yield OwnWords(label, first(sent, name), BY_NAME[name].kind in COPIED)
    yield from _times(sent)


def _times(sent: Answers) -> Iterator[Block]:
    times = [choice_text(BY_NAME["times"], value) for value in sent.get("times", ())]
    yield Subheading("WHEN")
    if times:
        yield Paragraph(f"Safe times: {', '.join(times)}.")
        return
    make_contact = "Call" if "phone" in chosen_channels(sent) else "Make contact"
    yield Paragraph(
        f"Safe times: none given. {make_contact} in opening hours only. When you reach them, ask which times are safe."
    )


def _needs(sent: Answers) -> Iterator[Block]:
    """Yield the needs that apply from the first contact on, such as the language."""
    if not (chosen := sent.get("support", ())):
        return
    needed = [choice_text(BY_NAME["support"], value) for value in chosen]
    yield Paragraph(f"What would help them: {'; '.join(needed)}.")
    for name in ("interpreter_language", "support_other"):
        if typed := first(sent, name):
            yield OwnWords(BY_NAME[name].in_email, typed)


def channel_rules(channel: str, sent: Answers, service_name: str) -> Iterator[str]:
    """Yield what may and must not be said on one way of contact."""
    if channel == "phone":
        yield from _phone_rules(sent, service_name)
    elif channel == "trusted":
        yield from _trusted_rules(sent, service_name)
    elif first(sent, f"{channel}_may_say") == "who_we_are":
        yield f"{_MESSAGES[channel]} may say that it is from {service_name}. DO NOT say what this is about."
    else:
        yield f"{_MESSAGES[channel]} MUST NOT say who you are. DO NOT say what this is about."
        yield f"Write ONLY something like: “{BLANK_MESSAGE}”"


def _phone_rules(sent: Answers, service_name: str) -> Iterator[str]:
    may_say = first(sent, "say_who") == "yes"
    if first(sent, "voicemail") != "yes":
        yield "DO NOT leave a voicemail."
    elif may_say:
        yield "You may leave a voicemail. DO NOT say in it what this is about."
    else:
        yield "You may leave a voicemail. DO NOT say in it who is calling or what this is about."
    if may_say:
        yield (
            f"If someone else answers, you may say that it is {service_name} calling. DO NOT say what this is about."
        )
    else:
        yield (
            "If someone else answers, ask for the person by name. DO NOT say who is calling. DO NOT say what this is "
            "about."
        )


def _trusted_rules(sent: Answers, service_name: str) -> Iterator[str]:
    match first(sent, "trusted_may_say"):
        case "who_we_are":
            yield f"You may tell the trusted person that you are from {service_name}."
            yield "DO NOT tell them what this is about."
        case "asked_us":
            yield "You may tell the trusted person ONLY that the person in the referral asked you to get in touch."
            yield "DO NOT tell the trusted person who you are. DO NOT tell them what this is about."
        case _:
            yield "DO NOT tell the trusted person who you are. DO NOT tell them what this is about."


def choice_text(question: Question, value: str) -> str:
    """Return a choice as the team reads it; the bare value if a newer release no longer has the choice."""
    for choice in question.choices:
        if choice.value == value:
            return choice.in_email or choice.label.you
    return value
