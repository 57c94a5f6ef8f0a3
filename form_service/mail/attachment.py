"""The JSON or CSV file attached to a referral, for a case-management system.

Each answer has the name of its question, and is typed text or the values of choices. `schema` describes the file.
"""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from form_service.config.local_time import local_time
from form_service.mail.message import Attachment
from form_service.referral.journey.answers import Answers, answers_to_send
from form_service.referral.questions import QUESTIONS, QUESTIONS_BY_NAME, Kind, Question, Route

# A spreadsheet evaluates a cell that starts with one of these characters, or its full-width form, as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_METADATA_NAMES = ("reference", "sent_at", "type", "language", "alerts")


def referral_attachment(
    file_format: str,
    answers: Answers,
    reference: str,
    sent_at: float,
    route: Route,
    language: str,
    alert_headlines: Sequence[str],
) -> Attachment | None:
    """Return the referral as a file in JSON or CSV, or None if `file_format` is "none".

    `sent_at` is in seconds since 1970.
    """
    if file_format == "none":
        return None
    sent_answers = answers_to_send(answers)
    record = {
        "reference": reference,
        "sent_at": local_time(sent_at).isoformat(timespec="seconds"),
        "type": route.value,
        "language": language,
        "alerts": list(alert_headlines),
        "answers": {name: _json_value(QUESTIONS_BY_NAME[name], values) for name, values in sent_answers.items()},
    }
    content = json.dumps(record, ensure_ascii=False, indent=2) + "\n" if file_format == "json" else _csv_text(record)
    return Attachment(f"referral-{reference}.{file_format}", file_format, content)


def _json_value(question: Question, values: list[str]) -> str | list[str] | bool:
    if question.kind is Kind.CHECKBOXES:
        return values
    if question.kind is Kind.AGREE:
        return bool(values)
    return values[0] if values else ""


def _csv_text(record: dict[str, Any]) -> str:
    """Return `record` as CSV: a header row, which is the same for every record, and the record's own row."""
    question_names = [question.name for question in QUESTIONS]
    row = [_cell_text(record[name]) for name in _METADATA_NAMES] + [
        _cell_text(record["answers"].get(name, "")) for name in question_names
    ]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[*_METADATA_NAMES, *question_names], row])
    return "\ufeff" + buffer.getvalue()


def _cell_text(value: str | list[str] | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "; ".join(value) if isinstance(value, list) else value
    # A leading apostrophe makes a spreadsheet treat the cell as text.
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) else text


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the file that FORM_ATTACHMENT=json attaches.

    With FORM_ATTACHMENT=csv, the columns of the attached file have the same names as the keys of that JSON file.
    """
    properties = {question.name: _property_schema(question) for question in QUESTIONS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A referral, as FORM_ATTACHMENT=json encloses it",
        "description": "Only the questions that apply to the referral are present; a blank answer is empty.",
        "type": "object",
        "required": [*_METADATA_NAMES, "answers"],
        "additionalProperties": False,
        "properties": {
            "reference": {"type": "string", "description": "The reference, such as 7KQ4-M2X6"},
            "sent_at": {"type": "string", "format": "date-time", "description": "When it was sent, in local time"},
            "type": {"enum": [route.value for route in Route], "description": "Who filled in the form"},
            "language": {"type": "string", "description": "The language of the form, by its English name"},
            "alerts": {"type": "array", "items": {"type": "string"}, "description": "The headlines under ALERTS"},
            "answers": {"type": "object", "additionalProperties": False, "properties": properties},
        },
    }


def _property_schema(question: Question) -> dict[str, Any]:
    annotations = {"title": question.team_label, "description": question.label.they or question.label.you}
    if question.kind is Kind.AGREE:
        return {**annotations, "type": "boolean"}
    choices = [
        {"const": str(choice.value), "title": choice.team_label or choice.label.you} for choice in question.choices
    ]
    if question.kind is Kind.CHECKBOXES:
        return {**annotations, "type": "array", "items": {"oneOf": choices}}
    if choices:
        return {**annotations, "oneOf": [*choices, {"const": "", "title": "Left blank"}]}
    return {**annotations, "type": "string", "maxLength": question.max_length}
