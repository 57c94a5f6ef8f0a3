"""The structure of questions and pages. The questions themselves are in the sibling modules."""

from dataclasses import dataclass
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name by which Babel finds the texts of the table
    """Mark a text for the translation catalogue, and return it unchanged."""
    return text


class Route(StrEnum):
    """Who is filling in the form, as answered in question 1. The route decides which questions are asked."""

    HARMED = "harmed"
    RESPONSIBLE = "responsible"
    FAMILY = "family"
    PROFESSIONAL = "professional"


EVERYONE = frozenset(Route)
REFERRERS = frozenset({Route.FAMILY, Route.PROFESSIONAL})
ONLY_PROFESSIONAL = frozenset({Route.PROFESSIONAL})
ONLY_FAMILY = frozenset({Route.FAMILY})
ONLY_RESPONSIBLE = frozenset({Route.RESPONSIBLE})
NOBODY: frozenset[Route] = frozenset()


class Kind(StrEnum):
    """The kind of field in which a question is answered."""

    RADIOS = "radios"
    CHECKBOXES = "checkboxes"
    TEXT = "text"
    TEXTAREA = "textarea"
    TEL = "tel"
    EMAIL = "email"
    AGREE = "agree"  # one checkbox, never ticked beforehand


@dataclass(frozen=True)
class Words:
    """A text in two versions: for people writing about themselves (`you`) or someone else (`they`).

    Without `they`, everyone sees `you`. Write both as string literals, because no other texts are collected for
    translation.
    """

    you: str
    they: str | None = None

    def for_route(self, route: Route | None) -> str:
        """Return the text for `route`, which is None before question 1 is answered."""
        return self.they if self.they is not None and route in REFERRERS else self.you


# The subject of error messages about an answer for which there is no short noun.
YOUR_ANSWER = Words("Your answer")


@dataclass(frozen=True)
class Choice:
    """An option of a multiple-choice question."""

    value: str
    label: Words
    team_label: str | None = None  # replaces the label in the email to the team
    note: Words | None = None  # shown to a person who has chosen the option
    is_exclusive: bool = False  # cannot be combined with another checkbox


@dataclass(frozen=True)
class Condition:
    """A condition that holds if `value` is among the values of the answer to a question."""

    question_name: str
    value: str


@dataclass(frozen=True)
class Question:
    """A question of the form."""

    number: str  # in the service's list of questions, such as "6a"
    name: str  # the key of its answer, which never appears in a URL
    kind: Kind
    label: Words
    team_label: str  # in the email to the team, in English
    asked_of: frozenset[Route] = EVERYONE
    required_of: frozenset[Route] = NOBODY
    error: Words | None = None  # shown if a required answer is missing or an email address is wrong
    hint: Words | None = None
    short_label: Words | None = None  # on the check page
    choices: tuple[Choice, ...] = ()
    when: Condition | None = None  # must hold for the question to be asked
    unless: Condition | None = None  # must not hold for the question to be asked
    max_length: int = 200  # in characters, with a line end as one
    subject: Words = YOUR_ANSWER  # of the errors about length and characters
    exclusive_error: Words | None = None  # shown if an exclusive choice is combined with another
    autocomplete: str | None = None
    blank_means: str | None = None  # the cautious choice, as which a blank answer counts
    is_copied_by_team: bool = False  # although it may have several lines, such as an address
    is_about_writer: bool = False  # about the person filling in the form
    autocapitalize: str | None = None  # also turns autocorrection off

    def autocomplete_for(self, route: Route | None) -> str | None:
        """Return the value of the HTML autocomplete attribute, or None for no attribute.

        The value is "off" where a browser would fill in the writer's own details instead of the other person's.
        """
        if self.autocomplete and route in REFERRERS and not self.is_about_writer:
            return "off"
        return self.autocomplete

    @property
    def is_made_copyable(self) -> bool:
        """Return whether to remove invisible characters from the answer, so that the team can copy it safely."""
        return self.is_copied_by_team or self.kind in (Kind.TEL, Kind.EMAIL, Kind.TEXT)


class OnNewPerson(StrEnum):
    """What happens to a page's answers when the form turns out to be about another person."""

    FORGET = "forget"  # the answers describe the previous person
    ASK_AGAIN = "ask again"  # the answers may still be right, but only the writer can tell
    KEEP = "keep"  # the answers describe the writer


@dataclass(frozen=True)
class Page:
    """One page of the form."""

    # The slug is the last part of the URL. Neither it nor the title may give anything away on the screen.
    slug: str
    title: str
    on_new_person: OnNewPerson  # what happens to the answers
    questions: tuple[Question, ...]
    heading: Words | None = None  # the h1; without it, the label of the first question is the h1
    intro: Words | None = None  # the text above the questions
