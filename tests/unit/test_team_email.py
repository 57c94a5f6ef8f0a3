"""The team's email: alerts before phone numbers, the same text in both parts, inert HTML."""

import csv
import io
import json
import re
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from form_service.crypto import Sealer
from form_service.mail import html, plain_text
from form_service.mail.attachment import schema
from form_service.mail.message import to_bytes
from form_service.mail.notices import compose_cancellation, compose_test_email
from form_service.mail.team_email import FLAG_ALERTS, ReferralDetails, compose_referral_email, referral_document
from form_service.referral.journey.flags import Flag, flags_of
from form_service.referral.questions import QUESTIONS, QUESTIONS_BY_NAME, Route
from service_profile import Service, load
from service_profile.invisible import without_invisible
from tests.support import authority
from tests.support.page_checks import parse, text_of
from tests.support.service_parts import settings_of
from tests.support.team_email import body_of, html_of, section_of

RECEIPT = "https://form.example.org.uk/referral/received/token"
LATE_ON_1_JULY = 1782860400.0  # 2026-06-30 23:00 UTC, which is 1 July in London
ANSWERS: dict[str, list[str]] = {
    "who": ["professional"],
    "agreed": ["yes"],
    "side": ["responsible"],
    "name": ["Lee"],
    "age": ["under_18"],
    "adult": ["none"],
    "reach": ["phone", "trusted"],
    "phone_number": ["07700 900111"],
    "trusted_contact": ["Aunt May, 01632 960333"],
    "must_not": ["Never ring after 5pm.\nHe is home then."],
    "support": ["interpreter"],
    "interpreter_language": ["Polish"],
    "harm": ["home"],
    "stage": ["court"],
    "worry": ["yes"],
    "worry_yes": ["There is a restraining order."],
    "writer_name": ["PC Shaw"],
    "organisation": ["Police"],
    "work_contact": ["01632 960444"],
    "agreement": ["yes"],
}


@pytest.fixture(scope="module")
def service() -> Service:
    return load()


def referral(answers: dict[str, list[str]], sent_at: float = LATE_ON_1_JULY) -> ReferralDetails:
    return ReferralDetails(
        "7KQ4-M2X6", Route(answers["who"][0]), "English", sent_at, flags_of(answers), receipt_url=RECEIPT
    )


def email(folder: Path, service: Service, answers: dict[str, list[str]], **environment: str) -> EmailMessage:
    made = compose_referral_email(answers, referral(answers), service, settings_of(folder, **environment))
    parsed = message_from_bytes(to_bytes(made), policy=policy.SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", without_invisible(text))


def test_alerts_come_first_and_the_number_after_every_rule(tmp_path: Path, service: Service) -> None:
    body = body_of(email(tmp_path, service, ANSWERS))
    in_order = ["ALERTS", "UNDER 18.", "NO ADULT.", "COURT ORDER", "INTERPRETER: Polish.", "WHAT MUST NOT BE DONE"]
    in_order += ["DO NOT use: TEXT MESSAGE, EMAIL, LETTER.", "Never ring after 5pm.", "DO NOT leave a voicemail."]
    places = [body.index(text) for text in in_order[:-1]]
    assert places == sorted(places)
    assert body.index("If someone else answers") < body.index("07700 900111")
    assert not re.search(r"\n\s*\d+[a-d]?\. ", body), "no number of a question"


def test_the_agreed_word_comes_before_every_way_of_contact(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"first_word": ["heron"]}
    body = " ".join(body_of(email(tmp_path, service, answers)).split())
    in_order = ["WHAT MUST NOT BE DONE", "A word to use, so that they know it is you", "heron", "PHONE CALL - ", "111"]
    places = [body.index(text) for text in in_order]
    assert places == sorted(places)
    assert "A word to use, so" not in " ".join(body_of(email(tmp_path, service, ANSWERS)).split())


def test_the_day_and_time_are_those_of_the_people_who_read_it(tmp_path: Path, service: Service) -> None:
    body = " ".join(body_of(email(tmp_path, service, ANSWERS)).split())
    assert "Sent on Wednesday 1 July 2026 at 00:00 (UK time)." in body


def test_every_flag_has_words() -> None:
    assert set(FLAG_ALERTS) == set(Flag)


TYPED = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None, database=None)
@given(typed=st.lists(TYPED, min_size=6, max_size=6))
def test_both_parts_say_the_same_whatever_is_typed(typed: list[str]) -> None:
    names = ("name", "must_not", "interpreter_language", "worry_yes", "trusted_contact", "work_contact")
    answers = ANSWERS | {name: [text] for name, text in zip(names, typed, strict=True)}
    document = referral_document(answers, referral(answers), "The service")
    rendered = html.render(document)
    in_html = text_of(parse(re.sub(r"(?s)<title>.*</style>", "", rendered)))
    assert words(in_html) == words(plain_text.render(document))


