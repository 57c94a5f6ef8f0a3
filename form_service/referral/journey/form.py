"""WTForms forms that validate the answers to a page's questions."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import EmailField, TelField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from form_service.config.settings import EMAIL_ADDRESS_PATTERN
from form_service.referral.journey.answers import Answers, applies, first_value, is_required, route_of
from form_service.referral.journey.text import UNUSABLE_RANGES, USABLE_LINE_PATTERN, USABLE_TEXT_PATTERN
from form_service.referral.questions import COPY_TO, Kind, Question, Words

TOO_LONG_ERROR = Words("{subject} must be {longest} characters or fewer. It is {typed} now")
UNACCEPTABLE_CHARACTER_ERROR = Words(
    "{subject} contains a character we can’t accept. Delete that character, or type the answer again"
)
EMAIL_PATTERN = re.compile(rf"[^\s@{UNUSABLE_RANGES}]+@[^\s@{UNUSABLE_RANGES}]+\.[^\s@{UNUSABLE_RANGES}]+\Z")
# The address for the neutral copy goes into the To header, where "=?" begins an encoded word (RFC 2047), which email
# programs may decode to another address.
HEADER_EMAIL_PATTERN = re.compile(rf"(?!.*=\?){EMAIL_ADDRESS_PATTERN.pattern}\Z")

FIELD_CLASSES: Mapping[Kind, Any] = {
    Kind.RADIOS: RadioField,
    Kind.CHECKBOXES: SelectMultipleField,
    Kind.TEXT: StringField,
    Kind.TEXTAREA: TextAreaField,
    Kind.TEL: TelField,
    Kind.EMAIL: EmailField,
    Kind.AGREE: BooleanField,
}

# Translates a text and fills in its {values}.
TranslateFunction = Callable[..., str]


def leave_untranslated(text: str, **_: object) -> str:
    """Return `text` untranslated, for callers that only need to know whether a form is valid."""
    return text


def question_form(
    questions: Iterable[Question], answers: Answers, say: TranslateFunction = leave_untranslated
) -> BaseForm:
    """Return a form with a field for each question, filled in with the answers.

    The form's `validate()` adds errors, translated by `say`, to the fields.
    """
    form = BaseForm({question.name: field_for(question, answers, say) for question in questions})
    form.process(MultiDict({name: list(values) for name, values in answers.items()}))
    return form


def field_for(question: Question, answers: Answers, say: TranslateFunction) -> Any:
    """Return the WTForms field of one question, not yet bound to a form.

    The field has validators only if the question applies.
    """
    field_class = FIELD_CLASSES[question.kind]
    validators = validators_for(question, answers, say) if applies(question, answers) else []
    if not question.choices:
        return field_class(validators=validators)
    values = [str(choice.value) for choice in question.choices]
    return field_class(validators=validators, choices=values, validate_choice=bool(validators))


def exclusive_choice_validator(question: Question, message: str) -> Callable[[BaseForm, Field], None]:
    """Return a validator that refuses an exclusive choice in combination with another choice."""
    exclusive_values = {choice.value for choice in question.choices if choice.is_exclusive}

    def validate(_form: BaseForm, field: Field) -> None:
        if len(field.data) > 1 and exclusive_values & set(field.data):
            raise ValidationError(message)

    return validate


def validators_for(question: Question, answers: Answers, say: TranslateFunction) -> list[Any]:
    """Return the WTForms validators of one question."""
    route = route_of(answers)
    error_message = say((question.error or question.subject).for_route(route))
    blank_validator = DataRequired(error_message) if is_required(question, answers) else Optional()
    if question.choices or question.kind is Kind.AGREE:
        message = question.exclusive_error
        return [blank_validator, *([exclusive_choice_validator(question, say(message.you))] if message else [])]
    if question.kind is Kind.EMAIL:
        return [
            blank_validator,
            Length(max=question.max_length, message=error_message),
            Regexp(HEADER_EMAIL_PATTERN if question is COPY_TO else EMAIL_PATTERN, message=error_message),
        ]
    usable_pattern = USABLE_TEXT_PATTERN if question.kind is Kind.TEXTAREA else USABLE_LINE_PATTERN
    subject = say(question.subject.for_route(route))
    length = len(first_value(answers, question.name))
    too_long_message = say(TOO_LONG_ERROR.for_route(route), subject=subject, longest=question.max_length, typed=length)
    return [
        blank_validator,
        Regexp(usable_pattern, message=say(UNACCEPTABLE_CHARACTER_ERROR.for_route(route), subject=subject)),
        Length(max=question.max_length, message=too_long_message.replace("%", "%%")),
    ]
