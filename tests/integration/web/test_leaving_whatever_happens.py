"""Leaving the form works whatever is broken, and only the person's own click deletes the draft."""

from typing import Any

import pytest
from flask import Flask

from tests.support.person import Person


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken")


def has_cookie(person: Person) -> bool:
    return person.client.get_cookie("draft", path="/referral/") is not None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "broken_function",
    [
        "form_service.web.views.quick_exit._delete_drafts",
        "form_service.web.views.quick_exit._executor.submit",
        "form_service.crypto.draft_keys.draft_id",
        "form_service.web.views.quick_exit.draft_cookies",
    ],
)
def test_leaving_works_even_if_deleting_the_draft_fails(
    person: Person, monkeypatch: pytest.MonkeyPatch, broken_function: str, method: str
) -> None:
    person.fill_in("harmed", until="times")
    monkeypatch.setattr(broken_function, fail)
    response = person.client.open("/referral/exit", method=method)
    assert response.status_code == (303 if method == "GET" else 204)
    assert method == "POST" or response.location == "https://www.bbc.co.uk/weather"
    assert not has_cookie(person)


def test_a_head_request_of_a_link_checker_deletes_nothing(person: Person) -> None:
    person.fill_in("harmed", until="times")
    response = person.client.head("/referral/exit")
    assert response.status_code == 303 and "Set-Cookie" not in response.headers
    person.get("/referral/times")
    assert person.path == "/referral/times", "the answers are still there"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
    ],
)
def test_a_prefetch_deletes_nothing_and_is_not_reused_for_the_click(person: Person, headers: dict[str, str]) -> None:
    person.fill_in("harmed", until="times")
    response = person.client.get("/referral/exit", headers=headers)
    assert response.status_code == 503, "a browser uses a successful prefetch instead of asking again"
    assert "Set-Cookie" not in response.headers and response.headers["Cache-Control"] == "no-store"
    assert person.client.get("/referral/exit").status_code == 303
    assert not has_cookie(person)


@pytest.mark.parametrize("path", ["/REFERRAL/", "/Referral/", "/REFERRAL", "/referral", "/Referral"])
def test_the_form_opens_whatever_the_case_of_its_typed_url(app: Flask, path: str) -> None:
    person = Person(app)
    person.get(path)
    assert person.response.status_code == 200 and person.path == "/referral/"
