"""The draft of a referral, which the store keeps encrypted between pages."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from form_service.referral.journey.answers import AGREEMENT_NAMES, Answers, digest, questions_for, route_of
from form_service.referral.journey.steps import has_valid_answers
from form_service.referral.journey.text import is_blank, make_copyable, with_plain_line_ends
from form_service.referral.questions import COPY_TO, PAGES, Kind, Page, Question
from form_service.referral.questions.model import REFERRERS, OnNewPerson

# The hidden field with which a page says whether its questions were about the writer ("you") or someone else ("they").
VOICE_FIELD = "voice"


@dataclass
class SentReferral:
    """A referral that was sent."""

    reference: str
    at: float  # when it was sent, in seconds since 1970
    digest: str  # a hash of the answers sent
    copy_to: str = ""  # the email address to which the reference is sent
    late_change: bool = False  # the person tried to change an answer after sending


@dataclass
class Draft:
    """A referral that is being written, or that was sent less than an hour ago."""

    language: str = "en"
    submission: str = field(default_factory=lambda: uuid.uuid4().hex)  # the store accepts each submission once
    answers: dict[str, list[str]] = field(default_factory=dict)  # as typed, valid or not
    posted: list[str] = field(default_factory=list)  # the slugs of the pages sent with Continue
    wrong: list[str] = field(default_factory=list)  # the slugs of the pages whose errors are to be shown
    changed_elsewhere: bool = False  # the answers changed after the check page was shown
    suspicions: list[str] = field(default_factory=list)  # reasons to suspect that a program sent the form
    sent: SentReferral | None = None

    def to_bytes(self) -> bytes:
        return json.dumps(vars(self), default=vars).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Draft":
        """Return the draft in `data`, ignoring unknown fields. Raises ValueError if `data` is not a draft."""
        try:
            record = json.loads(data)
            sent = record.pop("sent", None)
            return cls(
                **_known_fields(cls, record), sent=SentReferral(**_known_fields(SentReferral, sent)) if sent else None
            )
        except (TypeError, AttributeError) as error:
            raise ValueError("not a draft") from error

    def clear_agreement(self) -> None:
        """Clear the agreement checkboxes, because the answers to which the person agreed have changed."""
        for name in AGREEMENT_NAMES:
            self.answers.pop(name, None)

    def add_suspicion(self, reason: str) -> None:
        """Record a reason to suspect that a program filled in the form. The referral is still sent."""
        if reason not in self.suspicions:
            self.suspicions.append(reason)


def _known_fields(record_class: type, record: dict[str, Any]) -> dict[str, Any]:
    return {field.name: record[field.name] for field in fields(record_class) if field.name in record}


def normalise_answer(question: Question, values: Sequence[str]) -> list[str]:
    """Return the values to store for a posted answer, or [] if it is blank.

    Choices that do not exist are dropped. Text gets LF line ends, and loses invisible characters if the team may copy
    it.
    """
    if question.kind is Kind.AGREE:
        return ["yes"] if "yes" in values else []
    if question.kind in (Kind.RADIOS, Kind.CHECKBOXES):
        chosen_values = [choice.value for choice in question.choices if choice.value in values]
        return chosen_values if question.kind is Kind.CHECKBOXES else chosen_values[:1]
    text = with_plain_line_ends(values[0]) if values else ""
    if question.is_made_copyable:
        text = make_copyable(text, question.kind)
    return [] if is_blank(text) else [text]


def merge(draft: Draft, page: Page, fields: Mapping[str, Sequence[str]]) -> None:
    """Merge the fields posted from `page` into the draft, and record whether the page has errors.

    A shown question without a field counts as blank. If the form changes between the person filling it in and someone
    else, delete the answers about the previous person. If an answer on any page but the check page has changed, clear
    the agreement.
    """
    previous_digest = digest(draft.answers)
    was_about_another_person = is_about_another_person(draft.answers)
    shown_questions = questions_for(page, draft.answers)
    for question in page.questions:
        if question.name in fields or question in shown_questions:
            draft.answers[question.name] = normalise_answer(question, fields.get(question.name, ()))
    if COPY_TO.name in fields:
        draft.answers[COPY_TO.name] = normalise_answer(COPY_TO, fields[COPY_TO.name])
    if page.slug not in draft.posted:
        draft.posted.append(page.slug)
    draft.wrong = [slug for slug in draft.wrong if slug != page.slug]
    if is_about_another_person(draft.answers) != was_about_another_person:
        forget_person(draft)
    elif page.on_new_person is not OnNewPerson.KEEP and voice_of(draft.answers) not in fields.get(
        VOICE_FIELD, [voice_of(draft.answers)]
    ):
        # The page was opened while the form was about another person: ask its questions again, correctly worded.
        draft.posted.remove(page.slug)
    if not has_valid_answers(page, draft.answers):
        draft.wrong.append(page.slug)
    if page.slug != "check" and digest(draft.answers) != previous_digest:
        # The agreement covered the previous answers; changed answers need a new agreement.
        draft.clear_agreement()


def is_about_another_person(answers: Answers) -> bool:
    """Return whether the form is about someone other than the person filling it in."""
    return route_of(answers) in REFERRERS


def voice_of(answers: Answers) -> str:
    """Return "they" if the form is about someone other than the person filling it in, otherwise "you"."""
    return "they" if is_about_another_person(answers) else "you"


def forget_person(draft: Draft) -> None:
    """Delete the answers about the previous person, so that the form asks about the new person."""
    for page in PAGES:
        if page.on_new_person is OnNewPerson.FORGET:
            for question in page.questions:
                draft.answers.pop(question.name, None)
    kept_slugs = {page.slug for page in PAGES if page.on_new_person is OnNewPerson.KEEP}
    draft.posted = [slug for slug in draft.posted if slug in kept_slugs]
    draft.wrong = [slug for slug in draft.wrong if slug in kept_slugs]
