"""Fill in the form without a browser, and read the emails that the team receives."""

import functools
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from form_service.referral.journey.answers import answers_to_send
from form_service.store import claims
from form_service.store.outbox import DeliveryResult
from tests.support.page_checks import check_page, parse

Fields = dict[str, Any]
SAME_ORIGIN_HEADERS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

ANSWERS_BY_ROUTE: dict[str, list[tuple[str, Fields]]] = {
    "harmed": [
        ("who", {"who": "harmed"}),
        ("about", {"name": "Sam", "age": "adult"}),
        ("reach", {"reach": ["phone", "email"], "phone_number": "07700 900111", "email_address": "sam@example.org"}),
        ("times", {"times": ["morning"], "must_not": "Never ring after 5pm.\nHe is home then."}),
        ("support", {}),
        ("background", {"police": "no"}),
    ],
    "responsible": [
        ("who", {"who": "responsible"}),
        ("about", {"name": "Kim", "age": "adult"}),
        ("view", {"accepts": "talk_first"}),
        ("reach", {"reach": ["post"], "post_address": "1 High Street\nStafford"}),
        ("times", {}),
        ("support", {"support": ["interpreter"], "interpreter_language": "Polski"}),
        ("background", {"harm": "home"}),
    ],
    "family": [
        ("who", {"who": "family"}),
        ("consent", {"agreed": "yes"}),
        ("them", {"side": "harmed"}),
        ("about", {"name": "Ali", "age": "under_18", "adult": "none"}),
        ("reach", {"reach": ["text"], "text_number": "07700 900222"}),
        ("times", {}),
        ("support", {}),
        ("background", {}),
        ("you", {"writer_name": "Jo", "writer_contact": "01632 960222"}),
    ],
    "professional": [
        ("who", {"who": "professional"}),
        ("consent", {"agreed": "yes"}),
        ("them", {"side": "responsible"}),
        ("about", {"name": "Lee", "age": "adult"}),
        ("reach", {"reach": ["trusted"], "trusted_contact": "Aunt May, 01632 960333"}),
        ("times", {}),
        ("support", {}),
        ("background", {"harm": "sexual", "police": "yes", "crime_reference": "22/1", "stage": "court", "worry": "no"}),
        (
            "you",
            {
                "writer_name": "PC Shaw",
                "organisation": "Police",
                "role": "Officer",
                "work_contact": "01632 960444",
                "secure_email": "shaw@police.cjsm.example",
            },
        ),
    ],
}


def answers_received_by_team(route: str) -> dict[str, list[str]]:
    """Return a dict from each question's name to the answers that the team receives.

    The person fills in the form's route `route` with the answers in ANSWERS_BY_ROUTE.
    """
    posted_fields = {name: value for _, fields in ANSWERS_BY_ROUTE[route] for name, value in fields.items()} | {
        "agreement": "yes"
    }
    return answers_to_send(
        {name: value if isinstance(value, list) else [value] for name, value in posted_fields.items()}
    )


# The value of a hidden field that differs from draft to draft; without it, equal pages are checked only once.
DRAFT_SPECIFIC_VALUE_PATTERN = re.compile(r'(name="(?:token|shown|opened)" value=")[\w.=-]*')


@functools.lru_cache(maxsize=512)
def check_html(html: str) -> None:
    """Check an English page with `check_page`; check only that any other page is well-formed HTML."""
    is_english = '<html lang="en-GB"' in html
    check_page(html, "Step " in html.partition("</title>")[0]) if is_english else parse(html)


