"""Drafts that an older or newer release wrote can be read. Invisible characters are removed from answers."""

import json

import pytest

from form_service.referral.journey.draft import Draft, SentReferral, normalise_answer
from form_service.referral.questions import COPY_TO, QUESTIONS_BY_NAME, Kind, Page
from form_service.referral.questions.model import N_


def test_answers_written_by_a_newer_release_can_be_read() -> None:
    draft = Draft(answers={"name": ["Sam"]}, sent=SentReferral("7KQ4-M2X6", 2.0, "digest"))
    record = json.loads(draft.to_bytes())
    record["from_a_newer_release"] = True
    record["sent"]["also_new"] = "x"
    assert Draft.from_bytes(json.dumps(record).encode()) == draft


def test_answers_written_by_an_older_release_can_be_read() -> None:
    record = json.loads(Draft(answers={"name": ["Sam"]}).to_bytes())
    del record["changed_elsewhere"], record["sent"]
    assert Draft.from_bytes(json.dumps(record).encode()).answers == {"name": ["Sam"]}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"1", b'{"sent": 5}', b'{"sent": "x"}'])
def test_invalid_draft_data_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        Draft.from_bytes(data)


def test_every_page_must_say_what_happens_to_its_answers_when_question_1_changes() -> None:
    with pytest.raises(TypeError, match="on_new_person"):
        Page(slug="new", title=N_("new"), questions=())  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "typed_text", "stored_text"),
    [
        ("email_address", "sam@example.org\u200b", "sam@example.org"),
        ("email_address", "\u2066sam@\u00adexample.org\u2069", "sam@example.org"),
        ("phone_number", "\u202a07700\u00a0900\u200d111\u202c", "07700 900111"),
        ("text_number", "\ufeff07700 900222", "07700 900222"),
        ("crime_reference", "22/\u200b1", "22/1"),
        ("work_contact", "shaw\u2060@police.example", "shaw@police.example"),
        ("writer_contact", "\u200e01632 960222", "01632 960222"),
        ("post_address", "1 High Street\r\nStafford\u200b", "1 High Street\nStafford"),
        ("trusted_contact", "می\u200cخواهم 01632 960333\u200f", "می\u200cخواهم 01632 960333"),
        ("email_address", " ｓａｍ＠ｅｘａｍｐｌｅ。ｏｒｇ ", "sam@example.org"),
        ("email_address", "sam\ufe0f@exam\U000e0101ple.org\U000e0062", "sam@example.org"),
        ("copy_to", "sam@example.org\ufffb", "sam@example.org"),
        ("phone_number", "＋４４　７７００　９００１１１", "+44 7700 900111"),
        ("phone_number", "٠٧٧٠٠ ٩٠٠١١١", "07700 900111"),
        ("text_number", "0\ufe0f\u20e37700 900222\u3164", "0\u20e37700 900222"),
        ("first_word", "blue\u2068bird\u2069", "bluebird"),
        ("name", "Sam\u202eelbaillA", "SamelbaillA"),
        ("name", "👩🏽\u200d🦽 Sam", "👩🏽\u200d🦽 Sam"),
        ("organisation", "Stafford\u00adshire\u2007Police", "Staffordshire Police"),
    ],
)
def test_invisible_characters_are_removed_from_answers_that_the_team_copies(
    name: str, typed_text: str, stored_text: str
) -> None:
    question = COPY_TO if name == "copy_to" else QUESTIONS_BY_NAME[name]
    assert normalise_answer(question, [typed_text]) == [stored_text]


def test_one_line_texts_and_contact_details_are_marked_as_answers_that_the_team_copies() -> None:
    copyable_names = {name for name, question in QUESTIONS_BY_NAME.items() if question.is_made_copyable}
    assert copyable_names >= {name for name, question in QUESTIONS_BY_NAME.items() if question.kind is Kind.TEXT}
    assert "first_word" in copyable_names and "adult_contact" in copyable_names
    assert copyable_names >= {"phone_number", "text_number", "email_address", "secure_email", "crime_reference"}
    assert copyable_names >= {"post_address", "trusted_contact", "work_contact", "writer_contact"}


@pytest.mark.parametrize(
    "typed_text",
    ["", " \t", "\u200b", "\u2066\u2069", "\x00", "\u3164", "\u2800", "\ufe0f", "\U000e0062", "\u180b\u200d"],
)
def test_an_answer_of_invisible_characters_counts_as_blank(typed_text: str) -> None:
    assert normalise_answer(QUESTIONS_BY_NAME["name"], [typed_text]) == []
