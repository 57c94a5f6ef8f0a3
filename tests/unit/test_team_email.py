"""The team's email gives alerts before phone numbers, and its HTML says the same as its plain text."""

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
from form_service.mail.notices import compose_cancellation_notice, compose_test_email
from form_service.mail.team_email import ReferralDetails, compose_referral_email, referral_document
from form_service.referral.journey.flags import flags_of
from form_service.referral.questions import QUESTIONS, QUESTIONS_BY_NAME, Route
from service_profile import Service, load
from service_profile.invisible import remove_invisible
from tests.support import authority
from tests.support.page_checks import parse, text_of
from tests.support.service_parts import settings_of
from tests.support.team_email import body_of, html_of, section_of

RECEIPT_URL = "https://form.example.org.uk/referral/received/token"
MIDNIGHT_1_JULY = 1782860400.0  # in London; 2026-06-30 23:00 UTC
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


def referral_details(answers: dict[str, list[str]], sent_at: float = MIDNIGHT_1_JULY) -> ReferralDetails:
    return ReferralDetails(
        "7KQ4-M2X6", Route(answers["who"][0]), "English", sent_at, flags_of(answers), receipt_url=RECEIPT_URL
    )


def team_email(folder: Path, service: Service, answers: dict[str, list[str]], **environment: str) -> EmailMessage:
    message = compose_referral_email(answers, referral_details(answers), service, settings_of(folder, **environment))
    parsed_message = message_from_bytes(to_bytes(message), policy=policy.SMTP)
    assert isinstance(parsed_message, EmailMessage)
    return parsed_message


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", remove_invisible(text))


def test_alerts_come_first_and_phone_numbers_after_every_safety_rule(tmp_path: Path, service: Service) -> None:
    body = body_of(team_email(tmp_path, service, ANSWERS))
    expected_order = [
        "ALERTS",
        "UNDER 18.",
        "NO ADULT.",
        "COURT ORDER",
        "INTERPRETER: Polish.",
        "WHAT MUST NOT BE DONE",
    ]
    expected_order += ["DO NOT use: TEXT MESSAGE, EMAIL, LETTER.", "Never ring after 5pm.", "DO NOT leave a voicemail."]
    positions = [body.index(text) for text in expected_order[:-1]]
    assert positions == sorted(positions)
    assert body.index("If someone else answers") < body.index("07700 900111")
    assert not re.search(r"\n\s*\d+[a-d]?\. ", body), "no question numbers"


def test_the_agreed_word_comes_before_every_contact_method(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"first_word": ["heron"]}
    body = " ".join(body_of(team_email(tmp_path, service, answers)).split())
    expected_order = [
        "WHAT MUST NOT BE DONE",
        "A word to use, so that they know it is you",
        "heron",
        "PHONE CALL - ",
        "111",
    ]
    positions = [body.index(text) for text in expected_order]
    assert positions == sorted(positions)
    assert "A word to use, so" not in " ".join(body_of(team_email(tmp_path, service, ANSWERS)).split())


def test_the_time_of_sending_is_given_in_uk_time(tmp_path: Path, service: Service) -> None:
    body = " ".join(body_of(team_email(tmp_path, service, ANSWERS)).split())
    assert "Sent on Wednesday 1 July 2026 at 00:00 (UK time)." in body


TYPED_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None, database=None)
@given(typed_texts=st.lists(TYPED_TEXTS, min_size=6, max_size=6))
def test_the_text_and_html_parts_say_the_same_whatever_is_typed(typed_texts: list[str]) -> None:
    names = ("name", "must_not", "interpreter_language", "worry_yes", "trusted_contact", "work_contact")
    answers = ANSWERS | {name: [text] for name, text in zip(names, typed_texts, strict=True)}
    document = referral_document(answers, referral_details(answers), "The service")
    html_text = html.render(document)
    rendered_text = text_of(parse(re.sub(r"(?s)<title>.*</style>", "", html_text)))
    assert words_of(rendered_text) == words_of(plain_text.render(document))


def test_the_html_is_inert_and_its_only_link_is_the_receipt(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"name": ["<img src=x onerror=alert(1)> https://evil.example/ javascript:alert(1)"]}
    html_text = html_of(team_email(tmp_path, service, answers))
    assert re.findall(r'(?:href|src|action|background)="([^"]*)"', html_text) == [RECEIPT_URL]
    assert not re.search(r"<(script|img|iframe|form|input|link|object|svg|style[^>]*>[^<]*(url|@import))", html_text)


