"""What a question is. The questions themselves are the table beside this file."""

from dataclasses import dataclass
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name by which Babel finds the texts of the table
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


class Route(StrEnum):
    """Who is writing to us, which decides what is asked (the values of question 1)."""

    HARMED = "harmed"
    RESPONSIBLE = "responsible"
    FAMILY = "family"
    PROFESSIONAL = "professional"


EVERYONE = frozenset(Route)
FOR_ANOTHER = frozenset({Route.FAMILY, Route.PROFESSIONAL})
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
    """One text in up to two voices: to the person themselves, and to somebody who writes about them.

    A text may hold facts of the service as `{{ short_name }}`.
    """

    you: str
    they: str | None = None

    def to(self, route: Route | None) -> str:
        """The text in the voice for `route`; None is somebody who has not answered question 1 yet."""
        return self.they if self.they is not None and route in FOR_ANOTHER else self.you


@dataclass(frozen=True)
class Choice:
    """One answer to pick.

    `in_email` is what the team reads when the label alone would not do; `note` is said to somebody who picks it.
    """

    value: str
    label: Words
    hint: Words | None = None
    in_email: str | None = None
    note: Words | None = None


@dataclass(frozen=True)
class Condition:
    """The question is asked only when the answer to `question` is, or contains, `value`."""

    question: str
    value: str


@dataclass(frozen=True)
class Question:
    """One question.

    `number` is its number in the domain's list of questions ("6a"); `name` the key of its answer, which never
    appears in an address. `label` is what the person reads; `short` what the page of all answers calls it, where fewer
    words will do; `in_email` what the team reads, in English. `error` is said when a required answer is missing;
    `subject` names the answer in errors about length and characters. `longest` counts characters, a line end
    as one. `blank_means` is the choice that stands when a question about safety is left blank.
    """

    number: str
    name: str
    kind: Kind
    label: Words
    in_email: str
    asked_of: frozenset[Route] = EVERYONE
    required_of: frozenset[Route] = NOBODY
    error: Words | None = None
    hint: Words | None = None
    short: Words | None = None
    choices: tuple[Choice, ...] = ()
    when: Condition | None = None
    longest: int = 200
    subject: Words | None = None
    autocomplete: str | None = None
    blank_means: str | None = None
    copied: bool = False

    @property
    def is_copied(self) -> bool:
        """Whether the team copies the answer, so that it must hold no invisible character."""
        return self.copied or self.kind in (Kind.TEL, Kind.EMAIL)


class OnNewPerson(StrEnum):
    """What happens to a page's answers when question 1 changes from the writer to someone else, or back."""

    FORGET = "forget"  # they describe the first person
    ASK_AGAIN = "ask again"  # what happened may be the same; only the person can tell
    KEEP = "keep"  # they describe the writer


@dataclass(frozen=True)
class Page:
    """One page of the form.

    `slug` ends its URL and `title` is its title; neither may give anything away to someone who glances at the screen.
    `heading` is the h1 of a page with several questions; the label of a single question is its h1.
    """

    slug: str
    title: str
    on_new_person: OnNewPerson
    questions: tuple[Question, ...]
    heading: Words | None = None
    intro: Words | None = None
