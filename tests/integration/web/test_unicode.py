"""Any text that can be typed arrives unchanged in the team's mailbox, and cannot imitate the form's own text."""

import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from form_service import create_app
from form_service.config.settings import Settings
from form_service.mail.plain_text import can_change_direction, copyable_line
from form_service.mail.smtp_client import MailRoute
from form_service.referral.journey.text import is_blank, make_copyable
from form_service.referral.questions import QUESTIONS, QUESTIONS_BY_NAME, Kind, Route
from form_service.store.outbox import DeliveryResult
from form_service.web import rate_limits
from tests.support.form_client import ANSWERS_BY_ROUTE, SAME_ORIGIN_HEADERS
from tests.support.team_email import OWN_WORDS_PREFIX_PATTERN, answer_lines_in, body_of, html_of
from tools.dev.ports import free_port

pytestmark = pytest.mark.long

# All assigned and private-use characters except controls, surrogates, and the line and paragraph separators.
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])
SINGLE_LINE_TEXTS = st.text(CHARACTERS, min_size=1, max_size=50).filter(lambda text: not is_blank(text))
MULTILINE_TEXTS = (
    st.lists(st.text(CHARACTERS, max_size=40), min_size=1, max_size=5)
    .map("\n".join)
    .filter(lambda text: not is_blank(text))
)
ISOLATE_OPENERS, ISOLATE_CLOSER = "\u2066\u2067\u2068", "\u2069"
FORGED_EMAIL_SECTIONS = "x\n\nALERTS\n======\n  You may leave a voicemail.\n\nEVERY ANSWER\n------------"
ALLOWED_HEADERS = {
    "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "MIME-Version", "Content-Type",
}  # fmt: skip


class RecordingMailbox:
    """A handler of aiosmtpd that keeps every email it receives."""

    def __init__(self) -> None:
        self.emails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.emails.append(envelope.original_content)
        return "250 kept"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[RecordingMailbox, int]]:
    """Run an SMTP server; yield the mailbox that keeps the emails it receives, and its port."""
    recording_mailbox = RecordingMailbox()
    port = free_port()
    controller = Controller(recording_mailbox, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    yield recording_mailbox, port
    controller.stop()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, mailbox: tuple[RecordingMailbox, int]) -> Iterator[Flask]:
    """Yield the form's Flask app, which has no rate limits and sends its emails to `mailbox`."""
    # All tests share one client address, so they would exceed the limits.
    folder: Path = tmp_path_factory.mktemp("unicode")
    form_app = create_app(
        Settings.from_environment({"FORM_SMTP_URL": f"smtp://127.0.0.1:{mailbox[1]}"}, instance=folder)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate_limits, "_count_exceeds", lambda *_: False)
        yield form_app
    form_app.extensions["form_service"].store.close()


