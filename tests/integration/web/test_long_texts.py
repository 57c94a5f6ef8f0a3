"""A very long pasted text is kept in its box, reported as too long, and takes few resources."""

from html import unescape

import pytest
from flask import Flask

from form_service.crypto import draft_keys
from form_service.referral.questions import PAGES
from form_service.web import rate_limits
from tests.support.person import AS_OUR_PAGE, Person

URLENCODED = "application/x-www-form-urlencoded"
# As many characters as the limit allows, which browsers encode as one, six and twelve bytes each.
FULLEST = {
    "English": "Never ring. " * 21_000,
    "Polish": "ż" * 43_000,
    "pictures": "\U0001f600" * 21_000,
    "lines": "\n" * 40_000 + "Never ring.",
    "spaces": " " * 250_000 + "x",
}


def box(person: Person, name: str) -> str:
    """Return the value of a textarea on the open page, as the browser sends it back."""
    inside = person.text.partition(f'name="{name}"')[2].partition(">\n")[2].partition("</textarea>")[0]
    return unescape(inside)


@pytest.mark.parametrize("text", FULLEST.values(), ids=FULLEST)
def test_a_very_long_text_is_kept_in_its_box_and_reported_as_too_long(person: Person, text: str) -> None:
    person.walk("harmed", until="times")
    person.answer("times", {"must_not": text.replace("\n", "\r\n"), "times": ["morning"]})
    assert (person.page.status_code, person.at) == (200, "/referral/times")
    assert f"Your answer must be 500 characters or fewer. It is {len(text)} now" in person.text
    assert box(person, "must_not") == text
    assert 'value="morning" checked' in person.text
    person.answer("times", {"must_not": "Never ring"})
    assert person.at == "/referral/support"


def test_a_long_text_that_meets_the_limit_on_one_client_is_still_in_the_page(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.walk("harmed", until="times")
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 1)
    text = "Never ring. " * 21_000
    person.post("/referral/times", {"must_not": text, "token": person.hidden("token")})
    assert person.page.status_code == 429
    assert person.hidden("must_not") == text


def test_a_large_page_counts_as_several_pages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 150)

    def codes(address: str, text: str) -> list[int]:
        client = app.test_client()
        people = {"environ_base": {"REMOTE_ADDR": address}, "headers": AS_OUR_PAGE}
        return [client.post("/referral/times", data={"must_not": text}, **people).status_code for _ in range(10)]

    assert codes("192.0.2.1", "x" * 500) == [303] * 10
    assert codes("192.0.2.2", "x" * 250_000) == [303] * 2 + [429] * 8


def test_a_draft_holds_several_long_pages_and_no_heap_of_them(person: Person) -> None:
    person.walk("harmed")
    token, text = person.hidden("token"), "Never ring. " * 21_000
    boxes = {
        page.slug: question.name
        for page in PAGES
        for question in page.questions
        if not question.choices and page.slug != "check"
    }
    answers = [
        person.client.post(f"/referral/{slug}", data={"token": token, name: text}, headers=AS_OUR_PAGE)
        for slug, name in boxes.items()
    ]
    assert [answer.status_code for answer in answers] == [303] * 4 + [413] * (len(boxes) - 4)
    assert "Your earlier answers are kept." in answers[-1].text
    context, cookie = person.app.extensions["form_service"], person.client.get_cookie("draft", path="/referral/")
    assert cookie is not None
    assert len(context.store.drafts.read(draft_keys.draft_id(cookie.value))) < 1.1 * rate_limits.MAX_DRAFT_BYTES
    person.get("/referral/about")
    assert text in person.text, "what stood there before is kept"


@pytest.mark.parametrize("kind", [URLENCODED, "multipart/form-data"])
def test_a_body_of_very_many_fields_is_refused_before_it_is_read(
    person: Person, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    person.walk("harmed", until="times")
    fields = {f"a{number}": "" for number in range(rate_limits.MAX_FIELDS + 1)}
    for most in (rate_limits.MAX_PAGES_PER_CLIENT, 0):
        monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", most)
        page = person.client.post("/referral/times", data=fields, content_type=kind, headers=AS_OUR_PAGE)
        assert page.status_code in (413, 429)
        assert "a150" not in page.text


def test_every_page_has_far_fewer_fields() -> None:
    most = max(sum(max(1, len(question.choices)) for question in page.questions) for page in PAGES)
    assert most * 2 < rate_limits.MAX_FIELDS
