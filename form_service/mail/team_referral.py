"""The mail to the team: how to stay safe first, then what to notice, then every answer."""

from collections.abc import Collection, Iterable, Iterator
from email.message import EmailMessage

from form_service.config.settings import Settings
from form_service.mail.message import enclose
from form_service.mail.plain_text import heading, ours, own_words
from form_service.referral.journey import Answers, Flag, first, sendable
from form_service.referral.questions import BY_NAME, Kind, Question, Route
from form_service.referral.questions.model import FOR_ANOTHER
from service_profile import Service

ROUTES = {
    Route.HARMED: "Self-referral by a person who was harmed",
    Route.RESPONSIBLE: "Self-referral by a person responsible",
    Route.FAMILY: "Referral by a family member or friend",
    Route.PROFESSIONAL: "Referral by a professional",
}
CHANNELS = {
    "phone": "PHONE CALL",
    "text": "TEXT MESSAGE",
    "email": "EMAIL",
    "post": "LETTER",
    "trusted": "THROUGH SOMEONE THEY TRUST",
}
DETAILS = {
    "phone": "phone_number",
    "text": "text_number",
    "email": "email_address",
    "post": "post_address",
    "trusted": "trusted_contact",
}
FLAGS = {
    Flag.UNDER_18: "UNDER 18. The person this is about is under 18.",
    Flag.NO_ADULT: "NO ADULT. They say there is no adult they want involved. DO NOT contact a parent, carer or school "
    "before you have talked with them, unless your safeguarding rules say that you must.",
    Flag.AGE_UNSURE: "AGE NOT KNOWN. They may be under 18.",
    Flag.HARM_AT_HOME_OR_SEXUAL: "HARM AT HOME, OR SEXUAL HARM. The person this is about is, or may be, responsible "
    "for it. Your extra checks for such cases apply before anything else.",
    Flag.COURT_ORDER_OR_WORRY: "COURT ORDER, OR A WORRY ABOUT CONTACT.",
    Flag.COURT_RUNNING: "GOING THROUGH COURT. You can talk with them now. A restorative process waits until the case "
    "has ended.",
}
SUSPICIONS = {
    "quick": "it was filled in faster than people read",
    "trap": "a box was filled in that people do not see",
    "many": "many referrals came from the same connection",
    "origin": "the browser did not say that our own page sent it",
}


def compose_team(
    answers: Answers,
    reference: str,
    route: Route,
    language: str,
    flags: Collection[Flag],
    service: Service,
    settings: Settings,
    suspicions: Collection[str] = (),
) -> EmailMessage:
    """The referral as the team reads it, in English whatever language the person used.

    `language` is the name of that language. Only answers that apply are in it.
    """
    sent = sendable(answers)
    lines = [
        *_safety(sent),
        *_notice(flags, sent, suspicions),
        *heading("ABOUT THIS REFERRAL"),
        *ours(f"Reference: {reference}"),
        *ours(f"Kind: {ROUTES[route]}."),
        *ours(f"Language of the form: {language}."),
        *ours(f"Sent to: {service['name']}."),
        *heading("EVERY ANSWER"),
        *(line for name, values in sent.items() for line in _answer(BY_NAME[name], values, route)),
        "",
        f"End of referral {reference}.",
    ]
    return enclose("\n".join(lines) + "\n", f"Referral {reference}", settings.mail_from, ", ".join(settings.team_email))


def _safety(sent: Answers) -> Iterator[str]:
    yield "SAFETY FIRST. READ THIS BEFORE YOU CONTACT ANYONE."
    yield "=================================================="
    yield ""
    yield from ours("Lines with a bar | in front are the person's own words. All other lines are written by the form.")
    if first(sent, "who") in FOR_ANOTHER:
        yield from ours("All of this is about the person referred, not about whoever filled in the form.")
    yield ""
    chosen = sent.get("reach", ())
    unsafe = [name for channel, name in CHANNELS.items() if channel not in chosen]
    yield from ours(f"Use ONLY: {', '.join(CHANNELS[channel] for channel in chosen)}.")
    if unsafe:
        yield from ours(f"DO NOT use: {', '.join(unsafe)}.")
    yield ""
    yield from ours("Ask for:")
    yield from own_words(first(sent, "name"))
    yield from _needs(sent)
    for channel in chosen:
        yield ""
        yield f"  {CHANNELS[channel]}"
        for rule in _rules(channel, sent):
            yield from ours(rule)
        yield from own_words(first(sent, DETAILS[channel]))
    yield ""
    yield from _times(sent)


