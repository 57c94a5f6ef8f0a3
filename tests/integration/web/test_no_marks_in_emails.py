"""No email contains raw Markdown or an unfilled placeholder."""

import re

import pytest
from flask import Flask

from tests.support.person import WALKS, Person, mails
from tests.support.team_email import body_of

MARKS = re.compile(r"\{\{|\}\}|\{%|\*\*|^#{1,6} |\]\(|\{:|•|<!--|\{\w+\}", re.MULTILINE)


@pytest.mark.parametrize("route", sorted(WALKS, key=str))
def test_no_email_of_a_referral_shows_a_mark(person: Person, app: Flask, route: str) -> None:
    person.walk(route)
    person.send()
    sent = mails(app)
    assert sent
    for mail in sent:
        assert not MARKS.search(body_of(mail)), body_of(mail)
        assert not MARKS.search(str(mail["Subject"]))