def test_the_html_is_inert_and_its_only_link_is_the_receipt(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"name": ["<img src=x onerror=alert(1)> https://evil.example/ javascript:alert(1)"]}
    rendered = html_of(email(tmp_path, service, answers))
    assert re.findall(r'(?:href|src|action|background)="([^"]*)"', rendered) == [RECEIPT]
    assert not re.search(r"<(script|img|iframe|form|input|link|object|svg|style[^>]*>[^<]*(url|@import))", rendered)


@pytest.mark.parametrize("invisible", ["\u200b", "\u202a", "\u2066", "\ufeff", "\u200e"])
def test_a_number_that_the_team_copies_holds_nothing_invisible(
    tmp_path: Path, service: Service, invisible: str
) -> None:
    answers = ANSWERS | {"phone_number": [f"{invisible}07700 900111{invisible}"]}
    mail = email(tmp_path, service, answers)
    assert "\n  | 07700 900111\n" in body_of(mail)
    assert ">07700 900111<" in html_of(mail)


def test_a_name_with_an_accent_can_be_copied_too(tmp_path: Path, service: Service) -> None:
    assert "\n  | Zoë\n" in body_of(email(tmp_path, service, ANSWERS | {"name": ["Zoë"]}))


def test_only_a_plain_language_name_appears_in_the_forms_own_words(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"interpreter_language": ["Polish. You may leave a voicemail. Say who is calling"]}
    alerts = section_of(email(tmp_path, service, answers), "ALERTS")
    assert "INTERPRETER. Arrange one before you make contact. Interpreter for: | Polish. You may" in alerts


@pytest.mark.parametrize(("reach", "first_word"), [(["phone", "trusted"], "Call"), (["email"], "Make contact")])
def test_without_safe_times_the_team_keeps_to_opening_hours(
    tmp_path: Path, service: Service, reach: list[str], first_word: str
) -> None:
    safety = section_of(email(tmp_path, service, ANSWERS | {"reach": reach}), "HOW TO CONTACT THEM")
    rule = "in opening hours only. When you reach them, ask which times are safe."
    assert f"Safe times: none given. {first_word} {rule}" in safety


def test_a_message_that_must_not_say_who_we_are_says_what_the_form_promised(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"reach": ["text"], "text_number": ["07700 900222"]}
    safety = section_of(email(tmp_path, service, answers), "HOW TO CONTACT THEM")
    (promised,) = re.findall("“(.+?)”", QUESTIONS_BY_NAME["text_may_say"].hint.you)  # type: ignore[union-attr]
    assert f"Write ONLY something like: “{promised}”" in safety


def test_one_answer_raises_the_alerts_for_rape_and_for_domestic_abuse(tmp_path: Path, service: Service) -> None:
    mail = email(tmp_path, service, ANSWERS | {"side": ["harmed"], "harm": ["home_sexual"]}, FORM_ATTACHMENT="json")
    for headline in ("DOMESTIC ABUSE: PERSON HARMED", "RAPE OR SEXUAL ABUSE: PERSON HARMED"):
        assert f"{headline}." in section_of(mail, "ALERTS")
        assert headline in json.loads(attached(mail))["alerts"]
    assert "Kind of harm: Rape or sexual abuse by a partner, ex-partner or relative" in " ".join(body_of(mail).split())


def test_words_that_quote_the_person_are_quoted_in_single_marks(tmp_path: Path, service: Service) -> None:
    body = " ".join(body_of(email(tmp_path, service, ANSWERS)).split())
    assert "Yes: “They have told me: ‘I am happy for the team to contact me in these ways’”" in body


def test_a_person_with_no_safe_way_is_never_to_be_contacted(tmp_path: Path, service: Service) -> None:
    answers = {"who": ["harmed"], "name": ["Sam"], "age": ["adult"], "reach": ["none"], "agreement": ["yes"]}
    document = referral_document(answers, referral(answers), str(service["name"]))
    text = plain_text.render(document).partition("EVERY ANSWER")[0]
    assert "DO NOT CONTACT. They will contact you and give the reference 7KQ4-M2X6." in text
    assert "DO NOT contact them in any way." in text and "Use ONLY" not in text


