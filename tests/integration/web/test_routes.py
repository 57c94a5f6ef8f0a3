"""Every route leads to a confirmation and to an email that the team can act on safely."""

import re

import pytest
from flask import Flask

from form_service.referral.journey.steps import steps
from form_service.referral.questions import QUESTIONS, Route
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, answers_received_by_team, claim_emails
from tests.support.page_checks import parse, text_of
from tests.support.team_email import answers_in, body_of, safety_sections, section_of

pytestmark = pytest.mark.long


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_every_route_ends_in_a_confirmation_and_an_email_with_every_answer(
    form_client: FormClient, app: Flask, route: str
) -> None:
    form_client.fill_in(route)
    response = form_client.send()
    assert (form_client.path, response.status_code) == ("/referral/done", 200)
    (mail,) = claim_emails(app)
    assert mail["Subject"] == f"Referral {form_client.reference}"
    assert answers_in(mail) == answers_received_by_team(route)


@pytest.mark.parametrize(("route", "max_pages"), [(Route.HARMED, 8), (Route.RESPONSIBLE, 8)])
def test_a_self_referral_takes_at_most_eight_pages(route: Route, max_pages: int) -> None:
    assert len(steps({"who": [route]})) <= max_pages


@pytest.mark.parametrize("route", Route)
def test_the_pages_of_each_route_contain_all_its_questions(route: Route) -> None:
    names = {
        question.name for page in steps({"who": [route]}) for question in page.questions if route in question.asked_of
    }
    assert names == {question.name for question in QUESTIONS if route in question.asked_of}


