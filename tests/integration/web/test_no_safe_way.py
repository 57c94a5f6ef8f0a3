"""A person for whom no way of contact is safe can still send a request, and contacts the team themselves."""

import pytest
from flask import Flask

from form_service.referral.journey.steps import steps
from tests.support.form_fixtures import MakeApp
from tests.support.person import WALKS, Person, mails
from tests.support.team_email import body_of


def to_check_page(person: Person, route: str) -> None:
    """Walk the route to the check page, choosing that no way of contact is safe."""
    person.start()
    for slug, fields in WALKS[route]:
        if slug == "times":
            assert person.at != "/referral/times", "nothing more is asked about contact"
            continue
        person.answer(slug, {"reach": ["none_safe"]} if slug == "reach" else fields)
    assert person.at == "/referral/check"


@pytest.mark.parametrize("route", ["harmed", "family", "professional"])
def test_the_referral_is_sent_and_says_who_will_make_contact(person: Person, app: Flask, route: str) -> None:
    to_check_page(person, route)
    assert "so that I can contact them" in person.text and "contact me in the ways" not in person.text
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes"))
    assert person.at == "/referral/done"
    main = person.text.partition("<main")[2]
    assert ("We will not contact you." if route == "harmed" else "We will not contact them.") in main
    assert "give the reference" in main and person.reference in main
    assert "01632 960123" in main and "rj.team@example.org.uk" in main
    assert "will be in touch" not in main and "will contact them" not in main and "If we call" not in main
    words = " ".join(body_of(mails(app)[0]).split())
    assert "DO NOT contact them in any way. They will contact you." in words
    assert f"give the reference {person.reference}" in words


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("harmed", "We will not contact you. When you are ready, contact us and give this reference."),
        ("family", "We will not contact the person you told us about."),
    ],
)
def test_the_neutral_copy_announces_no_contact(make_app: MakeApp, route: str, expected: str) -> None:
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    person = Person(app)
    to_check_page(person, route)
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes", copy_to="sam@example.org"))
    (copy,) = (mail for mail in mails(app) if mail["From"] == "copy@example.org.uk")
    words = " ".join(body_of(copy).split())
    assert expected in words and "in touch" not in words


def test_the_neutral_copy_announces_contact_where_a_way_is_safe(make_app: MakeApp) -> None:
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    Person(app).walk("harmed").send(copy_to="sam@example.org")
    (copy,) = (mail for mail in mails(app) if mail["From"] == "copy@example.org.uk")
    words = " ".join(body_of(copy).split())
    assert "A member of our team will be in touch." in words and "will not contact" not in words


def test_no_line_of_the_email_seems_to_allow_contact(person: Person, app: Flask) -> None:
    person.walk("harmed", until="reach")
    person.answer("reach", {"reach": ["none_safe"]})
    person.answer("support", {"support": ["interpreter"], "interpreter_language": "Polski"})
    person.answer("background", {"harm": "home", "stage": "court"})
    person.get("/referral/check")
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes"))
    words = " ".join(body_of(mails(app)[0]).split())
    assert words.index("DO NOT CONTACT.") < words.index("DOMESTIC ABUSE") < words.index("INTERPRETER: Polski.")
    assert "When the person referred contacts you, you may talk to them." in words and "WHEN THEY CONTACT YOU" in words
    for allowing in (
        "You may talk to the person referred now",
        "before you make contact",
        "HOW TO CONTACT THEM",
        "Use ONLY",
    ):
        assert allowing not in words


def test_the_box_must_be_ticked(person: Person, app: Flask) -> None:
    to_check_page(person, "harmed")
    person.post("/referral/check", person.sending(agreement="yes"))
    assert person.at == "/referral/check"
    assert "Tick the box if you are happy for us to keep your answers, so that you can contact us" in person.text
    assert mails(app) == []


def test_it_cannot_be_combined_with_a_way_that_would_then_be_used(person: Person) -> None:
    person.walk("harmed", until="reach")
    person.answer("reach", {"reach": ["phone", "none_safe"], "phone_number": "07700 900111"})
    assert person.at == "/referral/reach"
    assert "Choose the ways that are safe, or choose “None of these is safe”. You cannot choose both" in person.text


def test_earlier_answers_about_contact_are_not_sent(person: Person, app: Flask) -> None:
    person.walk("harmed")
    person.answer("reach", {"reach": ["none_safe"]})
    person.get("/referral/check")
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes"))
    words = body_of(mails(app)[0])
    assert "07700 900111" not in words and "Never ring" not in words


def test_the_steps_are_counted_without_the_page_about_times() -> None:
    with_ways = [page.slug for page in steps({"who": ["harmed"], "reach": ["phone"]})]
    without = [page.slug for page in steps({"who": ["harmed"], "reach": ["none_safe"]})]
    assert [slug for slug in with_ways if slug != "times"] == without
