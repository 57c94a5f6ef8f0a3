"""If another tab starts the form again, the old tab loses no answer and shows nothing false."""

import re

import pytest
from flask import Flask

from tests.support.person import Fields, Person, claim_emails


def open_page_and_return_fields(person: Person, slug: str, **answers: object) -> Fields:
    """Open a page; return its token with the given answers, to be posted later."""
    person.get(f"/referral/{slug}")
    return {"token": person.hidden_value("token"), **answers}


def test_pressing_send_in_an_outdated_tab_leads_to_the_first_question(person: Person, app: Flask) -> None:
    person.fill_in("harmed")
    stale_fields = person.fields_to_send(copy_to="sam@example.org")
    person.start()
    person.post("/referral/check", stale_fields)
    assert (person.response.status_code, person.path) == (200, "/referral/who"), person.text
    assert claim_emails(app) == []


def test_pressing_send_in_an_outdated_tab_does_not_send_the_form_twice(person: Person, app: Flask) -> None:
    person.fill_in("harmed")
    stale_fields = person.fields_to_send()
    person.fill_in("harmed")
    person.send()
    person.post("/referral/check", stale_fields)
    assert (person.response.status_code, person.path) == (200, "/referral/done")
    assert len(claim_emails(app)) == 1


def test_answers_posted_from_an_outdated_tab_are_shown_and_can_be_kept(person: Person) -> None:
    person.fill_in("harmed", until="times")
    stale_fields = open_page_and_return_fields(
        person, "times", times=["morning", "evening"], must_not="Never ring.\r\nHe is <home>."
    )
    person.start()
    response = person.post("/referral/times", stale_fields)
    assert response.status_code == 400
    assert len(re.findall("<h1", person.text)) == 1 and "Do you want to keep this?" in person.text
    assert "Is there anything we must not do?" in person.text and "He is &lt;home&gt;." in person.text
    assert "Weekday evenings" in person.text
    assert "Your answers are still here" not in person.text
    fields_to_keep = {
        "token": person.hidden_value("token"),
        "times": ["morning", "evening"],
        "must_not": person.hidden_value("must_not"),
    }
    assert fields_to_keep["must_not"], "the page contains the typed text, to be posted again"
    person.post("/referral/times", stale_fields | {"token": fields_to_keep["token"]})
    assert person.path == "/referral/who"
    person.answer("who", {"who": "harmed"})
    person.answer("about", {"name": "Sam", "age": "adult"})
    person.answer("reach", {"reach": ["email"], "email_address": "sam@example.org"})
    person.get("/referral/times")
    assert "He is &lt;home&gt;." in person.text


@pytest.mark.parametrize("slug", ["support", "times"])
def test_an_empty_page_posted_from_an_outdated_tab_leads_to_the_first_question(person: Person, slug: str) -> None:
    person.fill_in("harmed")
    stale_fields = open_page_and_return_fields(person, slug)
    person.start()
    person.post(f"/referral/{slug}", stale_fields)
    assert (person.response.status_code, person.path) == (200, "/referral/who")


def test_the_first_page_of_an_outdated_tab_is_shown_again_with_its_answer(person: Person) -> None:
    person.start()
    stale_fields = open_page_and_return_fields(person, "who", who="family")
    person.start()
    response = person.post("/referral/who", stale_fields)
    assert response.status_code == 400
    assert "What you typed is still here" in person.text
    assert 'value="family" checked' in person.text