def test_blank_answers_about_safety_reach_the_team_as_no(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed", until="reach")
    all_contact_methods = ["phone", "text", "email", "post", "trusted"]
    form_client.answer(
        "reach",
        {
            "reach": all_contact_methods,
            "phone_number": "1",
            "text_number": "2",
            "email_address": "a@b.example",
            "post_address": "3",
            "trusted_contact": "4",
        },
    )
    for slug in ("times", "support", "background"):
        form_client.answer(slug, {})
    assert "<dt>Whether we may leave a voicemail</dt>\n<dd><bdi>No</bdi></dd>" in form_client.text
    assert "No: ask for me by name, and say nothing else" in form_client.text
    form_client.send()
    (mail,) = claim_emails(app)
    safety_text = safety_sections(mail)
    assert "DO NOT leave a voicemail." in safety_text
    assert "DO NOT say who is calling." in safety_text
    for rule in ("The text MUST NOT say who you are.", "The letter and its envelope MUST NOT say who you are."):
        assert rule in safety_text
    assert "The email, its sender and its subject MUST NOT say who you are." in safety_text
    assert "DO NOT tell the trusted person who you are." in safety_text
    assert "You may" not in safety_text
    assert " may say" not in safety_text


def test_permission_to_leave_a_voicemail_and_to_name_the_caller_permits_nothing_else(
    form_client: FormClient, app: Flask
) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer(
        "reach", {"reach": ["phone"], "phone_number": "07700 900111", "voicemail": "yes", "say_who": "yes"}
    )
    for slug in ("times", "support", "background"):
        form_client.answer(slug, {})
    form_client.send()
    safety_text = safety_sections(claim_emails(app)[0])
    assert "You may leave a voicemail. DO NOT say in it what this is about." in safety_text
    assert "you may say that it is " in safety_text and " calling. DO NOT say what this is about." in safety_text
    assert "DO NOT use: TEXT MESSAGE, EMAIL, LETTER, THROUGH SOMEONE THEY TRUST." in safety_text


EMAIL_HEADINGS = ("ALERTS", "WHAT MUST NOT BE DONE", "HOW TO CONTACT THEM", "WHO SENT THIS", "EVERY ANSWER")


def test_the_email_gives_alerts_then_prohibitions_then_safe_ways_of_contact(
    form_client: FormClient, app: Flask
) -> None:
    form_client.fill_in("professional")
    form_client.send()
    body = body_of(claim_emails(app)[0])
    positions = [body.index(f"\n{heading}\n") for heading in EMAIL_HEADINGS]
    assert positions == sorted(positions)
    assert body.index("SEXUAL ABUSE") < body.index("01632 960333"), "alerts come before phone numbers"
    assert body.index("PC Shaw") < body.index("EVERY ANSWER"), "the sender comes before the list of all answers"
    assert "GOING THROUGH COURT." in body


def test_a_person_under_18_can_send_the_form_and_the_team_is_alerted(form_client: FormClient, app: Flask) -> None:
    form_client.start()
    form_client.answer("who", {"who": "harmed"})
    form_client.answer("about", {"name": "Sam", "age": "under_18", "adult": "none"})
    assert form_client.path == "/referral/reach"
    assert "You can ask us even if you are under 18." in form_client.text
    for way in ("01632 960123", "07700 900123", "rj.team@example.org.uk"):
        assert way in form_client.text
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900111"})
    for slug in ("times", "support", "background"):
        form_client.answer(slug, {})
    assert "You can ask us even if you are under 18." in form_client.text
    form_client.send()
    assert form_client.path == "/referral/done"
    assert "You can ask us even if you are under 18." in form_client.text
    alerts = section_of(claim_emails(app)[0], "ALERTS")
    assert alerts.index("UNDER 18.") < alerts.index("NO ADULT.")


@pytest.mark.parametrize("route", ["responsible", "professional"])
def test_a_person_responsible_is_told_not_to_contact_the_person_harmed(form_client: FormClient, route: str) -> None:
    warning = {
        "responsible": "Please do not contact the person you harmed.",
        "professional": "Please tell them not to contact the person who was harmed.",
    }[route]
    form_client.fill_in(route, until="view" if route == "responsible" else "reach")
    assert warning in form_client.text
    assert "must keep to any court order" in form_client.text
    for slug, fields in ANSWERS_BY_ROUTE[route][
        [slug for slug, _ in ANSWERS_BY_ROUTE[route]].index(form_client.path.rpartition("/")[2]) :
    ]:
        form_client.answer(slug, fields)
    assert warning in form_client.text
    form_client.send()
    assert warning in form_client.text


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_everyone_sees_the_limits_of_confidentiality_and_emergency_numbers(form_client: FormClient, route: str) -> None:
    confidentiality_limit = "if the law says we must"
    form_client.get("/referral/")
    for words in (
        confidentiality_limit,
        "This form is not for emergencies.",
        "call 999",
        "press 55",
        "Staffordshire and Stoke-on-Trent",
    ):
        assert words in text_of(parse(form_client.text))
    form_client.fill_in(route)
    assert confidentiality_limit in form_client.text
    form_client.send()
    for words in (confidentiality_limit, "This form is not for emergencies.", "call 999", "press 55"):
        assert words in form_client.text


def test_nothing_is_sent_before_the_person_agrees_and_the_form_can_be_resumed(
    form_client: FormClient, app: Flask
) -> None:
    form_client.start()
    form_client.answer("who", {"who": "professional"})
    assert "What you can say to them" in form_client.text
    form_client.answer("consent", {"agreed": "not_yet"})
    assert form_client.path == "/referral/not-yet"
    for words in ("Please talk to them first", "Nothing has been sent", "01632 960123", "rj.team@example.org.uk"):
        assert words in form_client.text
    for slug in ("about", "reach", "check", "done"):
        form_client.get(f"/referral/{slug}")
        assert form_client.path == "/referral/not-yet"
    assert claim_emails(app) == []
    form_client.answer("consent", {"agreed": "yes"})
    assert form_client.path == "/referral/them"


@pytest.mark.parametrize("answer", ["under_18", "unsure", "adult"])
def test_a_person_of_any_age_who_denies_responsibility_can_send_the_form(form_client: FormClient, answer: str) -> None:
    form_client.start()
    form_client.answer("who", {"who": "responsible"})
    form_client.answer("about", {"name": "Kim", "age": answer})
    form_client.answer("view", {"accepts": "no"})
    form_client.answer("reach", {"reach": ["phone"], "phone_number": "01632 960111"})
    form_client.answer("times", {})
    form_client.answer("support", {})
    form_client.answer("background", {"harm": "sexual", "police": "no", "stage": "not_reported", "worry": "yes"})
    form_client.send()
    assert form_client.path == "/referral/done"


def test_answers_that_no_longer_apply_are_neither_shown_nor_sent(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900777", "phone_number": "07700 900111"})
    assert form_client.path == "/referral/check"
    assert "07700 900111" not in form_client.text
    form_client.send()
    body = body_of(claim_emails(app)[0])
    assert "07700 900111" not in body
    assert "sam@example.org" not in body
    assert "07700 900777" in body


def test_changing_the_route_and_changing_it_back_keeps_the_writers_details(form_client: FormClient) -> None:
    form_client.fill_in("professional")
    form_client.answer("who", {"who": "harmed"})
    assert form_client.path == "/referral/about"
    for slug, fields in ANSWERS_BY_ROUTE["harmed"][1:]:
        form_client.answer(slug, fields)
    assert form_client.path == "/referral/check"
    assert "PC Shaw" not in form_client.text
    form_client.answer("who", {"who": "professional"})
    for slug, fields in ANSWERS_BY_ROUTE["professional"][1:-1]:
        form_client.answer(slug, fields)
    assert form_client.path == "/referral/check"
    assert "PC Shaw" in form_client.text


def test_the_teams_email_never_uses_the_first_person(form_client: FormClient, app: Flask) -> None:
    """Answers worded in the first person reach the team in the third person."""
    for question in QUESTIONS:
        for choice in question.choices:
            if choice.label.they is not None:
                assert choice.team_label, f"{question.name}: {choice.value}"
                assert not re.search(r"\b(I|me|my)\b", choice.team_label)
    form_client.fill_in("family")
    form_client.send()
    body = body_of(claim_emails(app)[0])
    assert "An adult they want involved: There is no adult they want involved\n" in body