class FormClient:
    """A test client that fills in the form as a person would; it keeps cookies and follows redirects."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.flask_client: FlaskClient = app.test_client()
        self.path = "/referral/"
        self.response: TestResponse

    def get(self, path: str) -> TestResponse:
        """Make a GET request for `path`, and follow redirects."""
        self.response = self.flask_client.get(path, headers={"Accept": "text/html"})
        return self.follow_redirects(path)

    def post(self, path: str, fields: Fields, **headers: str) -> TestResponse:
        """Post `fields` to `path`, and follow redirects."""
        self.response = self.flask_client.post(path, data=fields, headers=SAME_ORIGIN_HEADERS | headers)
        return self.follow_redirects(path)

    def follow_redirects(self, path: str) -> TestResponse:
        """Follow the redirects of the last response, which came from `path`; check the final page's HTML."""
        self.path = path
        while self.response.status_code in (301, 302, 303, 308):
            self.path = self.response.location.partition("#")[0]
            if not self.path.startswith("/"):
                break
            self.response = self.flask_client.get(self.path, headers={"Accept": "text/html"})
        if self.response.mimetype == "text/html":
            check_html(DRAFT_SPECIFIC_VALUE_PATTERN.sub(r"\1", self.text))
        return self.response

    @property
    def text(self) -> str:
        """Return the HTML of the open page."""
        return self.response.get_data(as_text=True)

    def hidden_value(self, name: str) -> str:
        """Return the value of a hidden field on the open page, or "" if there is no such field."""
        match = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return match[1] if match else ""

    def start(self) -> "FormClient":
        """Go from the start page to the first question page; return this client."""
        self.get("/referral/")
        self.post("/referral/", {})
        return self

    def answer(self, slug: str, fields: Fields) -> TestResponse:
        """Open the question page `slug`, and submit it with `fields`."""
        self.get(f"/referral/{slug}")
        assert self.path == f"/referral/{slug}", f"wanted {slug}, not {self.path}"
        return self.post(f"/referral/{slug}", fields | {"token": self.hidden_value("token")})

    def fill_in(self, route: str, until: str = "") -> "FormClient":
        """Fill in the form's route `route`, such as "harmed", up to the check page or the page `until`.

        Return this client.
        """
        self.start()
        for slug, fields in ANSWERS_BY_ROUTE[route]:
            if slug == until:
                return self
            assert self.path == f"/referral/{slug}", f"wanted {slug} next, not {self.path}"
            self.answer(slug, fields)
        assert self.path == "/referral/check"
        return self

    def fields_to_send(self, **extra_fields: Any) -> Fields:
        """Return the fields that the Send button of the check page posts, with the agreement ticked.

        `extra_fields` are added; they replace fields of the same name.
        """
        names = ("token", "shown", "opened")
        return {name: self.hidden_value(name) for name in names} | {"agreement": "yes"} | extra_fields

    def send(self, **extra_fields: Any) -> TestResponse:
        """Open the check page, tick the agreement and press Send; return the final response.

        `extra_fields` are added to the fields that are sent.
        """
        self.get("/referral/check")
        return self.post("/referral/check", self.fields_to_send(**extra_fields))

    @property
    def reference(self) -> str:
        """Return the reference on the open confirmation page."""
        match = re.search(r"reference (?:<[^>]+>)?([0-9A-Z]{4}-[0-9A-Z]{4})", self.text, re.IGNORECASE)
        assert match, "no reference on this page"
        return match[1]

    @property
    def private_page_path(self) -> str:
        """Return the path of the person's private page, which is linked from the open confirmation page."""
        match = re.search(r'href="(/referral/withdraw/[^"]+)"', self.text)
        assert match, "no link to the person's private page"
        return match[1]

    def cancel(self, private_page_path: str, **headers: str) -> TestResponse:
        """Cancel the referral on the person's private page."""
        return self.post(private_page_path, {"action": "cancel"}, **headers)


def claim_emails(app: Flask, mark_delivered: bool = False) -> list[EmailMessage]:
    """Claim every email due in the outbox, and return the decrypted emails.

    With `mark_delivered`, each is also recorded as delivered.
    """
    context = app.extensions["form_service"]
    emails = []
    with patch.multiple(claims, MAX_SENDERS_PER_RECIPIENT=1_000, MAX_SENDERS_FOR_NEUTRAL_COPIES=1_000):
        while (claimed_delivery := context.store.outbox.claim()) is not None:
            if mark_delivered:
                context.store.outbox.finish(claimed_delivery, DeliveryResult(delivered=True))
            emails.append(
                message_from_bytes(
                    context.sealer.open(claimed_delivery.key_id, claimed_delivery.sealed), policy=policy.SMTP
                )
            )
    return emails
