"""What is kept of a person between two pages: one record, sealed under a key that only their browser has."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields

from form_service.referral.journey.answers import Answers, digest, problems_on, questions_for, route_of
from form_service.referral.journey.text import with_plain_line_ends
from form_service.referral.questions import BY_SLUG, COPY_TO, Kind, Page, Question
from form_service.referral.questions.model import FOR_ANOTHER

# When the form turns from the writer to somebody else or back, all of this was said of another person.
OF_THE_PERSON = ("consent", "them", "about", "reach", "times", "support")
# What happened may be the same, so the answers stay; they are asked again, because only the person can tell.
OF_WHAT_HAPPENED = ("background",)
ASKED_AGAIN = OF_THE_PERSON + OF_WHAT_HAPPENED
# The field in which a page says whom it asked about.
VOICE = "voice"


@dataclass
class Sent:
    """What was sent: its reference, when (seconds since 1970), a digest of the answers, and where a copy went."""

    reference: str
    at: float
    digest: str
    copy_to: str = ""
    late_change: bool = False


@dataclass
class Draft:
    """A referral that is being written, or was just sent.

    `answers` holds everything as typed, valid or not. `posted` names the pages sent with Continue, `wrong` those whose
    errors are to be shown. `submission` is the name under which the store takes the referral once.
    """

    started: float
    language: str = "en"
    submission: str = field(default_factory=lambda: uuid.uuid4().hex)
    answers: dict[str, list[str]] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    changed_elsewhere: bool = False
    suspicions: list[str] = field(default_factory=list)
    sent: Sent | None = None

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Draft":
        """Raises ValueError when the bytes are no draft."""
        try:
            record = json.loads(data)
            sent = record.pop("sent")
            # What an older or newer release knew and this one does not is left out; the answers stay.
            known = {one.name: record[one.name] for one in fields(cls) if one.name in record}
            return cls(**known, sent=Sent(**sent) if sent else None)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("not a draft") from error

    def add_suspicion(self, why: str) -> None:
        """Mark the draft for the team's eyes; nothing is ever dropped for it."""
        if why not in self.suspicions:
            self.suspicions.append(why)


def as_answer(question: Question, values: Sequence[str]) -> list[str]:
    """The posted values as they are kept: typed text as typed, of picked values only those that exist."""
    if question.kind is Kind.AGREE:
        return ["yes"] if "yes" in values else []
    if question.kind in (Kind.RADIOS, Kind.CHECKBOXES):
        picked = [choice.value for choice in question.choices if choice.value in values]
        return picked if question.kind is Kind.CHECKBOXES else picked[:1]
    text = with_plain_line_ends(values[0]) if values else ""
    return [text] if text else []


def merge(draft: Draft, page: Page, fields: Mapping[str, Sequence[str]]) -> None:
    """Put what was posted from `page` into the draft, and note whether the page has problems.

    A box that was unticked is not posted at all, so a question that the page shows on this route and that is missing
    from `fields` was left blank. One that is not shown now but was posted (another tab changed the route) is kept too.
    """
    shown_before, about_another = digest(draft.answers), is_about_another(draft.answers)
    on_page = questions_for(page, draft.answers)
    for question in page.questions:
        if question.name in fields or question in on_page:
            draft.answers[question.name] = as_answer(question, fields.get(question.name, ()))
    if COPY_TO.name in fields:
        draft.answers[COPY_TO.name] = as_answer(COPY_TO, fields[COPY_TO.name])
    if page.slug not in draft.posted:
        draft.posted.append(page.slug)
    draft.wrong = [slug for slug in draft.wrong if slug != page.slug]
    if is_about_another(draft.answers) != about_another:
        forget_the_person(draft)
    elif page.slug in ASKED_AGAIN and voice_of(draft.answers) not in fields.get(VOICE, [voice_of(draft.answers)]):
        # It was open since before the form turned: the answers are shown once more, under the right questions.
        draft.posted.remove(page.slug)
    if problems_on(page, draft.answers):
        draft.wrong.append(page.slug)
    if page.slug != "check" and digest(draft.answers) != shown_before:
        # The agreement was to being contacted in the way that stood there: a changed way needs a new one.
        draft.answers.pop("agreement", None)


def is_about_another(answers: Answers) -> bool:
    """Whether the form asks about somebody else than the writer."""
    return route_of(answers) in FOR_ANOTHER


def voice_of(answers: Answers) -> str:
    """How the questions speak now: to the person themselves, or about them."""
    return "they" if is_about_another(answers) else "you"


def forget_the_person(draft: Draft) -> None:
    """Ask again who the person is and how to reach them: what stood there is another person's."""
    for slug in OF_THE_PERSON:
        for question in BY_SLUG[slug].questions:
            draft.answers.pop(question.name, None)
    draft.posted = [slug for slug in draft.posted if slug not in ASKED_AGAIN]
    draft.wrong = [slug for slug in draft.wrong if slug not in ASKED_AGAIN]