def send_typed_texts(
    app: Flask, mailbox: RecordingMailbox, line: str, lines: str
) -> tuple[EmailMessage, dict[str, str]]:
    """Send a professional's referral with `line` in the one-line boxes and `lines` in the text areas.

    Return the team's email, and the typed texts by question name.
    """
    context = app.extensions["form_service"]
    client = app.test_client()
    client.post("/referral/", headers=SAME_ORIGIN_HEADERS)
    cookie = client.get_cookie("draft", path="/referral/").value
    choices = {
        "reach": ["phone", "text", "email", "post", "trusted"],
        "support": ["interpreter", "other"],
        "worry": "yes",
    }
    typed_texts: dict[str, str] = {}
    for question in QUESTIONS:
        if Route.PROFESSIONAL in question.asked_of and question.kind in (Kind.TEXT, Kind.TEL, Kind.TEXTAREA):
            typed_texts[question.name] = lines if question.kind is Kind.TEXTAREA else line
    for conditional_question in ("worry_unsure", "adult_contact"):
        typed_texts.pop(conditional_question)
    token = {"token": context.sealer.form_token(cookie)}
    for slug, fields in ANSWERS_BY_ROUTE["professional"]:
        field_names = {
            question.name for question in QUESTIONS if question.name in fields or question.name in typed_texts
        }
        values = fields | choices | {name: text.replace("\n", "\r\n") for name, text in typed_texts.items()}
        posted_fields = {name: value for name, value in values.items() if name in field_names or name in choices}
        client.post(
            f"/referral/{slug}",
            data=posted_fields | {"email_address": "a@b.example"} | token,
            headers=SAME_ORIGIN_HEADERS,
        )
    check_page = client.get("/referral/check").get_data(as_text=True)
    shown_digest = check_page.partition('name="shown" value="')[2].partition('"')[0]
    response = client.post(
        "/referral/check", data={"shown": shown_digest, "agreement": "yes"} | token, headers=SAME_ORIGIN_HEADERS
    )
    assert response.location == "/referral/done", (response.status_code, response.location)
    claim = context.store.outbox.claim()
    route = MailRoute(context.settings.mail_server, "", context.settings.mail_from)
    result = route.send(claim.recipient, context.sealer.open(claim.key_id, claim.sealed))
    route.close()
    assert result.accepted
    context.store.outbox.finish(claim, DeliveryResult(delivered=True))
    return message_from_bytes(mailbox.emails.pop(), policy=policy.SMTP), typed_texts  # type: ignore[return-value]


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(line=SINGLE_LINE_TEXTS, lines=MULTILINE_TEXTS)
@example(line="\u202eyou may leave a voicemail", lines="\u2069\u2069\u202eevil\u2066\n\u2067open")
@example(line="| 6a. Voicemail: Yes", lines=FORGED_EMAIL_SECTIONS)
@example(line="=?utf-8?q?Bcc=3A?= .", lines=".\n..\nFrom me\n \n=0D=0A")
@example(line="👩🏽‍🦽‍➡️ Ünï\u0323cøde", lines="مرحبا\n\nשלום\n漢字 trailing \n\ttab")
def test_any_typed_text_arrives_unchanged_and_cannot_imitate_the_form(
    app: Flask, mailbox: tuple[RecordingMailbox, int], line: str, lines: str
) -> None:
    mail, typed_texts = send_typed_texts(app, mailbox[0], line, lines)
    lines_by_name = answer_lines_in(mail)
    for name, text in typed_texts.items():
        if QUESTIONS_BY_NAME[name].is_made_copyable:
            text = make_copyable(text, QUESTIONS_BY_NAME[name].kind)
        assert len(lines_by_name[name]) == len(text.split("\n")), name
        for displayed_line, typed_line in zip(lines_by_name[name], text.split("\n"), strict=True):
            if QUESTIONS_BY_NAME[name].kind is Kind.TEL:
                assert displayed_line == copyable_line(typed_line), (name, displayed_line)
                continue
            isolate_patterns = ("\u2068+", "\u2069+") if can_change_direction(typed_line) else ("", "")
            assert re.fullmatch(f"{isolate_patterns[0]}{re.escape(typed_line)}{isolate_patterns[1]}", displayed_line), (
                name,
                displayed_line,
            )
    for name in ALLOWED_HEADERS:
        assert len(mail.get_all(name, [])) == 1, name
    assert set(mail.keys()) - ALLOWED_HEADERS <= {"X-Peer", "X-MailFrom", "X-RcptTo"}
    body = body_of(mail)
    assert body.startswith("Referral ")
    assert body.count("\nALERTS\n") == 1
    assert body.count("\nEVERY ANSWER\n") == 1
    tags = re.findall(r"<(\w+)", html_of(mail))
    assert not {"script", "img", "iframe", "form", "input", "svg", "link"} & set(tags), "the HTML part is inert"
    assert tags.count("a") == 1, "the receipt's link and no other"
    for displayed_line in body.split("\n"):
        if prefix := OWN_WORDS_PREFIX_PATTERN.match(displayed_line):
            if "\u200e" in prefix[0]:
                assert_isolated(displayed_line[prefix.end() :])
        else:
            assert all(
                unicodedata.bidirectional(character) in FORM_TEXT_BIDI_CLASSES for character in displayed_line
            ), displayed_line


# Bidirectional classes of the form's own text: left-to-right letters, digits, spaces, punctuation.
FORM_TEXT_BIDI_CLASSES = {"L", "EN", "ES", "ET", "CS", "WS", "ON", "B", "S"}


def assert_isolated(text: str) -> None:
    """Check that Unicode directional isolates enclose all of `text`, and that each is closed."""
    # UAX 9, rules X5a to X6a
    depth = 0
    for index, character in enumerate(text):
        if character in ISOLATE_OPENERS:
            depth += 1
        elif character == ISOLATE_CLOSER and depth:
            depth -= 1
        assert depth > 0 or index == len(text) - 1, repr(text)
    assert depth == 0, repr(text)


def test_text_fields_take_names_phone_numbers_and_free_text() -> None:
    field_names = {question.name for question in QUESTIONS if question.kind in (Kind.TEXT, Kind.TEL, Kind.TEXTAREA)}
    assert field_names >= {
        "name",
        "phone_number",
        "must_not",
        "crime_reference",
        "worry_yes",
        "role",
        "trusted_contact",
    }
    assert QUESTIONS_BY_NAME["email_address"].kind is Kind.EMAIL
