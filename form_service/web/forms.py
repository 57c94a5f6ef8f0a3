"""WTForms classes, generated from the table of questions."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from wtforms import BooleanField, Field, Form, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.csrf.core import CSRF
from wtforms.fields import EmailField, TelField
from wtforms.validators import StopValidation

from form_service.crypto import Seal
from form_service.referral.i18n import Language
from form_service.referral.journey import Answers, Problem, first, problem_with, questions_for, route_of
from form_service.referral.journey.answers import problem_with_copy
from form_service.referral.journey.text import showable
from form_service.referral.questions import BY_SLUG, COPY_TO, Kind, Page, Question, Route

FIELDS: Mapping[Kind, type[Field]] = {
    Kind.RADIOS: RadioField,
    Kind.CHECKBOXES: SelectMultipleField,
    Kind.TEXT: StringField,
    Kind.TEXTAREA: TextAreaField,
    Kind.TEL: TelField,
    Kind.EMAIL: EmailField,
    Kind.AGREE: BooleanField,
}
WITH_CHOICES = (Kind.RADIOS, Kind.CHECKBOXES)


class DraftToken(CSRF):
    """The form's token is derived from the cookie: no session, no time limit, nothing to lose typed answers by."""

    def setup_form(self, form: Any) -> Any:
        self.seal, self.cookie = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:  # noqa: ARG002 - the name that WTForms passes
        return str(self.seal.form_token(self.cookie))

    def validate_csrf_token(self, form: Any, field: Field) -> None:  # noqa: ARG002
        if not self.seal.check_form_token(self.cookie, field.data or ""):
            raise StopValidation("token")


class Answered:
    """The journey decides what is wrong with an answer; this says it in the person's language."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __call__(self, form: "PageForm", _: Field) -> None:
        if problem := form.problem_with(self.question):
            raise StopValidation(said(problem, form.language, route_of(form.answers)))


def said(problem: Problem, language: Language, route: Route | None) -> str:
    """The problem in words."""
    called = language.say(problem.called.to(route))
    return language.say(problem.words.to(route), called=called, **problem.numbers)


class PageForm(FlaskForm):  # type: ignore[misc]
    """One page of questions with the answers as they are kept in the draft."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = True
        csrf_class = DraftToken
        csrf_field_name = "token"
        csrf_context: tuple[Seal, str]

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:  # noqa: ARG002
            """The answers come from the draft, never straight from the request."""
            return formdata

    def __init__(self, answers: Answers, language: Language, seal: Seal, cookie: str) -> None:
        self.answers, self.language = answers, language
        data = {question.name: _data(question, answers) for question in [*self.questions(), COPY_TO]}
        super().__init__(formdata=None, data=data, meta={"csrf_context": (seal, cookie)})

    @staticmethod
    def questions() -> tuple[Question, ...]:
        """The questions that the page shows."""
        return ()

    def problem_with(self, question: Question) -> Problem | None:
        """What is wrong with one answer as it stands."""
        if question is COPY_TO:
            return problem_with_copy(self.answers)
        return problem_with(question, self.answers)

    def check(self) -> None:
        """Fill in the errors of every question that applies."""
        for field in self._answer_fields():
            field.validate(self)

    def wrong(self) -> list[tuple[str, str]]:
        """Name and error of each field that is wrong, in their order on the page."""
        return [(field.name, str(field.errors[0])) for field in self._answer_fields() if field.errors]

    def _answer_fields(self) -> Iterator[Field]:
        return (field for name, field in self._fields.items() if name != self.Meta.csrf_field_name)


def _data(question: Question, answers: Answers) -> Any:
    if question.kind is Kind.CHECKBOXES:
        return list(answers.get(question.name, ()))
    if question.kind is Kind.AGREE:
        return bool(answers.get(question.name))
    return showable(first(answers, question.name))


def _field(question: Question) -> Field:
    choices = {"choices": [str(choice.value) for choice in question.choices], "validate_choice": False}
    extra: dict[str, Any] = choices if question.kind in WITH_CHOICES else {}
    return FIELDS[question.kind](question.label.you, validators=[Answered(question)], **extra)


@lru_cache
def _form_class(slug: str, route: Route | None, with_copy: bool) -> type[PageForm]:
    questions = questions_for(BY_SLUG[slug], {"who": [route]} if route else {})
    if with_copy:
        questions = (*questions, COPY_TO)
    fields: dict[str, Any] = {question.name: _field(question) for question in questions}
    return type(f"{slug.title()}Form", (PageForm,), fields | {"questions": staticmethod(lambda: questions)})


def form_for(
    page: Page, answers: Answers, language: Language, seal: Seal, cookie: str, with_copy: bool = False
) -> PageForm:
    """The form of `page` for whoever gave these answers; `with_copy` adds the question about the neutral copy."""
    return _form_class(page.slug, route_of(answers), with_copy)(answers, language, seal, cookie)
