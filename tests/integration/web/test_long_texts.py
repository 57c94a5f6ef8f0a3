"""A text that is far too long is shown again with an error, and cannot exhaust the server or the store."""

from html import unescape

import pytest
from flask import Flask

from form_service.crypto import draft_keys
from form_service.referral.questions import PAGES
from form_service.web import rate_limits
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient

URLENCODED = "application/x-www-form-urlencoded"
# As many characters as the limit allows; browsers encode each of them as one, six or twelve bytes.
LONGEST_TEXTS = {
    "English": "Never ring. " * 21_000,
    "Polish": "ż" * 43_000,
    "pictures": "\U0001f600" * 21_000,
    "lines": "\n" * 40_000 + "Never ring.",
    "spaces": " " * 250_000 + "x",
}


def textarea_value(form_client: FormClient, name: str) -> str:
    """Return the text of a textarea on the open page, as the browser would submit it."""
    content = form_client.text.partition(f'name="{name}"')[2].partition(">\n")[2].partition("</textarea>")[0]
    return unescape(content)


@pytest.mark.parametrize("text", LONGEST_TEXTS.values(), ids=LONGEST_TEXTS)
def test_a_very_long_text_stays_in_its_box_and_is_reported_as_too_long(form_client: FormClient, text: str) -> None:
    form_client.fill_in("harmed", until="times")
    form_client.answer("times", {"must_not": text.replace("\n", "\r\n"), "times": ["morning"]})
    assert (form_client.response.status_code, form_client.path) == (200, "/referral/times")
    assert f"Your answer must be 500 characters or fewer. It is {len(text)} now" in form_client.text
    assert textarea_value(form_client, "must_not") == text
    assert 'value="morning" checked' in form_client.text
    form_client.answer("times", {"must_not": "Never ring"})
    assert form_client.path == "/referral/support"


def test_a_rate_limited_page_still_contains_the_long_text_that_was_typed(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed", until="times")
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 1)
    text = "Never ring. " * 21_000
    form_client.post("/referral/times", {"must_not": text, "token": form_client.hidden_value("token")})
    assert form_client.response.status_code == 429
    assert form_client.hidden_value("must_not") == text


def test_a_large_page_counts_as_several_towards_the_rate_limit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 150)

    def statuses(client_ip: str, text: str) -> list[int]:
        client = app.test_client()
        options = {"environ_base": {"REMOTE_ADDR": client_ip}, "headers": SAME_ORIGIN_HEADERS}
        return [client.post("/referral/times", data={"must_not": text}, **options).status_code for _ in range(10)]

    assert statuses("192.0.2.1", "x" * 500) == [303] * 10
    assert statuses("192.0.2.2", "x" * 250_000) == [303] * 2 + [429] * 8


@pytest.mark.long
def test_a_draft_has_room_for_several_long_pages_but_not_for_all(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    token, text = form_client.hidden_value("token"), "Never ring. " * 21_000
    field_by_slug = {
        page.slug: question.name
        for page in PAGES
        for question in page.questions
        if not question.choices and page.slug != "check"
    }
    responses = [
        form_client.flask_client.post(
            f"/referral/{slug}", data={"token": token, name: text}, headers=SAME_ORIGIN_HEADERS
        )
        for slug, name in field_by_slug.items()
    ]
    assert [response.status_code for response in responses] == [303] * 4 + [413] * (len(field_by_slug) - 4)
    assert "Your earlier answers have been kept." in responses[-1].text
    context, cookie = (
        form_client.app.extensions["form_service"],
        form_client.flask_client.get_cookie("draft", path="/referral/"),
    )
    assert cookie is not None
    assert len(context.store.drafts.read(draft_keys.draft_id(cookie.value))) < 1.1 * rate_limits.MAX_DRAFT_BYTES
    form_client.get("/referral/about")
    assert text in form_client.text, "the earlier answer is kept"


@pytest.mark.parametrize("content_type", [URLENCODED, "multipart/form-data"])
def test_a_body_with_very_many_fields_is_refused(
    form_client: FormClient, monkeypatch: pytest.MonkeyPatch, content_type: str
) -> None:
    form_client.fill_in("harmed", until="times")
    fields = {f"a{number}": "" for number in range(rate_limits.MAX_FIELDS + 1)}
    for page_limit in (rate_limits.MAX_PAGES_PER_CLIENT, 0):
        monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", page_limit)
        response = form_client.flask_client.post(
            "/referral/times", data=fields, content_type=content_type, headers=SAME_ORIGIN_HEADERS
        )
        assert response.status_code in (413, 429)
        assert "a150" not in response.text


def test_every_page_has_far_fewer_fields_than_the_limit() -> None:
    max_field_count = max(sum(max(1, len(question.choices)) for question in page.questions) for page in PAGES)
    assert max_field_count * 2 < rate_limits.MAX_FIELDS
