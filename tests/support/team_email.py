"""Parse an email to the team as a reader would, and distinguish what the person typed from what the form adds."""

import re
from email.message import EmailMessage

from form_service.mail.plain_text import END_OF_ISOLATE, START_OF_ISOLATE, isolate
from form_service.referral.questions import QUESTIONS, Kind, Question

OWN_WORDS_PREFIX_PATTERN = re.compile("  \u200e?\\| ")
CHOICE_INDENT, CONTINUATION_INDENT = " " * 6, " " * 8


def body_of(mail: EmailMessage | str) -> str:
    """Return the plain-text part of an email, with LF line endings; a str is returned as it is."""
    if isinstance(mail, str):
        return mail
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """Return the HTML part of an email."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def section_of(mail: EmailMessage | str, heading: str) -> str:
    """Return the section under a heading of the email, joined into one line; "" if there is no such heading."""
    match = re.search(rf"\n{heading}\n[=-]+\n(.*?)(?=\n[A-Z ]+\n[=-]+\n|\Z)", body_of(mail), re.DOTALL)
    return " ".join(match[1].split()) if match else ""


def safety_sections(mail: EmailMessage | str) -> str:
    """Return the email's sections on safety and on how to make contact, joined into one line."""
    return section_of(mail, "WHAT MUST NOT BE DONE") + " " + section_of(mail, "HOW TO CONTACT THEM")


def answers_in(mail: EmailMessage | str) -> dict[str, list[str]]:
    """Return the same dict as `answer_lines_in`, but with the lines of each typed answer joined into one text."""
    return {name: _join_lines(name, values) for name, values in answer_lines_in(mail).items()}


def answer_lines_in(mail: EmailMessage | str) -> dict[str, list[str]]:
    """Return a dict from each question's name to its answers in the email's EVERY ANSWER section.

    The answers to a question are the lines that the person typed, or the values of the choices that they made.
    """
    section = body_of(mail).partition("\nEVERY ANSWER\n")[2].partition("\nWHEN YOU HAVE READ THIS\n")[0]
    lines: dict[str, list[str]] = {}
    question: Question | None = None
    is_one_choice = False  # if not, each line with CHOICE_INDENT is a choice of its own
    for line in section.split("\n"):
        if next_question := _question_of(line, lines):
            question = next_question
            value = line.removeprefix(f"  {question.team_label}:").strip()
            lines[question.name] = [] if value in ("", "(left blank)") else [value]
            is_one_choice = question.kind is not Kind.CHECKBOXES or value != ""
        elif question is None:
            continue
        elif prefix := OWN_WORDS_PREFIX_PATTERN.match(line):
            lines[question.name].append(line[prefix.end() :])
        elif line.startswith(CONTINUATION_INDENT) or (
            line.startswith(CHOICE_INDENT) and is_one_choice and lines[question.name]
        ):
            lines[question.name][-1] += f" {line.strip()}"
        elif line.startswith(CHOICE_INDENT) and line.strip() != "(left blank)":
            lines[question.name].append(line.strip())
    return {name: _choice_values(name, values) for name, values in lines.items()}


def _question_of(line: str, lines_by_question: dict[str, list[str]]) -> Question | None:
    for question in QUESTIONS:
        label = f"  {question.team_label}:"
        # Two questions share the label "What we should know"; use the one that depends on the chosen answer.
        is_asked = question.when is None or question.when.value in _choice_values(
            question.when.question_name, lines_by_question.get(question.when.question_name, [])
        )
        if question.name not in lines_by_question and is_asked and (line == label or line.startswith(f"{label} ")):
            return question
    return None


def _choice_values(name: str, values: list[str]) -> list[str]:
    question = next(question for question in QUESTIONS if question.name == name)
    if question.kind is Kind.AGREE:
        return ["yes"] if any(value.startswith("Yes") for value in values) else []
    if not question.choices:
        return values
    value_by_label = {(choice.team_label or choice.label.you): str(choice.value) for choice in question.choices}
    return [value_by_label.get(value, value) for value in values]


def _join_lines(name: str, values: list[str]) -> list[str]:
    question = next(question for question in QUESTIONS if question.name == name)
    if question.choices or question.kind is Kind.AGREE or not values:
        return values
    return ["\n".join(without_isolates(value) for value in values)]


def without_isolates(line: str) -> str:
    """Return a line of typed text without the Unicode isolates that the form may have put around it."""
    opening_count = len(line) - len(line.lstrip(START_OF_ISOLATE))
    closing_count = len(line) - len(line.rstrip(END_OF_ISOLATE))
    for start in range(1, opening_count + 1):
        for end in range(1, closing_count + 1):
            if isolate(line[start:-end]) == line:
                return line[start:-end]
    return line
