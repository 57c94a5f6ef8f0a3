"""A URL of the form with a slash too many, in capitals or with a query still leads where it was meant to."""

import pytest
from flask.testing import FlaskClient

from tests.support.person import Person


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/referral", "/referral/"),
        ("/Referral", "/referral/"),
        ("/REFERRAL/", "/referral/"),
        ("/referral?language=en", "/referral/?language=en"),
        ("/Referral/?language=en", "/referral/?language=en"),
        ("/referral/who/", "/referral/who"),
        ("/referral/who///?a=b&c=%26", "/referral/who?a=b&c=%26"),
        ("/referral/exit/", "/referral/exit"),
        ("/referral/withdraw/x/", "/referral/withdraw/x"),
        ("/referral//", "/referral"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_mistyped_url_leads_to_the_page_that_was_meant(person: Person, method: str, typed: str, meant: str) -> None:
    response = person.client.open(typed, method=method, headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (308, meant)
    assert "Set-Cookie" not in response.headers, "nothing is deleted on the way"


@pytest.mark.parametrize("path", ["/referral/", "/", "//evil.example/", "/x/", "/referrals/"])
def test_no_other_url_is_redirected(person: Person, path: str) -> None:
    client: FlaskClient = person.client
    assert client.get(path).status_code == (200 if path == "/referral/" else 404)
