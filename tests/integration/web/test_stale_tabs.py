"""If another tab starts the form again, the old tab loses no answer and shows nothing false."""

import re

import pytest
from flask import Flask

from tests.support.form_client import Fields, FormClient, claim_emails


def open_page_and_return_fields(form_client: FormClient, slug: str, **answers: object) -> Fields:
    """Open a page; return its token and `answers` in one dict, to be posted later."""
    form_client.get(f"/referral/{slug}")
    return {"token": form_client.hidden_value("token"), **answers}


def test_pressing_send_in_an_outdated_tab_leads_to_the_first_question(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    stale_fields = form_client.fields_to_send(copy_to="sam@example.org")
    form_client.start()
    form_client.post("/referral/check", stale_fields)
    assert (form_client.response.status_code, form_client.path) == (200, "/referral/who"), form_client.text
    assert claim_emails(app) == []


def test_pressing_send_in_an_outdated_tab_does_not_send_the_form_twice(form_client: FormClient, app: Flask) -> None:
    form_client.fill_in("harmed")
    stale_fields = form_client.fields_to_send()
    form_client.fill_in("harmed")
    form_client.send()
    form_client.post("/referral/check", stale_fields)
    assert (form_client.response.status_code, form_client.path) == (200, "/referral/done")
    assert len(claim_emails(app)) == 1


def test_answers_posted_from_an_outdated_tab_are_shown_and_can_be_kept(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="times")
    stale_fields = open_page_and_return_fields(
        form_client, "times", times=["morning", "evening"], must_not="Never ring.\r\nHe is <home>."
    )
    form_client.start()
    response = form_client.post("/referral/times", stale_fields)
    assert response.status_code == 400
    assert len(re.findall("<h1", form_client.text)) == 1 and "Do you want to keep this?" in form_client.text
    assert "Is there anything we must not do?" in form_client.text and "He is &lt;home&gt;." in form_client.text
    assert "Weekday evenings" in form_client.text
    assert "Your answers are still here" not in form_client.text
    fields_to_keep = {
        "token": form_client.hidden_value("token"),
        "times": ["morning", "evening"],
        "must_not": form_client.hidden_value("must_not"),
    }
    assert fields_to_keep["must_not"], "the page contains the typed text, to be posted again"
    form_client.post("/referral/times", stale_fields | {"token": fields_to_keep["token"]})
    assert form_client.path == "/referral/who"
    form_client.answer("who", {"who": "harmed"})
    form_client.answer("about", {"name": "Sam", "age": "adult"})
    form_client.answer("reach", {"reach": ["email"], "email_address": "sam@example.org"})
    form_client.get("/referral/times")
    assert "He is &lt;home&gt;." in form_client.text


@pytest.mark.parametrize("slug", ["support", "times"])
def test_an_empty_page_posted_from_an_outdated_tab_leads_to_the_first_question(
    form_client: FormClient, slug: str
) -> None:
    form_client.fill_in("harmed")
    stale_fields = open_page_and_return_fields(form_client, slug)
    form_client.start()
    form_client.post(f"/referral/{slug}", stale_fields)
    assert (form_client.response.status_code, form_client.path) == (200, "/referral/who")


def test_the_first_page_of_an_outdated_tab_is_shown_again_with_its_answer(form_client: FormClient) -> None:
    form_client.start()
    stale_fields = open_page_and_return_fields(form_client, "who", who="family")
    form_client.start()
    response = form_client.post("/referral/who", stale_fields)
    assert response.status_code == 400
    assert "What you typed is still here" in form_client.text
    assert 'value="family" checked' in form_client.text
