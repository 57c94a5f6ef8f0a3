"""On the private page, people can follow or cancel their request, change their contact details, or stop contact."""

import re
import tempfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from form_service import create_app
from form_service.config.settings import Settings
from form_service.referral.questions import PAGES_BY_SLUG
from tests.support.form_client import FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.team_email import body_of

PRIVATE_ANSWERS = ("Samira", "07700 900111", "samira@example.org", "Never after five", "heron")
NEW_WORD = "otter"
FIELDS_BY_CONTACT_METHOD = {
    "phone": {"phone_number": "07700 900777"},
    "text": {"text_number": "07700 900888"},
    "email": {"email_address": "new@example.org"},
    "post": {"post_address": "2 New Street"},
    "trusted": {"trusted_contact": "Aunt Bea, 01632 960555"},
    "none_safe": {},
}


def fill_in_and_send(app: Flask) -> tuple[FormClient, str, str]:
    """Fill in and send the form; return the client, the path of the private page, and the reference."""
    form_client = FormClient(app)
    form_client.fill_in("harmed", until="about")
    form_client.answer("about", {"name": "Samira", "age": "adult"})
    fields = {"reach": ["phone", "email"], "phone_number": "07700 900111", "email_address": "samira@example.org"}
    form_client.answer("reach", fields)
    form_client.answer("times", {"must_not": "Never after five", "first_word": "heron"})
    form_client.answer("support", {})
    form_client.answer("background", {})
    form_client.send()
    return form_client, form_client.private_page_path, form_client.reference


def text_of_email(email: EmailMessage) -> str:
    return " ".join(body_of(email).split())


def test_the_private_page_shows_the_progress_of_the_request_but_no_answer(app: Flask) -> None:
    form_client, link, reference = fill_in_and_send(app)
    form_client.get(link)
    assert reference in form_client.text and "Your request" in form_client.text
    assert "We received your request on" in form_client.text
    assert "It is on its way to the team by email." in form_client.text
    claim_emails(app, mark_delivered=True)
    form_client.get(link)
    assert "It reached the team’s email system on" in form_client.text
    assert not any(secret in form_client.text for secret in PRIVATE_ANSWERS)


def test_the_private_page_mentions_confirmation_only_if_the_team_confirms(make_app: MakeApp) -> None:
    for receipt_setting, expected_count in (("on", 1), ("off", 0)):
        app = make_app(FORM_RECEIPT=receipt_setting)
        form_client, link, reference = fill_in_and_send(app)
        claim_emails(app, mark_delivered=True)
        form_client.get(link)
        assert form_client.text.count("The team has not yet confirmed that they have seen it.") == expected_count
        assert "It reached the team’s email system on" in form_client.text
        app.extensions["form_service"].store.receipts.record(reference)
        form_client.get(link)
        assert form_client.text.count("The team confirmed on") == expected_count


