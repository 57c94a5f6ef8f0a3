"""The structure of questions and pages. The questions themselves are in the sibling modules."""

from dataclasses import dataclass
from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - the name by which Babel finds the texts of the table
    """Mark a text for the translation catalogue, and return it unchanged. It is translated when it is shown."""
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
    """A text for a person filling in the form about themselves (`you`) or about someone else (`they`).

    Without `they`, both see the same text. A text may contain facts of the service, such as `{{ short_name }}`. Pass
    string literals only, because `make words` collects no others for translation.
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
    """An option of a multiple-choice question.

    `team_label` replaces the label in the email to the team. `note` is shown to a person who has chosen the option.
    `is_exclusive`: the option cannot be combined with another option of the same checkboxes.
    """

    value: str
    label: Words
    team_label: str | None = None
    note: Words | None = None
    is_exclusive: bool = False


@dataclass(frozen=True)
class Condition:
    """A condition that holds if `value` is among the values of the answer to a question."""

    question_name: str
    value: str


@dataclass(frozen=True)
class Question:
    """A question of the form.

    `number` is its number in the service's list of questions, such as "6a". `name` is the key of its answer, and never
    appears in a URL. `is_about_writer`: the answer is about the person filling in the form.

    The person sees `label`, or `short_label` on the check page. The email to the team shows `team_label`, in English.
    The errors about length and characters begin with `subject`. `error` is shown if a required answer is missing, and
    `exclusive_error` if an exclusive choice is combined with another.

    The question is asked if the condition `when` holds and the condition `unless` does not. A blank answer counts as
    the choice `blank_means`, the cautious answer to a question about safety. `max_length` counts characters, a line end
    as one. `is_copied_by_team`: the team copies the answer although it may have several lines, so invisible characters
    are removed. `autocapitalize` is the value of HTML's attribute, and also turns autocorrection off.
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
        """Return the value of the HTML autocomplete attribute, or None for no attribute.

        The value is "off" where a browser would fill in the writer's own details instead of the other person's.
        """
        if self.autocomplete and route in REFERRERS and not self.is_about_writer:
            return "off"
        return self.autocomplete

    @property
    def is_made_copyable(self) -> bool:
        """Return whether the team is expected to copy the answer or read it out, as with every single-line answer."""
        return self.is_copied_by_team or self.kind in (Kind.TEL, Kind.EMAIL, Kind.TEXT)


class OnNewPerson(StrEnum):
    """What to do with a page's answers when question 1 changes from the writer to someone else, or back."""

    FORGET = "forget"  # the answers describe the previous person
    ASK_AGAIN = "ask again"  # the answers may still be right, but only the writer can tell
    KEEP = "keep"  # the answers describe the writer


@dataclass(frozen=True)
class Page:
    """One page of the form.

    `slug` is the last part of its URL, and `title` is its HTML title. Neither may give anything away to someone who
    glances at the screen. `on_new_person` says what to do with the answers when question 1 changes. `heading` is the
    page's h1; without it, the label of the first question is the h1. `intro` is the text above the questions.
    """

    slug: str
    title: str
    on_new_person: OnNewPerson
    questions: tuple[Question, ...]
    heading: Words | None = None
    intro: Words | None = None