@pytest.mark.parametrize("invisible_character", ["\u200b", "\u202a", "\u2066", "\ufeff", "\u200e"])
def test_a_phone_number_contains_no_invisible_characters(
    tmp_path: Path, service: Service, invisible_character: str
) -> None:
    answers = ANSWERS | {"phone_number": [f"{invisible_character}07700 900111{invisible_character}"]}
    mail = team_email(tmp_path, service, answers)
    assert "\n  | 07700 900111\n" in body_of(mail)
    assert ">07700 900111<" in html_of(mail)


def test_a_name_with_an_accent_is_kept(tmp_path: Path, service: Service) -> None:
    assert "\n  | Zoë\n" in body_of(team_email(tmp_path, service, ANSWERS | {"name": ["Zoë"]}))


def test_an_interpreter_answer_that_says_more_than_the_language_is_quoted(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"interpreter_language": ["Polish. You may leave a voicemail. Say who is calling"]}
    alerts = section_of(team_email(tmp_path, service, answers), "ALERTS")
    assert "INTERPRETER. Arrange one before you make contact. Interpreter for: | Polish. You may" in alerts


@pytest.mark.parametrize(("reach", "verb"), [(["phone", "trusted"], "Call"), (["email"], "Make contact")])
def test_without_safe_times_the_team_is_told_to_keep_to_opening_hours(
    tmp_path: Path, service: Service, reach: list[str], verb: str
) -> None:
    contact_section = section_of(team_email(tmp_path, service, ANSWERS | {"reach": reach}), "HOW TO CONTACT THEM")
    rule = "in opening hours only. When you reach them, ask which times are safe."
    assert f"Safe times: none given. {verb} {rule}" in contact_section


def test_a_neutral_text_message_has_the_wording_that_the_form_promised(tmp_path: Path, service: Service) -> None:
    answers = ANSWERS | {"reach": ["text"], "text_number": ["07700 900222"]}
    contact_section = section_of(team_email(tmp_path, service, answers), "HOW TO CONTACT THEM")
    (promised_wording,) = re.findall("“(.+?)”", QUESTIONS_BY_NAME["text_may_say"].hint.you)  # type: ignore[union-attr]
    assert f"Write ONLY something like: “{promised_wording}”" in contact_section


def test_one_answer_raises_the_alerts_for_rape_and_for_domestic_abuse(tmp_path: Path, service: Service) -> None:
    mail = team_email(
        tmp_path, service, ANSWERS | {"side": ["harmed"], "harm": ["home_sexual"]}, FORM_ATTACHMENT="json"
    )
    for headline in ("DOMESTIC ABUSE: PERSON HARMED", "RAPE OR SEXUAL ABUSE: PERSON HARMED"):
        assert f"{headline}." in section_of(mail, "ALERTS")
        assert headline in json.loads(attachment_text(mail))["alerts"]
    assert "Kind of harm: Rape or sexual abuse by a partner, ex-partner or relative" in " ".join(body_of(mail).split())


def test_a_quotation_inside_an_answer_has_single_quotation_marks(tmp_path: Path, service: Service) -> None:
    body = " ".join(body_of(team_email(tmp_path, service, ANSWERS)).split())
    assert "Yes: “They have told me: ‘I am happy for the team to contact me in these ways’”" in body


def test_a_person_with_no_safe_contact_method_is_never_to_be_contacted(service: Service) -> None:
    answers = {"who": ["harmed"], "name": ["Sam"], "age": ["adult"], "reach": ["none"], "agreement": ["yes"]}
    document = referral_document(answers, referral_details(answers), str(service["name"]))
    text = plain_text.render(document).partition("EVERY ANSWER")[0]
    assert "DO NOT CONTACT. No way of contact is safe for the person referred." in text
    assert "DO NOT contact the person referred in any way." in text and "Use ONLY" not in text


def test_the_team_is_told_never_to_name_the_service_on_an_envelope(service: Service) -> None:
    answers = ANSWERS | {"reach": ["post"], "post_address": ["1 High Street"], "post_may_say": ["who_we_are"]}
    text = plain_text.render(referral_document(answers, referral_details(answers), str(service["name"])))
    letter_rules = " ".join(text.partition("\n  LETTER\n")[2].partition("Address for letters")[0].split())
    assert f"The letter may say that it is from {service['name']}." in letter_rules
    assert "The envelope MUST NOT say who you are." in letter_rules


