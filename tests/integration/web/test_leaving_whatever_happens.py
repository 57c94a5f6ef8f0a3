"""Leaving the form works whatever is broken, and only the person's own click deletes the draft."""

from typing import Any

import pytest
from flask import Flask

from tests.support.form_client import FormClient


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("broken")


def has_cookie(form_client: FormClient) -> bool:
    return form_client.flask_client.get_cookie("draft", path="/referral/") is not None


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
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch, broken_function: str, method: str
) -> None:
    form_client.fill_in("harmed", until="times")
    monkeypatch.setattr(broken_function, fail)
    response = form_client.flask_client.open("/referral/exit", method=method)
    assert response.status_code == (303 if method == "GET" else 204)
    assert method == "POST" or response.location == "https://www.bbc.co.uk/weather"
    assert not has_cookie(form_client)


def test_a_head_request_of_a_link_checker_deletes_nothing(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="times")
    response = form_client.flask_client.head("/referral/exit")
    assert response.status_code == 303 and "Set-Cookie" not in response.headers
    form_client.get("/referral/times")
    assert form_client.path == "/referral/times", "the answers are still there"


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
def test_a_prefetch_deletes_nothing_and_is_not_reused_for_the_click(
    form_client: FormClient, headers: dict[str, str]
) -> None:
    form_client.fill_in("harmed", until="times")
    response = form_client.flask_client.get("/referral/exit", headers=headers)
    assert response.status_code == 503, "a browser uses a successful prefetch instead of asking again"
    assert "Set-Cookie" not in response.headers and response.headers["Cache-Control"] == "no-store"
    assert form_client.flask_client.get("/referral/exit").status_code == 303
    assert not has_cookie(form_client)


@pytest.mark.parametrize("path", ["/REFERRAL/", "/Referral/", "/REFERRAL", "/referral", "/Referral"])
def test_the_form_opens_whatever_the_case_of_its_typed_url(app: Flask, path: str) -> None:
    form_client = FormClient(app)
    form_client.get(path)
    assert form_client.response.status_code == 200 and form_client.path == "/referral/"
