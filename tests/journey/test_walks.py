"""Every route leads to a confirmation and to a mail that the team can act on safely."""

import pytest
from flask import Flask

from tests.journey.person import WALKS, Person, mails


@pytest.mark.parametrize("route", WALKS)
def test_every_route_can_be_walked_to_a_confirmation(person: Person, app: Flask, route: str) -> None:
    person.walk(route)
    page = person.send()
    assert person.at == "/referral/done", person.text
    assert page.status_code == 200
    (mail,) = mails(app)
    assert mail["Subject"] == f"Referral {person.reference}"
    print(mail.get_content())
