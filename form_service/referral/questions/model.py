"""The structure of questions and pages. The questions themselves are in the sibling modules."""

from dataclasses import dataclass
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name by which Babel finds the texts of the table
    """Mark a text for the translation catalogue; it is translated where it is shown."""
    return text


class Route(StrEnum):
    """Who is filling in the form. It decides which questions are asked; the values are the answers to question 1."""

    HARMED = "harmed"
    RESPONSIBLE = "responsible"
    FAMILY = "family"
    PROFESSIONAL = "professional"


EVERYONE = frozenset(Route)
REFERRERS = frozenset({Route.FAMILY, Route.PROFESSIONAL})
PROFESSIONAL = frozenset({Route.PROFESSIONAL})
FAMILY = frozenset({Route.FAMILY})
RESPONSIBLE = frozenset({Route.RESPONSIBLE})
NOBODY: frozenset[Route] = frozenset()


class Kind(StrEnum):
    """How a question is answered."""

    RADIOS = "radios"
    CHECKBOXES = "checkboxes"
    TEXT = "text"
    TEXTAREA = "textarea"
    TEL = "tel"
    EMAIL = "email"
    AGREE = "agree"  # one box, never ticked beforehand


@dataclass(frozen=True)
class Words:
    """A text in one or two voices: to the person themselves, and to someone who asks on their behalf.

    A text may hold facts of the service as `{{ short_name }}`. `make words` collects string literals only.
    """

    you: str
    they: str | None = None

    def for_route(self, route: Route | None) -> str:
        """Return the text in the voice for `route`; None means that question 1 is not answered yet."""
        return self.they if self.they is not None and route in REFERRERS else self.you


# The subject of error messages about an answer for which there is no short noun.
YOUR_ANSWER = Words("Your answer")


@dataclass(frozen=True)
class Choice:
    """An option of a multiple-choice question.

    `team_label` replaces the label in the email to the team. `note` is shown to a person who chooses it.
    `is_exclusive`: it cannot be combined with another choice of the same checkboxes.
    """

    value: str
    label: Words
    team_label: str | None = None
    note: Words | None = None
    is_exclusive: bool = False


@dataclass(frozen=True)
class Condition:
    """The answer to `question` is, or contains, `value`."""

    question: str
    value: str


@dataclass(frozen=True)
class Question:
    """One question.

    `number` is its number in the service's list of questions ("6a"), and `name` the key of its answer, which never
    appears in a URL. `label` is shown to the person, `short_label` on the check page and `team_label`, in English, in
    the email to the team. `is_about_writer`: the answer describes the person filling in the form, even when they ask
    on someone's behalf.

    The question is asked if the condition `when` holds and the condition `unless` does not. `error` is shown when a
    required answer is missing, `exclusive_error` when an exclusive choice was combined with another. `subject` names
    the answer in errors about length and characters. `max_length` counts characters, a line end as one. A blank answer
    to a safety question counts as the choice `blank_means`. `is_copied_by_team`: the team copies the answer although it
    may have several lines, so invisible characters are removed. `autocapitalize` is the field's HTML autocapitalize
    state; setting it also turns autocorrection off.
    """

    number: str
    name: str
    kind: Kind
    label: Words
    team_label: str
    asked_of: frozenset[Route] = EVERYONE
    required_of: frozenset[Route] = NOBODY
    error: Words | None = None
    hint: Words | None = None
    short_label: Words | None = None
    choices: tuple[Choice, ...] = ()
    when: Condition | None = None
    unless: Condition | None = None
    max_length: int = 200
    subject: Words = YOUR_ANSWER
    exclusive_error: Words | None = None
    autocomplete: str | None = None
    blank_means: str | None = None
    is_copied_by_team: bool = False
    is_about_writer: bool = False
    autocapitalize: str | None = None

    def autocomplete_for(self, route: Route | None) -> str | None:
        """Return the HTML autocomplete state: "off" where a browser would fill in the writer's details by mistake."""
        if self.autocomplete and route in REFERRERS and not self.is_about_writer:
            return "off"
        return self.autocomplete

    @property
    def is_copied(self) -> bool:
        """Return whether the team copies the answer or says it aloud, which is true of every single-line answer."""
        return self.is_copied_by_team or self.kind in (Kind.TEL, Kind.EMAIL, Kind.TEXT)


class OnNewPerson(StrEnum):
    """What happens to a page's answers when question 1 changes from the writer to someone else, or back."""

    FORGET = "forget"  # the answers describe the previous person
    ASK_AGAIN = "ask again"  # the answers may still be right, but only the writer can tell
    KEEP = "keep"  # the answers describe the writer


@dataclass(frozen=True)
class Page:
    """One page of the form.

    `slug` ends its URL and `title` is its title; neither may give anything away to someone who glances at the screen.
    `heading` is the page's h1; without it, the label of the first question is the h1.
    """

    slug: str
    title: str
    on_new_person: OnNewPerson
    questions: tuple[Question, ...]
    heading: Words | None = None
    intro: Words | None = None
