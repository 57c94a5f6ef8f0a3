"""What a question is made of. The questions themselves are in the modules beside this one."""

from dataclasses import dataclass
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name by which Babel finds the texts of the table
    """Mark a text for the catalogue; it is translated where it is shown."""
    return text


class Route(StrEnum):
    """Who fills in the form, which decides what is asked. The values are those of question 1."""

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
    """One text in up to two voices: to the person themselves, and to someone who asks on their behalf.

    A text may hold facts of the service as `{{ short_name }}`. `make words` finds plain strings only.
    """

    you: str
    they: str | None = None

    def to(self, route: Route | None) -> str:
        """Return the text in the voice for `route`; None means that question 1 is not answered yet."""
        return self.they if self.they is not None and route in FOR_ANOTHER else self.you


# The subject of error messages about an answer for which there is no short noun.
YOUR_ANSWER = Words("Your answer")


@dataclass(frozen=True)
class Choice:
    """One answer to pick.

    `in_email` is what the team reads where the label alone would not do. `note` is shown to a person who chooses it.
    `alone`: it cannot be combined with another choice of its checkboxes.
    """

    value: str
    label: Words
    in_email: str | None = None
    note: Words | None = None
    alone: bool = False


@dataclass(frozen=True)
class Condition:
    """The answer to `question` is, or contains, `value`."""

    question: str
    value: str


@dataclass(frozen=True)
class Question:
    """One question.

    `number` is its number in the service's list of questions ("6a"), and `name` the key of its answer, which never
    appears in a URL. `label` is what the person reads; `short` is its label on the check page; `in_email` is what the
    team reads, in English. `of_writer`: the answer describes the person who fills in the form, also when they ask on
    someone's behalf.

    The question is asked only `when` one condition holds and not `unless` another does. `error` is shown when a
    required answer is missing, `only_alone` when a choice that must stand alone was combined. `subject` names the
    answer in errors about length and characters; `longest` counts characters, a line end as one. `blank_means` is the
    choice that a blank safety question stands for. `copied`: the team will copy the answer, although it is not a single
    line, so it must contain no invisible character. `capitals` is the HTML autocapitalize state of a field in which a
    phone must correct nothing.
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
    unless: Condition | None = None
    longest: int = 200
    subject: Words = YOUR_ANSWER
    only_alone: Words | None = None
    autocomplete: str | None = None
    blank_means: str | None = None
    copied: bool = False
    of_writer: bool = False
    capitals: str | None = None

    def autocomplete_for(self, route: Route | None) -> str | None:
        """Return the HTML autocomplete state; a browser must not fill in the writer's details for someone else."""
        if self.autocomplete and route in FOR_ANOTHER and not self.of_writer:
            return "off"
        return self.autocomplete

    @property
    def is_copied(self) -> bool:
        """Return whether the team copies the answer or says it aloud, which is true of every single-line answer."""
        return self.copied or self.kind in (Kind.TEL, Kind.EMAIL, Kind.TEXT)


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