def _needs(sent: Answers) -> Iterator[str]:
    """What the first contact already has to respect, such as a language."""
    if not (chosen := sent.get("support", ())):
        return
    needed = [_choice_in_mail(BY_NAME["support"], value) for value in chosen]
    yield from ours(f"What would help them: {'; '.join(needed)}.")
    for name in ("interpreter_language", "support_other"):
        if said := first(sent, name):
            yield from own_words(said)


def _rules(channel: str, sent: Answers) -> Iterator[str]:
    """What to do and not to do on one channel, in words that cannot be read the other way round."""
    if channel == "phone":
        may_say = first(sent, "say_who") == "yes"
        if first(sent, "voicemail") != "yes":
            yield "DO NOT leave a voicemail."
        elif may_say:
            yield "You may leave a voicemail. DO NOT say in it what this is about."
        else:
            yield "You may leave a voicemail. DO NOT say in it who is calling or what this is about."
        if may_say:
            yield "If someone else answers, you may say who is calling. DO NOT say what this is about."
        else:
            yield "If someone else answers, DO NOT say who is calling. DO NOT say what this is about."
        return
    may_say = first(sent, f"{channel}_may_say") == "who_we_are"
    what = {"text": "The text", "email": "The email, its sender and its subject", "post": "The letter and its envelope"}
    if channel == "trusted":
        yield (
            "You may tell the trusted person who we are. DO NOT tell them what this is about."
            if may_say
            else "DO NOT tell the trusted person who we are. DO NOT tell them what this is about."
        )
    elif may_say:
        yield f"{what[channel]} may say who we are. DO NOT say what this is about."
    else:
        yield f"{what[channel]} MUST NOT say who we are. DO NOT say what this is about."


def _times(sent: Answers) -> Iterator[str]:
    times = [_choice_in_mail(BY_NAME["times"], value) for value in sent.get("times", ())]
    yield from ours(f"Safe times: {', '.join(times)}." if times else "Safe times: none given. Ask them first.")
    if must_not := first(sent, "must_not"):
        yield ""
        yield from ours("What we MUST NOT do, in their own words:")
        yield from own_words(must_not)


def _notice(flags: Collection[Flag], sent: Answers, suspicions: Collection[str]) -> Iterator[str]:
    if not flags and not suspicions:
        return
    yield from heading("TAKE NOTICE")
    for flag in flags:
        yield from ours(FLAGS[flag])
        if flag is Flag.COURT_ORDER_OR_WORRY and (said := first(sent, "worry_yes") or first(sent, "worry_unsure")):
            yield from own_words(said)
            yield ""
    if suspicions:
        why = "; ".join(SUSPICIONS[suspicion] for suspicion in suspicions if suspicion in SUSPICIONS)
        yield from ours(
            f"A program may have filled in the form ({why}). Take it as real until you know that it is not."
        )


def _answer(question: Question, values: Iterable[str], route: Route) -> Iterator[str]:
    label = f"{question.number}. {question.in_email}"
    given = list(values)
    if question.kind is Kind.AGREE:
        yield f"  {label}: {'Yes.' if given else 'No.'}"
        if given:
            yield from ours(f"“{question.label.to(route)}”", "      ")
    elif not given:
        yield f"  {label}: (left blank)"
    elif question.choices:
        yield f"  {label}:"
        for value in given:
            yield f"      {_choice_in_mail(question, value)}"
    else:
        yield f"  {label}:"
        yield from own_words(given[0])


def _choice_in_mail(question: Question, value: str) -> str:
    choice = next(choice for choice in question.choices if choice.value == value)
    return choice.in_email or choice.label.you
