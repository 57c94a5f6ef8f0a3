"""A professional makes several referrals without typing their own details again."""

import pytest
from flask import Flask

from form_service.store import Store
from tests.support.person import ANSWERS_BY_ROUTE, Person, claim_emails
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import answers_in


def test_the_next_referral_keeps_only_the_professionals_details(person: Person, app: Flask) -> None:
    person.fill_in("professional")
    person.send()
    first_reference = person.reference
    person.post("/referral/next", {"token": person.hidden_value("token")})
    assert person.path == "/referral/consent"
    for slug, fields in ANSWERS_BY_ROUTE["professional"][1:-1]:
        assert person.path == f"/referral/{slug}"
        for typed_text in ("Lee", "Aunt May", "22/1"):
            assert typed_text not in person.text
        person.answer(slug, fields | ({"name": "Alex"} if slug == "about" else {}))
    assert person.path == "/referral/check", "the page about the professional is complete already"
    assert "PC Shaw" in person.text and "Alex" in person.text
    person.send()
    assert person.reference != first_reference
    first_answers, second_answers = (answers_in(email) for email in claim_emails(app))
    assert first_answers["writer_name"] == second_answers["writer_name"] == ["PC Shaw"]
    assert (first_answers["name"], second_answers["name"]) == (["Lee"], ["Alex"])


@pytest.mark.parametrize("route", ["harmed", "family"])
def test_only_professionals_are_offered_another_referral(person: Person, route: str) -> None:
    person.fill_in(route)
    person.send()
    assert "Make another referral" not in person.text
    html = person.client.get("/referral/done").text
    assert "/referral/next" not in html
    person.post("/referral/next", {})
    assert person.path == "/referral/"


def test_another_site_cannot_begin_the_next_referral(person: Person) -> None:
    person.fill_in("professional")
    person.send()
    reference, token = person.reference, person.hidden_value("token")
    person.post("/referral/next", {"token": token}, **{"Sec-Fetch-Site": "cross-site"})
    assert person.path == "/referral/done" and person.reference == reference
    person.post("/referral/next", {"token": "0" * 64})
    assert person.path == "/referral/done" and person.reference == reference


def test_while_the_store_is_down_no_page_says_that_the_first_referral_is_lost(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.fill_in("professional")
    person.send()
    token = person.hidden_value("token")
    monkeypatch.setattr(Store, "writing", raise_unavailable)
    person.post("/referral/next", {"token": token})
    assert person.response.status_code == 503
    assert "The form cannot start just now" in person.text
    for false_statement in ("We have not received this", "Your answers are still here", "What you typed"):
        assert false_statement not in person.text