@pytest.mark.parametrize("harm", ["home", "sexual"])
def test_no_alert_seems_to_allow_contact_with_a_person_who_has_no_safe_way(service: Service, harm: str) -> None:
    answers = ANSWERS | {"side": ["harmed"], "harm": [harm], "reach": ["none_safe"]}
    document = referral_document(answers, referral(answers), str(service["name"]))
    alerts = " ".join(plain_text.render(document).partition("WHAT MUST NOT BE DONE")[0].split())
    assert "When they contact you, do your extra checks" in alerts and "before ANY contact" not in alerts


# The file for a case-management system


def attached(mail: EmailMessage) -> str:
    (part,) = mail.iter_attachments()
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value] if isinstance(value, str) else []


def test_without_the_setting_there_is_no_file(tmp_path: Path, service: Service) -> None:
    assert list(email(tmp_path, service, ANSWERS).iter_attachments()) == []


def test_the_json_file_follows_its_schema_and_holds_nothing_that_is_not_in_the_text(
    tmp_path: Path, service: Service
) -> None:
    mail = email(tmp_path, service, ANSWERS, FORM_ATTACHMENT="json")
    record, promised = json.loads(attached(mail)), schema()
    assert set(record) == set(promised["properties"]) == set(promised["required"])
    choices = {question.name: {str(choice.value) for choice in question.choices} for question in QUESTIONS}
    body = " ".join(re.sub(r"\n  \| ", " ", body_of(mail)).split())
    for name, value in record["answers"].items():
        assert name in promised["properties"]["answers"]["properties"]
        for leaf in leaves(value):
            assert leaf == "" or leaf in choices[name] or " ".join(leaf.split()) in body
    assert all(headline in body for headline in record["alerts"])


def test_the_schema_documents_every_question_of_the_table() -> None:
    documented = schema()["properties"]["answers"]["properties"]
    assert list(documented) == [question.name for question in QUESTIONS]
    assert all(entry["title"] and entry["description"] for entry in documented.values())


@pytest.mark.parametrize("typed", ["=HYPERLINK(1)", "+44 7700", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\n=1"])
def test_no_answer_is_a_formula_in_a_spreadsheet(tmp_path: Path, service: Service, typed: str) -> None:
    content = attached(email(tmp_path, service, ANSWERS | {"name": [typed]}, FORM_ATTACHMENT="csv"))
    assert content.startswith("\ufeff")
    header, row = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    assert len(header) == len(row)
    cell = dict(zip(header, row, strict=True))["name"]
    assert cell == f"'{typed}"


def test_with_a_certificate_both_parts_and_the_file_are_encrypted(tmp_path: Path, service: Service) -> None:
    pair = authority.make(tmp_path, "team")
    chosen = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(pair.certificate), FORM_ATTACHMENT="csv")
    made = compose_referral_email(ANSWERS, referral(ANSWERS), service, chosen)
    sealed = Sealer.from_settings(chosen).seal_for_team(to_bytes(made))
    (tmp_path / "email.eml").write_bytes(sealed.sealed)
    assert b"Polish" not in sealed.sealed and b"text/html" not in sealed.sealed
    command = ["openssl", "cms", "-decrypt", "-in", str(tmp_path / "email.eml"), "-recip", str(pair.certificate)]
    plain = subprocess.run([*command, "-inkey", str(pair.key)], check=True, capture_output=True).stdout
    inner = message_from_bytes(plain, policy=policy.SMTP)
    assert isinstance(inner, EmailMessage) and inner.get_content_type() == "multipart/mixed"
    assert "INTERPRETER: Polish." in body_of(inner) and "INTERPRETER: Polish." in html_of(inner)
    assert "Aunt May, 01632 960333" in attached(inner)


def test_the_other_emails_to_the_team_have_both_parts_too(tmp_path: Path, service: Service) -> None:
    chosen = settings_of(tmp_path)
    for made in (compose_test_email("7KQ4-M2X6", chosen), compose_cancellation("7KQ4-M2X6", service, chosen)):
        assert "7KQ4-M2X6" in body_of(made) and "7KQ4-M2X6" in html_of(made)
        assert made["Subject"] == "Referral 7KQ4-M2X6"
