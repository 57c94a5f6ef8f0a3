"""A person whom the team cannot contact safely can still send a request and contact the team later."""

import pytest
from flask import Flask

from form_service.referral.journey.steps import steps
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.team_email import answers_in, body_of


def fill_in_without_safe_way(form_client: FormClient, route: str) -> None:
    """Fill in the form up to the check page, and answer that no way of contact is safe."""
    form_client.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        if slug == "times":
            assert form_client.path != "/referral/times", "nothing more is asked about contact"
            continue
        form_client.answer(slug, {"reach": ["none_safe"]} if slug == "reach" else fields)
    assert form_client.path == "/referral/check"


@pytest.mark.parametrize("route", ["harmed", "family", "professional"])
def test_the_confirmation_and_the_email_say_that_the_person_will_make_contact(
    form_client: FormClient, app: Flask, route: str
) -> None:
    fill_in_without_safe_way(form_client, route)
    assert "so that I can contact them" in form_client.text and "contact me in the ways" not in form_client.text
    form_client.post("/referral/check", form_client.fields_to_send(agreement="", agreement_to_wait="yes"))
    assert form_client.path == "/referral/done"
    main = form_client.text.partition("<main")[2]
    assert ("We will not contact you." if route == "harmed" else "We will not contact them.") in main
    assert "give the reference" in main and form_client.reference in main
    assert ("When you contact us, we will talk" if route == "harmed" else "When they contact us, we will talk") in main
    assert "01632 960123" in main and "rj.team@example.org.uk" in main
    assert "will be in touch" not in main and "will contact them" not in main and "If we call" not in main
    mail = claim_emails(app)[0]
    answers = answers_in(mail)
    assert (answers["reach"], answers["agreement_to_wait"]) == (["none_safe"], ["yes"])
    body = " ".join(body_of(mail).split())
    assert "DO NOT contact the person referred in any way. They will contact you." in body
    assert f"give the reference {form_client.reference}" in body


@pytest.mark.parametrize(
    ("route", "expected_text"),
    [
        ("harmed", "We will not contact you. When you are ready, contact us and give this reference."),
        ("family", "We will not contact the person you told us about."),
    ],
)
def test_the_persons_copy_does_not_promise_contact(make_app: MakeApp, route: str, expected_text: str) -> None:
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    form_client = FormClient(app)
    fill_in_without_safe_way(form_client, route)
    form_client.post(
        "/referral/check", form_client.fields_to_send(agreement="", agreement_to_wait="yes", copy_to="sam@example.org")
    )
    (copy_email,) = (mail for mail in claim_emails(app) if mail["From"] == "copy@example.org.uk")
    body = " ".join(body_of(copy_email).split())
    assert expected_text in body and "in touch" not in body


def test_the_persons_copy_promises_contact_if_a_way_of_contact_is_safe(make_app: MakeApp) -> None:
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    FormClient(app).fill_in("harmed").send(copy_to="sam@example.org")
    (copy_email,) = (mail for mail in claim_emails(app) if mail["From"] == "copy@example.org.uk")
    body = " ".join(body_of(copy_email).split())
    assert "A member of our team will be in touch." in body and "will not contact" not in body


def test_no_line_of_the_email_could_be_read_as_permission_to_make_contact(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer("reach", {"reach": ["none_safe"]})
    form_client.answer("support", {"support": ["interpreter"], "interpreter_language": "Polski"})
    form_client.answer("background", {"harm": "home", "stage": "court"})
    form_client.get("/referral/check")
    form_client.post("/referral/check", form_client.fields_to_send(agreement="", agreement_to_wait="yes"))
    body = " ".join(body_of(claim_emails(app)[0]).split())
    assert body.index("DO NOT CONTACT.") < body.index("DOMESTIC ABUSE") < body.index("INTERPRETER: Polski.")
    assert "When the person referred contacts you, you may talk to them." in body and "WHEN THEY CONTACT YOU" in body
    for permission in (
        "You may talk to the person referred now",
        "before you make contact",
        "HOW TO CONTACT THEM",
        "Use ONLY",
    ):
        assert permission not in body


def test_the_agreement_to_wait_must_be_ticked(form_client: FormClient, app: Flask) -> None:
    fill_in_without_safe_way(form_client, "harmed")
    form_client.post("/referral/check", form_client.fields_to_send(agreement="yes"))
    assert form_client.path == "/referral/check"
    assert "Tick the box if you are happy for us to keep your answers, so that you can contact us" in form_client.text
    assert claim_emails(app) == []


def test_choosing_both_a_safe_way_and_none_of_these_gets_an_error(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer("reach", {"reach": ["phone", "none_safe"], "phone_number": "07700 900111"})
    assert form_client.path == "/referral/reach"
    assert (
        "Choose the ways that are safe, or choose “None of these is safe”. You cannot choose both" in form_client.text
    )


def test_earlier_answers_about_contact_are_not_sent_once_no_way_of_contact_is_safe(
    form_client: FormClient, app: Flask
) -> None:
    form_client.fill_in("harmed")
    form_client.answer("reach", {"reach": ["none_safe"]})
    form_client.get("/referral/check")
    form_client.post("/referral/check", form_client.fields_to_send(agreement="", agreement_to_wait="yes"))
    body = body_of(claim_emails(app)[0])
    assert "07700 900111" not in body and "Never ring" not in body


def test_if_no_way_of_contact_is_safe_the_page_about_safe_times_is_left_out() -> None:
    slugs_with_contact = [page.slug for page in steps({"who": ["harmed"], "reach": ["phone"]})]
    slugs_without_contact = [page.slug for page in steps({"who": ["harmed"], "reach": ["none_safe"]})]
    assert [slug for slug in slugs_with_contact if slug != "times"] == slugs_without_contact