def test_opening_the_private_page_changes_nothing(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    for method in ("GET", "HEAD"):
        assert form_client.flask_client.open(link, method=method).status_code == 200
    assert len(claim_emails(app)) == 1


def test_a_request_to_stop_contact_reaches_the_team_once(app: Flask) -> None:
    form_client, link, reference = fill_in_and_send(app)
    claim_emails(app, mark_delivered=True)
    form_client.get(link)
    fields = {"action": "stop", "page": form_client.hidden_value("page")}
    for _ in range(3):
        form_client.post(link, fields)
        assert "We are telling the team to stop" in form_client.text
    (email,) = claim_emails(app, mark_delivered=True)
    assert f"STOP CONTACT: referral {reference}" in body_of(email)
    assert "DO NOT contact the person the referral is about, in any way" in text_of_email(email)
    form_client.get(link)
    assert "we were asked to stop all contact" in form_client.text


def test_new_contact_details_reach_the_team_with_a_warning_to_check_who_it_is(app: Flask) -> None:
    form_client, link, reference = fill_in_and_send(app)
    claim_emails(app, mark_delivered=True)
    form_client.get(link)
    fields = {
        "action": "ways",
        "page": form_client.hidden_value("page"),
        "reach": ["text"],
        **FIELDS_BY_CONTACT_METHOD["text"],
    }
    for _ in range(2):
        form_client.post(link, fields)
        assert "We are telling the team the new ways to get in touch" in form_client.text
    (email,) = claim_emails(app)
    words = text_of_email(email)
    assert f"SAFE WAYS TO CONTACT THEM HAVE CHANGED: referral {reference}" in words and "07700 900888" in words
    assert "or someone contacts you, ask them for the word in the referral; do not say it yourself." in words
    assert "The reference proves nothing, because the page behind the link shows it" in words
    assert "The text MUST NOT say who you are." in words
    assert not any(secret in words for secret in PRIVATE_ANSWERS)


def test_the_private_page_asks_for_all_contact_details_and_the_team_is_warned_not_to_trust_a_new_word(
    app: Flask,
) -> None:
    form_client, link, _ = fill_in_and_send(app)
    claim_emails(app, mark_delivered=True)
    form_client.get(link)
    names = {question.name for slug in ("reach", "times") for question in PAGES_BY_SLUG[slug].questions}
    assert names <= set(re.findall(r'name="(\w+)"', form_client.text))
    fields = {
        "reach": ["phone"],
        **FIELDS_BY_CONTACT_METHOD["phone"],
        "voicemail": "yes",
        "say_who": "yes",
        "times": ["evening", "weekend"],
    }
    fields |= {"first_word": "otter", "must_not": "Never on Fridays"}
    form_client.post(link, {"action": "ways", "page": form_client.hidden_value("page"), **fields})
    (email,) = claim_emails(app)
    words = text_of_email(email)
    assert "You may leave a voicemail." in words and "you may say that it is" in words
    assert "Safe times: Weekday evenings, Weekends." in words and "Never on Fridays" in words
    assert "Until you are sure, say nothing about the service, even if a rule below allows it." in words
    assert words.index("CHECK WHO IT IS FIRST") < words.index("07700 900777") < words.index("otter")
    assert (
        "The new word was sent from the same link, so it proves nothing."
        in words.partition("A NEW WORD")[2].partition("otter")[0]
    )


def test_saying_that_no_way_of_contact_is_safe_tells_the_team_not_to_make_contact(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    claim_emails(app, mark_delivered=True)
    form_client.post(link, {"action": "ways", "reach": ["none_safe"]})
    assert "We will not contact you. When it is safe, contact us" in form_client.text
    assert "when we contact you" not in form_client.text
    (email,) = claim_emails(app)
    assert "DO NOT contact the person referred in any way. They will contact you." in text_of_email(email)


def test_new_contact_details_with_a_mistake_are_shown_again_and_not_sent(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    form_client.get(link)
    form_client.post(link, {"action": "ways", "reach": ["phone", "post"], "post_address": "2 New Street"})
    assert "There is a problem" in form_client.text
    assert "Enter a phone number" in form_client.text and "2 New Street" in form_client.text
    assert re.search(r'<details class="door" open>', form_client.text)
    form_client.post(link, {"action": "ways", "reach": ["phone", "none_safe"], "phone_number": "1"})
    assert "You cannot choose both" in form_client.text
    assert len(claim_emails(app)) == 1


def test_a_cancelled_request_can_no_longer_be_changed(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    form_client.cancel(link)
    assert "Nothing was sent to the team, and nothing will be" in form_client.text
    form_client.get(link)
    assert "It was cancelled on" in form_client.text and "<details" not in form_client.text
    for fields in ({"action": "stop"}, {"action": "ways", "reach": ["text"], **FIELDS_BY_CONTACT_METHOD["text"]}):
        form_client.post(link, fields)
        assert "Your request has already been cancelled" in form_client.text
    assert claim_emails(app) == []


def test_too_many_changes_are_refused_with_a_clear_message(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    for number in range(11):
        form_client.post(
            link, {"action": "ways", "page": str(number), "reach": ["text"], **FIELDS_BY_CONTACT_METHOD["text"]}
        )
    assert form_client.response.status_code == 429 and "Please tell the team yourself" in form_client.text
    assert len(claim_emails(app)) == 11, "the referral and ten notices"


def test_an_action_that_does_not_exist_does_nothing(app: Flask) -> None:
    form_client, link, _ = fill_in_and_send(app)
    form_client.post(link, {"action": "reopen"})
    assert "Your request" in form_client.text and len(claim_emails(app)) == 1


class LinkHolder(RuleBasedStateMachine):
    """Random actions of someone else who has the link to a person's private page."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.app = create_app(Settings.from_environment({}, instance=Path(self.folder.name)))
        _, self.link, self.reference = fill_in_and_send(self.app)
        self.link_holder_client = FormClient(self.app)
        self.is_cancelled = False
        self.emails: list[EmailMessage] = []

    def teardown(self) -> None:
        self.app.extensions["form_service"].store.close()
        self.folder.cleanup()

    @rule()
    def open_private_page(self) -> None:
        self.link_holder_client.get(self.link)

    @rule(page=st.sampled_from(["1", "2", ""]))
    def ask_to_stop_contact(self, page: str) -> None:
        self.link_holder_client.post(self.link, {"action": "stop", "page": page})

    @rule(
        methods=st.lists(st.sampled_from(list(FIELDS_BY_CONTACT_METHOD)), max_size=3, unique=True),
        page=st.sampled_from(["1", "2", "3"]),
        may_say=st.sampled_from(["nothing", "who_we_are", "asked_us"]),
    )
    def change_contact_methods(self, methods: list[str], page: str, may_say: str) -> None:
        fields: dict[str, Any] = {"action": "ways", "page": page, "reach": methods, "who": "professional", "name": "X"}
        fields |= {"first_word": NEW_WORD, "times": ["any"]}
        for method in methods:
            fields |= FIELDS_BY_CONTACT_METHOD[method] | {f"{method}_may_say": may_say}
        self.link_holder_client.post(self.link, fields)

    @precondition(lambda self: not self.is_cancelled)
    @rule()
    def cancel(self) -> None:
        self.link_holder_client.cancel(self.link)
        self.is_cancelled = True

    @rule()
    def deliver(self) -> None:
        delivered_emails = claim_emails(self.app, mark_delivered=True)
        if self.is_cancelled:
            assert all("CANCELLED" in body_of(email) for email in delivered_emails), (
                "after a cancellation only its notice is sent"
            )
        self.emails += delivered_emails

    @invariant()
    def no_page_shows_an_answer(self) -> None:
        if hasattr(self.link_holder_client, "response"):
            assert not any(secret in self.link_holder_client.text for secret in PRIVATE_ANSWERS)

    @invariant()
    def every_email_about_new_contact_details_has_the_warning(self) -> None:
        for email in self.emails:
            words = text_of_email(email)
            if any(value in words for fields in FIELDS_BY_CONTACT_METHOD.values() for value in fields.values()):
                assert "CHECK WHO IT IS FIRST" in words and "ask them for the word" in words
            if NEW_WORD in words:
                assert "The new word was sent from the same link, so it proves nothing." in words
            if "SAFE WAYS TO CONTACT THEM HAVE CHANGED" in words:
                assert not any(secret in words for secret in PRIVATE_ANSWERS)

    @invariant()
    def a_cancelled_request_stays_cancelled(self) -> None:
        if self.is_cancelled:
            assert self.app.extensions["form_service"].store.receipts.entry(self.reference).withdrawn_at


LinkHolder.TestCase.settings = hypothesis_settings(max_examples=8, stateful_step_count=12, deadline=None)
test_random_actions_with_the_link_disclose_no_answer_and_undo_no_cancellation = pytest.mark.long(LinkHolder.TestCase)
