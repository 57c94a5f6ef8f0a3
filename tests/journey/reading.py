"""Reads a mail to the team as the team does, and tells whose words each line is."""

from email.message import EmailMessage

from form_service.letter.lines import END_OF_ISOLATE, ISOLATE, OWN_WORDS
from form_service.questions import QUESTIONS, Kind, Question


def body_of(mail: EmailMessage | str) -> str:
    """The text of the mail, with plain line ends."""
    return mail if isinstance(mail, str) else str(mail.get_content()).replace("\r\n", "\n")


def safety_in(mail: EmailMessage | str) -> str:
    """The safety part, as one line."""
    body = body_of(mail)
    for end in ("TAKE NOTICE", "ABOUT THIS REFERRAL"):
        body = body.partition(f"\n{end}\n")[0]
    return " ".join(body.split())


def answers_in(mail: EmailMessage | str) -> dict[str, list[str]]:
    """Every answer in the part that lists them, by the question's name."""
    lines = body_of(mail).partition("\nEVERY ANSWER\n")[2].split("\n")
    found: dict[str, list[str]] = {}
    at: Question | None = None
    for line in lines:
        if question := _asked_in(line):
            at = question
            found[at.name] = []
            if at.kind is Kind.AGREE:
                found[at.name] = ["yes"] if line.endswith(": Yes.") else []
        elif at and line.startswith(OWN_WORDS):
            found[at.name].append(line.removeprefix(OWN_WORDS))
        elif at and at.choices and line.startswith("      "):
            found[at.name].append(
                next(one.value for one in at.choices if (one.in_mail or one.label.you) == line.strip())
            )
    return {name: _typed(name, values) for name, values in found.items()}


def _asked_in(line: str) -> Question | None:
    for question in QUESTIONS:
        label = f"  {question.number}. {question.in_mail}:"
        # Two questions share the label "What we should know": only one of them ever applies.
        if line == label or line.startswith(f"{label} "):
            return question
    return None


def _typed(name: str, values: list[str]) -> list[str]:
    question = next(one for one in QUESTIONS if one.name == name)
    if question.choices or question.kind is Kind.AGREE or not values:
        return values
    return ["\n".join(_unwrapped(value) for value in values)]


def _unwrapped(line: str) -> str:
    assert line.startswith(ISOLATE) and line.endswith(END_OF_ISOLATE), repr(line)
    return line[1:-1]
