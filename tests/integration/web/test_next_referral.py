"""A professional makes several referrals without typing their own details again."""

import pytest
from flask import Flask

from form_service.store import Store
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, claim_emails
from tests.support.service_parts import raise_unavailable
from tests.support.team_email import answers_in


def test_the_next_referral_keeps_only_the_professionals_details(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("professional")
    form_client.send()
    first_reference = form_client.reference
    form_client.post("/referral/next", {"token": form_client.hidden_value("token")})
    assert form_client.path == "/referral/consent"
    for slug, fields in ANSWERS_BY_ROUTE["professional"][1:-1]:
        assert form_client.path == f"/referral/{slug}"
        for typed_text in ("Lee", "Aunt May", "22/1"):
            assert typed_text not in form_client.text
        form_client.answer(slug, fields | ({"name": "Alex"} if slug == "about" else {}))
    assert form_client.path == "/referral/check", "the page about the professional is complete already"
    assert "PC Shaw" in form_client.text and "Alex" in form_client.text
    form_client.send()
    assert form_client.reference != first_reference
    first_answers, second_answers = (answers_in(email) for email in claim_emails(app))
    assert first_answers["writer_name"] == second_answers["writer_name"] == ["PC Shaw"]
    assert (first_answers["name"], second_answers["name"]) == (["Lee"], ["Alex"])


@pytest.mark.parametrize("route", ["harmed", "family"])
def test_only_professionals_are_offered_another_referral(form_client: FormClient, route: str) -> None:
    form_client.fill_in(route)
    form_client.send()
    assert "Make another referral" not in form_client.text
    html = form_client.flask_client.get("/referral/done").text
    assert "/referral/next" not in html
    form_client.post("/referral/next", {})
    assert form_client.path == "/referral/"


def test_another_site_cannot_begin_the_next_referral(form_client: FormClient) -> None:
    form_client.fill_in("professional")
    form_client.send()
    reference, token = form_client.reference, form_client.hidden_value("token")
    form_client.post("/referral/next", {"token": token}, **{"Sec-Fetch-Site": "cross-site"})
    assert form_client.path == "/referral/done" and form_client.reference == reference
    form_client.post("/referral/next", {"token": "0" * 64})
    assert form_client.path == "/referral/done" and form_client.reference == reference


def test_while_the_store_is_down_no_page_says_that_the_sent_referral_is_lost(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("professional")
    form_client.send()
    token = form_client.hidden_value("token")
    monkeypatch.setattr(Store, "writing", raise_unavailable)
    form_client.post("/referral/next", {"token": token})
    assert form_client.response.status_code == 503
    assert "The form cannot start just now" in form_client.text
    for false_statement in ("We have not received this", "Your answers are still here", "What you typed"):
        assert false_statement not in form_client.text
