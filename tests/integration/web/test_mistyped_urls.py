"""A mistyped URL of the form redirects to the page that was meant."""

import pytest
from flask.testing import FlaskClient

from tests.support.form_client import FormClient


@pytest.mark.parametrize(
    ("typed_url", "intended_url"),
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
def test_a_mistyped_url_redirects_to_the_intended_page(
    form_client: FormClient, method: str, typed_url: str, intended_url: str
) -> None:
    response = form_client.flask_client.open(typed_url, method=method, headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (308, intended_url)
    assert "Set-Cookie" not in response.headers, "nothing is deleted on the way"


@pytest.mark.parametrize("path", ["/referral/", "/", "//evil.example/", "/x/", "/referrals/"])
def test_a_correct_or_unknown_url_is_not_redirected(form_client: FormClient, path: str) -> None:
    client: FlaskClient = form_client.flask_client
    assert client.get(path).status_code == (200 if path == "/referral/" else 404)
