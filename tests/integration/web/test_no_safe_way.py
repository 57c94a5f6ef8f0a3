"""A person for whom no way of contact is safe can still ask, and makes contact themselves."""

import pytest
from flask import Flask

from form_service.referral.journey.steps import steps
from tests.support.person import WALKS, Person, mails
from tests.support.team_email import body_of


def to_check_page(person: Person, route: str) -> None:
    """Walk the route, choosing that no way is safe."""
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
    assert "until I contact them" in person.text and "contact me in this way" not in person.text
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes"))
    assert person.at == "/referral/done"
    main = person.text.partition("<main")[2]
    assert ("We will not contact you." if route == "harmed" else "We will not contact them.") in main
    assert "give the reference" in main and person.reference in main
    assert "01632 960123" in main and "rj.team@example.org.uk" in main
    assert "will be in touch" not in main and "If we call" not in main
    words = " ".join(body_of(mails(app)[0]).split())
    assert "DO NOT contact them in any way. They will contact you." in words
    assert f"give the reference {person.reference}" in words


def test_no_line_of_the_email_seems_to_allow_contact(person: Person, app: Flask) -> None:
    person.walk("harmed", until="reach")
    person.answer("reach", {"reach": ["none_safe"]})
    person.answer("support", {"support": ["interpreter"], "interpreter_language": "Polski"})
    person.answer("background", {"harm": "home", "stage": "court"})
    person.get("/referral/check")
    person.post("/referral/check", person.sending(agreement="", agreement_to_wait="yes"))
    words = " ".join(body_of(mails(app)[0]).split())
    assert words.index("DO NOT CONTACT.") < words.index("DOMESTIC ABUSE") < words.index("INTERPRETER: Polski.")
    assert "You can talk with them when they contact you." in words and "WHEN THEY CONTACT YOU" in words
    for allowing in ("You can talk with them now", "before you make contact", "HOW TO CONTACT THEM", "Use ONLY"):
        assert allowing not in words


def test_the_box_must_be_ticked(person: Person, app: Flask) -> None:
    to_check_page(person, "harmed")
    person.post("/referral/check", person.sending(agreement="yes"))
    assert person.at == "/referral/check"
    assert "Tick the box if you are happy for the team to keep this until you contact them" in person.text
    assert mails(app) == []


def test_it_cannot_be_combined_with_a_way_that_would_then_be_used(person: Person) -> None:
    person.walk("harmed", until="reach")
    person.answer("reach", {"reach": ["phone", "none_safe"], "phone_number": "07700 900111"})
    assert person.at == "/referral/reach"
    assert "Choose either safe ways, or “None of these is safe”, not both" in person.text


def test_what_was_said_of_contact_before_is_not_sent(person: Person, app: Flask) -> None:
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
