"""Reads a mail to the team as the team does, and tells whose words each line is."""

from email.message import EmailMessage

from form_service.mail.plain_text import END_OF_ISOLATE, ISOLATE, OWN_WORDS, isolated
from form_service.referral.questions import QUESTIONS, Kind, Question


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
    return {name: _typed(name, values) for name, values in lines_in(mail).items()}


def lines_in(mail: EmailMessage | str) -> dict[str, list[str]]:
    """The same, with a person's own words line by line and as isolated as they stand in the mail."""
    lines = body_of(mail).partition("\nEVERY ANSWER\n")[2].split("\n")
    found: dict[str, list[str]] = {}
    at: Question | None = None
    for line in lines:
        if question := _asked_in(line, found):
            at = question
            found[at.name] = []
            if at.kind is Kind.AGREE:
                found[at.name] = ["yes"] if line.endswith(": Yes.") else []
        elif at and line.startswith(OWN_WORDS):
            found[at.name].append(line.removeprefix(OWN_WORDS))
        elif at and at.choices and line.startswith("      "):
            found[at.name].append(
                next(one.value for one in at.choices if (one.in_email or one.label.you) == line.strip())
            )
    return found


def _asked_in(line: str, found: dict[str, list[str]]) -> Question | None:
    for question in QUESTIONS:
        label = f"  {question.number}. {question.in_email}:"
        # Two questions share the label "What we should know": the one that hangs on the choice picked is meant.
        hangs = question.when is None or question.when.value in found.get(question.when.question, [])
        if hangs and (line == label or line.startswith(f"{label} ")):
            return question
    return None


def _typed(name: str, values: list[str]) -> list[str]:
    question = next(one for one in QUESTIONS if one.name == name)
    if question.choices or question.kind is Kind.AGREE or not values:
        return values
    return ["\n".join(_unwrapped(value) for value in values)]


def _unwrapped(line: str) -> str:
    """What was typed inside the isolates that were put around it; a line of plain ASCII has none."""
    if line.isascii():
        return line
    opened = len(line) - len(line.lstrip(ISOLATE))
    closed = len(line) - len(line.rstrip(END_OF_ISOLATE))
    for start in range(1, opened + 1):
        for end in range(1, closed + 1):
            if isolated(line[start:-end]) == line:
                return line[start:-end]
    raise AssertionError(f"not isolated: {line!r}")
