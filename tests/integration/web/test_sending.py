"""A form that is sent repeatedly, or from several tabs, makes one referral with one reference."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from form_service.referral.reference import parse_reference
from form_service.store import Store, StoreUnavailable
from form_service.store.referrals import Referrals
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import elements, parse, text_of
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import body_of, section_of


def test_five_clicks_at_once_make_one_referral_and_one_reference(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    cookie = form_client.flask_client.get_cookie("draft", path="/referral/").value

    def click(_: int) -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie("draft", cookie, path="/referral/")
        response = client.post("/referral/check", data=fields, headers=SAME_ORIGIN_HEADERS)
        return response.status_code, response.location

    with ThreadPoolExecutor(5) as pool:
        responses = list(pool.map(click, range(5)))
    assert responses == [(303, "/referral/done")] * 5
    assert len(claim_emails(app)) == 1
    form_client.get("/referral/done")
    assert "Your change was not added" not in form_client.text


def test_going_back_and_sending_again_shows_the_same_confirmation(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    form_client.post("/referral/check", fields)
    first_reference = form_client.reference
    form_client.post("/referral/check", fields)
    assert (form_client.path, form_client.reference) == ("/referral/done", first_reference)
    form_client.get("/referral/check")
    assert (form_client.path, form_client.reference) == ("/referral/done", first_reference)
    assert "Your change was not added" not in form_client.text
    assert len(claim_emails(app)) == 1


def test_the_confirmation_shows_a_reference_that_can_be_read_out(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    assert parse_reference(form_client.reference.lower().replace("-", " ")) == form_client.reference
    assert f"reference {form_client.reference}" in text_of(elements(parse(form_client.text), "main")[0])


def test_a_retry_after_a_lost_response_makes_one_referral(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    form_client.flask_client.post("/referral/check", data=fields, headers=SAME_ORIGIN_HEADERS)
    form_client.post("/referral/check", fields)
    assert form_client.path == "/referral/done"
    assert len(claim_emails(app)) == 1


def test_a_change_after_sending_is_reported_as_not_added(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.get("/referral/reach")
    other_tab_fields = {"token": form_client.hidden_value("token"), "reach": "phone", "phone_number": "07700 900999"}
    form_client.send()
    sent_reference = form_client.reference
    form_client.post("/referral/reach", other_tab_fields)
    assert form_client.path == "/referral/done"
    assert "Your change was not added" in form_client.text
    assert "rj.team@example.org.uk" in form_client.text
    assert form_client.reference == sent_reference
    assert all("07700 900999" not in body_of(mail) for mail in claim_emails(app))


def test_an_unchanged_page_posted_after_sending_is_not_reported_as_a_change(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    form_client.get("/referral/times")
    fields = {
        "token": form_client.hidden_value("token"),
        "times": "morning",
        "must_not": "Never ring after 5pm.\r\nHe is home then.",
    }
    form_client.send()
    form_client.post("/referral/times", fields)
    assert form_client.path == "/referral/done"
    assert "Your change was not added" not in form_client.text


def test_answers_changed_in_another_tab_are_shown_before_they_are_sent(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    stale_fields = form_client.fields_to_send()
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900777"})
    form_client.post("/referral/check", stale_fields)
    assert form_client.path == "/referral/check"
    assert "Nothing has been sent, because your answers were being changed" in form_client.text
    assert form_client.text.split("<title>")[1].startswith("Error: Step 7 of 7")
    assert "07700 900777" in form_client.text
    assert claim_emails(app) == []
    assert 'value="yes" checked' not in form_client.text
    form_client.post("/referral/check", form_client.fields_to_send())
    assert form_client.path == "/referral/done"


def test_an_outdated_check_page_posted_after_sending_is_reported_as_not_added(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    stale_fields = form_client.fields_to_send()
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900777"})
    form_client.send()
    form_client.post("/referral/check", stale_fields)
    assert "Your change was not added" in form_client.text


def test_a_changed_contact_detail_needs_a_new_agreement(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    form_client.post("/referral/check", form_client.fields_to_send(copy_to="not an address"))
    assert 'value="yes" checked' in form_client.text
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900777"})
    assert 'value="yes" checked' not in form_client.text


def test_without_the_agreement_nothing_is_sent(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()
    del fields["agreement"]
    form_client.post("/referral/check", fields)
    assert form_client.path == "/referral/check"
    assert "Tick the box if you are happy" in form_client.text
    assert claim_emails(app) == []


def test_a_referral_that_cannot_be_stored_is_reported_as_not_received_and_can_be_sent_again(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send()

    def raise_disk_full(*_: object) -> None:
        raise StoreUnavailable("disk-full")

    with monkeypatch.context() as patch:
        patch.setattr(Referrals, "accept", raise_disk_full)
        response = form_client.post("/referral/check", fields)
    assert response.status_code == 503
    for words in ("We have not received this", "01632 960123", "07700 900123", "Try again"):
        assert words in form_client.text
    shown_text = re.sub(r"<[^>]+>", "", form_client.text.partition("<main")[2])  # without the random form token
    assert re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", shown_text) is None, "no reference is shown"
    retry_fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form_client.text))
    form_client.post("/referral/check", retry_fields)
    assert form_client.path == "/referral/done"
    assert len(claim_emails(app)) == 1


def test_a_page_that_cannot_be_stored_keeps_what_was_typed(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed", until="times")
    with monkeypatch.context() as patch:
        for name in ("reading", "writing"):
            patch.setattr(Store, name, raise_unavailable)
        response = form_client.post(
            "/referral/times", {"token": form_client.hidden_value("token"), "must_not": "“Hush” & <go>"}
        )
    assert response.status_code == 503
    assert "“Hush” &amp; &lt;go&gt;" in form_client.text
    retry_fields = {"token": form_client.hidden_value("token"), "must_not": "“Hush” & <go>"}
    form_client.post("/referral/times", retry_fields)
    form_client.get("/referral/times")
    assert "“Hush” &amp; &lt;go&gt;</textarea>" in form_client.text


def test_a_restart_between_two_pages_loses_nothing(make_app: MakeApp) -> None:
    form_client = FormClient(make_app())
    form_client.fill_in("harmed", until="support")
    cookie = form_client.flask_client.get_cookie("draft", path="/referral/").value
    client_after_restart = FormClient(make_app())
    client_after_restart.flask_client.set_cookie("draft", cookie, path="/referral/")
    client_after_restart.get("/referral/times")
    assert "Never ring after 5pm.\nHe is home then." in client_after_restart.text
    client_after_restart.answer("support", {})
    client_after_restart.answer("background", {})
    client_after_restart.send()
    assert client_after_restart.path == "/referral/done"


def test_the_persons_copy_goes_only_to_its_address_and_discloses_nothing(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.send(copy_to="sam@example.org")
    team_email, copy_email = sorted(claim_emails(app), key=lambda mail: mail["From"], reverse=True)
    assert (copy_email["To"], copy_email["From"]) == ("sam@example.org", "copy@example.org.uk")
    for mail_text in (copy_email["Subject"], copy_email["From"], copy_email.get_content().partition("https://")[0]):
        assert not re.search("crime|harm|victim|offend|restorative|referral", mail_text, re.IGNORECASE)
    assert form_client.reference in copy_email["Subject"]
    assert "Sam" not in copy_email.get_content()
    assert "/referral/withdraw/" in copy_email.get_content()
    assert "sam@example.org" not in str(team_email["To"])


INVALID_EMAILS = [
    "no",
    "a@b",
    "a b@c.example",
    "a@b.example\r\nBcc: x@y.example",
    "ä@b.example",
    "a@b.123",
    "a@b.123\t",
    "=?utf-8?q?v=40evil.example=2C?=@b.example",
]


@pytest.mark.parametrize("email", INVALID_EMAILS)
def test_an_invalid_address_for_the_copy_is_reported_and_nothing_is_sent(
    form_client: FormClient, app: Flask, email: str
) -> None:
    form_client.fill_in("harmed")
    form_client.post("/referral/check", form_client.fields_to_send(copy_to=email))
    assert form_client.path == "/referral/check"
    assert "Enter an email address, like name@example.org" in form_client.text
    assert claim_emails(app) == []


def test_without_a_neutral_sender_no_copy_is_offered_or_sent(make_app: MakeApp) -> None:
    app = make_app()
    form_client = FormClient(app)
    form_client.fill_in("harmed")
    assert "copy_to" not in form_client.text
    form_client.send(copy_to="sam@example.org")
    assert len(claim_emails(app)) == 1


def test_a_mistyped_copy_address_does_not_stop_sending_once_copies_are_off(make_app: MakeApp) -> None:
    form_client = FormClient(make_app(FORM_NEUTRAL_FROM="copy@example.org.uk"))
    form_client.fill_in("harmed")
    form_client.send(copy_to="sam@nowhere")
    assert form_client.path == "/referral/check"
    client_after_restart = FormClient(make_app())
    client_after_restart.flask_client.set_cookie(
        "draft", form_client.flask_client.get_cookie("draft", path="/referral/").value, path="/referral/"
    )
    client_after_restart.send()
    assert client_after_restart.path == "/referral/done"
    assert len(claim_emails(client_after_restart.app)) == 1


@pytest.mark.parametrize("route", ["harmed", "responsible", "family"])
def test_the_printed_confirmation_contains_no_answers(form_client: FormClient, route: str) -> None:
    form_client.fill_in(route)
    form_client.send()
    for answer in ("Sam", "Kim", "Ali", "07700 900111", "High Street", "Polski"):
        assert answer not in form_client.text
    printed_html = re.sub(r'<div class="unprinted">.*?</div>\n', "", form_client.text, flags=re.DOTALL)
    assert not re.search(r"\bcrime\b", printed_html.partition("<main")[2], re.IGNORECASE)


def test_a_professionals_printed_confirmation_contains_the_answers(form_client: FormClient) -> None:
    form_client.fill_in("professional")
    form_client.send()
    for answer in ("Lee", "PC Shaw", "22/1", "Aunt May, 01632 960333"):
        assert answer in form_client.text


def test_a_suspicious_referral_is_marked_but_never_dropped(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.send(website="http://spam.example", opened="forged")
    assert form_client.path == "/referral/done"
    body = section_of(claim_emails(app)[0], "ALERTS")
    assert "THIS MAY BE AUTOMATED. Treat it as genuine" in body
    assert "a hidden box was filled in" in body
    assert "spam.example" not in body


def test_a_person_who_takes_time_before_sending_is_not_suspected(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("form_service.web.views.submission.MIN_READING_SECONDS", -1.0)
    form_client.fill_in("harmed")
    form_client.send()
    assert "THIS MAY BE AUTOMATED" not in body_of(claim_emails(app)[0])


def test_a_reference_that_is_taken_is_replaced_and_the_referral_is_sent(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    taken_reference = form_client.reference
    new_references = iter([taken_reference, taken_reference, "7KQ4-M2X6"])
    monkeypatch.setattr("form_service.web.views.submission.new_reference", lambda: next(new_references))
    second_client = FormClient(app)
    second_client.fill_in("responsible")
    second_client.send()
    assert second_client.reference == "7KQ4-M2X6"
    assert len(claim_emails(app)) == 2
