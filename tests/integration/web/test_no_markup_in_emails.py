"""No email contains raw Markdown or an unfilled placeholder."""

import re

import pytest
from flask import Flask

from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, claim_emails
from tests.support.team_email import body_of

RAW_MARKUP = re.compile(r"\{\{|\}\}|\{%|\*\*|^#{1,6} |\]\(|\{:|•|<!--|\{\w+\}", re.MULTILINE)


@pytest.mark.parametrize("route", sorted(ANSWERS_BY_ROUTE, key=str))
def test_no_email_of_a_referral_contains_raw_markup(form_client: FormClient, app: Flask, route: str) -> None:
    form_client.fill_in(route)
    form_client.send()
    emails = claim_emails(app)
    assert emails
    for email in emails:
        assert not RAW_MARKUP.search(body_of(email)), body_of(email)
        assert not RAW_MARKUP.search(str(email["Subject"]))