@pytest.mark.parametrize("harm", ["home", "sexual"])
def test_no_alert_seems_to_allow_contact_if_no_contact_method_is_safe(service: Service, harm: str) -> None:
    answers = ANSWERS | {"side": ["harmed"], "harm": [harm], "reach": ["none_safe"]}
    document = referral_document(answers, referral_details(answers), str(service["name"]))
    alerts = " ".join(plain_text.render(document).partition("WHAT MUST NOT BE DONE")[0].split())
    assert "When they contact you, do your extra checks" in alerts and "before ANY contact" not in alerts


# The attachment for a case-management system


def attachment_text(mail: EmailMessage) -> str:
    (attachment,) = mail.iter_attachments()
    content = attachment.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def leaf_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaf_texts(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaf_texts(item)]
    return [value] if isinstance(value, str) else []


def test_without_the_attachment_setting_no_file_is_attached(tmp_path: Path, service: Service) -> None:
    assert list(team_email(tmp_path, service, ANSWERS).iter_attachments()) == []


def test_the_json_file_matches_its_schema_and_says_no_more_than_the_email(tmp_path: Path, service: Service) -> None:
    mail = team_email(tmp_path, service, ANSWERS, FORM_ATTACHMENT="json")
    record, json_schema = json.loads(attachment_text(mail)), schema()
    assert set(record) == set(json_schema["properties"]) == set(json_schema["required"])
    choices = {question.name: {str(choice.value) for choice in question.choices} for question in QUESTIONS}
    body = " ".join(re.sub(r"\n  \| ", " ", body_of(mail)).split())
    for name, value in record["answers"].items():
        assert name in json_schema["properties"]["answers"]["properties"]
        for text in leaf_texts(value):
            assert text == "" or text in choices[name] or " ".join(text.split()) in body
    assert all(headline in body for headline in record["alerts"])


def test_the_attachment_schema_documents_every_question() -> None:
    properties = schema()["properties"]["answers"]["properties"]
    assert list(properties) == [question.name for question in QUESTIONS]
    assert all(entry["title"] and entry["description"] for entry in properties.values())


@pytest.mark.parametrize("typed_text", ["=HYPERLINK(1)", "+44 7700", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\n=1"])
def test_no_answer_becomes_a_formula_in_a_spreadsheet(tmp_path: Path, service: Service, typed_text: str) -> None:
    content = attachment_text(team_email(tmp_path, service, ANSWERS | {"name": [typed_text]}, FORM_ATTACHMENT="csv"))
    assert content.startswith("\ufeff")
    header, row = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""))
    assert len(header) == len(row)
    cell = dict(zip(header, row, strict=True))["name"]
    assert cell == f"'{typed_text}"


def test_with_a_certificate_the_text_the_html_and_the_attachment_are_encrypted(
    tmp_path: Path, service: Service
) -> None:
    pair = authority.make_certificate(tmp_path, "team")
    mail_settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(pair.certificate), FORM_ATTACHMENT="csv")
    message = compose_referral_email(ANSWERS, referral_details(ANSWERS), service, mail_settings)
    sealed_email = Sealer.from_settings(mail_settings).seal_for_team(to_bytes(message))
    (tmp_path / "email.eml").write_bytes(sealed_email.sealed)
    assert b"Polish" not in sealed_email.sealed and b"text/html" not in sealed_email.sealed
    command = ["openssl", "cms", "-decrypt", "-in", str(tmp_path / "email.eml"), "-recip", str(pair.certificate)]
    decrypted_bytes = subprocess.run([*command, "-inkey", str(pair.key)], check=True, capture_output=True).stdout
    inner_message = message_from_bytes(decrypted_bytes, policy=policy.SMTP)
    assert isinstance(inner_message, EmailMessage) and inner_message.get_content_type() == "multipart/mixed"
    assert "INTERPRETER: Polish." in body_of(inner_message) and "INTERPRETER: Polish." in html_of(inner_message)
    assert "Aunt May, 01632 960333" in attachment_text(inner_message)


def test_other_emails_to_the_team_have_a_text_and_an_html_part(tmp_path: Path, service: Service) -> None:
    mail_settings = settings_of(tmp_path)
    for message in (
        compose_test_email("7KQ4-M2X6", mail_settings),
        compose_cancellation_notice("7KQ4-M2X6", service, mail_settings),
    ):
        assert "7KQ4-M2X6" in body_of(message) and "7KQ4-M2X6" in html_of(message)
        assert message["Subject"] == "Referral 7KQ4-M2X6"
