"""Question pages keep answers, report errors kindly, and show no answer in a URL or a title."""

import json
import logging
import re

import pytest
from flask import Flask

from form_service import logs
from form_service.referral.journey.steps import CHECK_SLUG, steps
from form_service.referral.questions import PAGES, Kind, Route
from form_service.web.views.assets import Asset
from service_profile import load
from service_profile.icon import icon_svg
from tests.support.form_client import ANSWERS_BY_ROUTE, SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.team_email import body_of

pytestmark = pytest.mark.long


UNUSUAL_TEXTS = {
    "emoji": "👩🏽‍🦽 Åsa 🕊️",
    "right to left": "שלום abc مرحبا",
    "markup": '<b>"O\'Neil" & Sons</b>{{ phone }}{reference}',
    "combining": "Z̃͑alg̷o é",
}


def title(html: str) -> str:
    return html.partition("<title>")[2].partition("</title>")[0]


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_a_person_who_sends_an_empty_page_is_shown_what_is_missing(form_client: FormClient, route: str) -> None:
    form_client.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        form_client.get(f"/referral/{slug}")
        response = form_client.flask_client.post(
            f"/referral/{slug}", data={"token": form_client.hidden_value("token")}, headers=SAME_ORIGIN_HEADERS
        )
        assert response.status_code == 303
        form_client.get(response.location)
        if slug in ("times", "support") or (slug == "background" and route != "professional"):
            form_client.answer(slug, fields)
            continue
        assert response.location == f"/referral/{slug}#error-summary"
        assert title(form_client.text).startswith("Error: Step ")
        assert re.search(r'id="error-summary"[^>]* tabindex="-1" autofocus', form_client.text)
        for field_id in re.findall(r'<li><a href="#([^"]+)">', form_client.text):
            assert f'id="{field_id}"' in form_client.text
        assert "There is a problem" in form_client.text
        form_client.answer(slug, fields)
        assert form_client.path != f"/referral/{slug}"


@pytest.mark.parametrize("kind", UNUSUAL_TEXTS)
@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_unusual_characters_in_answers_arrive_unchanged(
    form_client: FormClient, app: Flask, route: str, kind: str
) -> None:
    typed_text = UNUSUAL_TEXTS[kind]
    form_client.start()
    texts = {
        question.name: typed_text
        for page in steps({"who": [route]})
        for question in page.questions
        if question.kind in (Kind.TEXT, Kind.TEXTAREA, Kind.TEL)
    }
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        form_client.answer(slug, {name: texts.get(name, value) for name, value in fields.items()})
    assert form_client.path == "/referral/check"
    form_client.send()
    assert form_client.path == "/referral/done"
    assert typed_text in body_of(claim_emails(app)[0])


@pytest.mark.parametrize("text", ["\x00", "a\x07b", "\x1b[2J", "x\u0085y", "\ufffe"])
def test_control_characters_in_an_answer_get_an_error_message(form_client: FormClient, text: str) -> None:
    form_client.fill_in("harmed", until="about")
    form_client.answer("about", {"name": text if text.isprintable() else f"Sam{text}", "age": "adult"})
    assert form_client.path == "/referral/about"
    assert "contains a character we can’t accept" in form_client.text


def test_an_overlong_answer_is_kept_and_gets_an_error_with_its_length(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="times")
    form_client.answer("times", {"must_not": "Zoë, " * 4_000})
    assert form_client.path == "/referral/times"
    assert "Your answer must be 500 characters or fewer. It is 20000 now" in form_client.text
    assert "Zoë, " * 4_000 in form_client.text


@pytest.mark.parametrize("invisible_name", [" ", "\u200b", "\u00a0\t"])
def test_an_invisible_name_counts_as_blank(form_client: FormClient, invisible_name: str) -> None:
    form_client.fill_in("harmed", until="about")
    form_client.answer("about", {"name": invisible_name, "age": "adult"})
    assert "Enter the name you would like us to use" in form_client.text


@pytest.mark.parametrize("email", ["sam", "sam@", "@example.org", "sam@example", "sam and kim@example.org"])
def test_an_impossible_email_address_gets_an_error(form_client: FormClient, email: str) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer("reach", {"reach": ["email"], "email_address": email})
    assert form_client.path == "/referral/reach"
    assert "Enter an email address, like name@example.org" in form_client.text
    assert f'value="{email}"' in form_client.text


@pytest.mark.parametrize("number", ["07700 900111", "+44 (0)7700-900111", "ask for ext. 12"])
def test_a_phone_number_is_kept_as_it_was_typed(form_client: FormClient, number: str) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer("reach", {"reach": ["phone"], "phone_number": number})
    assert form_client.path == "/referral/times"
    form_client.get("/referral/reach")
    assert f'value="{number}"' in form_client.text


def test_text_typed_under_a_choice_that_is_not_picked_is_kept(form_client: FormClient) -> None:
    form_client.fill_in("harmed", until="reach")
    form_client.answer("reach", {"reach": ["text"], "text_number": "07700 900111", "post_address": "1 High Street"})
    form_client.get("/referral/reach")
    assert "1 High Street</textarea>" in form_client.text


def test_a_forged_choice_counts_as_blank(form_client: FormClient) -> None:
    form_client.start()
    form_client.answer("who", {"who": "<script>"})
    assert form_client.path == "/referral/who"
    assert "Choose who you are asking for" in form_client.text


def test_each_change_link_leads_to_its_field_and_answering_leads_back_to_the_check_page(
    form_client: FormClient,
) -> None:
    form_client.fill_in("professional")
    links = re.findall(r'<a href="(/referral/[a-z-]+)#([^"]+)">Change', form_client.text)
    assert len(links) > 15
    for path, field_id in links:
        form_client.get(path)
        assert form_client.path == path
        assert f'id="{field_id}"' in form_client.text
        slug = path.rpartition("/")[2]
        form_client.answer(slug, dict(ANSWERS_BY_ROUTE["professional"])[slug])
        assert form_client.path == "/referral/check"


def test_blank_answers_are_shown_as_not_provided(form_client: FormClient) -> None:
    form_client.fill_in("family")
    assert form_client.text.count("Not provided") == len(
        ["times", "first_word", "must_not", "support", "harm", "police", "stage", "worry"]
    )


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_back_links_lead_back_page_by_page_to_the_start(form_client: FormClient, route: str) -> None:
    form_client.fill_in(route)
    visited_paths = []
    while 'class="back"' in form_client.text:
        visited_paths.append(form_client.path)
        form_client.get(re.search(r'class="back" href="([^"]+)"', form_client.text)[1])
    assert form_client.path == "/referral/"
    assert len(visited_paths) == len(steps({"who": [route]}))


def test_nobody_can_skip_a_page_or_enter_another_route(form_client: FormClient) -> None:
    form_client.start()
    for slug in ("about", "reach", "check", "done", "you", "not-yet"):
        form_client.get(f"/referral/{slug}")
        assert form_client.path == "/referral/who"
    form_client.answer("who", {"who": "harmed"})
    form_client.get("/referral/you")
    assert form_client.path == "/referral/about"


def test_only_the_title_of_the_page_about_the_referrer_says_you() -> None:
    for page in PAGES:
        if page.slug != "you":
            assert not re.search(r"\b(you|your)\b", re.sub("before you go on", "", page.title))


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_no_answer_appears_in_a_url_a_title_or_the_log(
    form_client: FormClient, route: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form_client.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        form_client.get(f"/referral/{slug}")
        response = form_client.flask_client.post(
            f"/referral/{slug}", data=fields | {"token": form_client.hidden_value("token")}, headers=SAME_ORIGIN_HEADERS
        )
        assert "?" not in response.location
        form_client.get(response.location)
        assert not re.search("crime|harm|victim|offend|restorative", title(form_client.text), re.IGNORECASE)
        assert not re.search("crime|harm|victim|offend|restorative", form_client.path, re.IGNORECASE)
    form_client.send()
    for _, fields in ANSWERS_BY_ROUTE[route]:
        for value in fields.values():
            for item in value if isinstance(value, list) else [value]:
                # The values of choices are ordinary words such as "text", which may well be in the log.
                assert item.islower() or item not in caplog.text


def test_a_crash_is_logged_without_what_was_typed(
    form_client: FormClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed", until="times")

    def crash(*_: object) -> None:
        raise ValueError("cannot make sense of 'He is home then'")

    monkeypatch.setattr("form_service.web.views.question_pages.merge", crash)
    response = form_client.answer("times", {"must_not": "He is home then"})
    assert response.status_code == 500
    lines = [logs._JSONFormatter().format(record) for record in caplog.records]
    (entry,) = [line for line in map(json.loads, lines) if line["event"] == "unexpected"]
    assert (entry["level"], entry["error"]) == ("error", "ValueError")
    assert re.fullmatch(r"question_pages\.py:\d+/test_question_pages\.py:\d+", entry["place"]), entry
    assert "He is home" not in caplog.text + "".join(lines)
    assert "We have not received your last answers" in form_client.text


def test_no_page_of_the_form_may_be_cached(form_client: FormClient) -> None:
    form_client.get("/referral/")
    assert form_client.response.headers["Cache-Control"] == "no-store"
    form_client.fill_in("harmed")
    assert form_client.response.headers["Cache-Control"] == "no-store"
    form_client.send()
    assert form_client.response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_page_with_a_wrong_token_is_shown_again_with_what_was_typed(form_client: FormClient, token: str) -> None:
    form_client.fill_in("harmed", until="times")
    response = form_client.post("/referral/times", {"token": token, "must_not": "Never ring", "times": ["evening"]})
    assert response.status_code == 400
    assert "Never ring</textarea>" in form_client.text
    assert "What you typed is still here" in form_client.text
    form_client.post("/referral/times", {"token": form_client.hidden_value("token"), "must_not": "Never ring"})
    assert form_client.path == "/referral/support"


def test_another_site_can_neither_start_the_form_nor_send_it(form_client: FormClient, app: Flask) -> None:
    cross_site_headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    form_client.post("/referral/", {}, **cross_site_headers)
    assert form_client.flask_client.get_cookie("draft", path="/referral/") is None
    form_client.fill_in("harmed")
    response = form_client.post("/referral/check", form_client.fields_to_send(), **cross_site_headers)
    assert response.status_code == 400
    assert claim_emails(app) == []
    form_client.post("/referral/check", form_client.fields_to_send())
    assert form_client.path == "/referral/done"


def test_the_check_page_is_the_last_step_of_every_route() -> None:
    for route in Route:
        assert [page.slug for page in steps({"who": [route]})][-1] == CHECK_SLUG


def test_assets_are_cached_for_ever_under_a_url_with_their_hash(form_client: FormClient) -> None:
    form_client.get("/referral/")
    names_by_url = dict(re.findall(r'"(/referral/assets/([a-z.]+)\?[0-9a-f]{6})"', form_client.text))
    for url, name in names_by_url.items():
        response = form_client.flask_client.get(url)
        assert (response.status_code, response.cache_control.max_age, response.cache_control.immutable) == (
            200,
            31536000,
            True,
        )
        response_to_old_url = form_client.flask_client.get(f"/referral/assets/{name}?000000")
        assert (response_to_old_url.data, response_to_old_url.headers["Cache-Control"]) == (
            response.data,
            "no-cache",
        ), "the URL on an old page still works"
        revalidation_response = form_client.flask_client.get(
            f"/referral/assets/{name}", headers={"If-None-Match": response.headers["ETag"]}
        )
        assert (revalidation_response.status_code, revalidation_response.data) == (304, b"")
    assert sorted(names_by_url.values()) == ["exit.js", "icon.svg"]
    icons = [form_client.flask_client.get(url) for url, name in names_by_url.items() if name == "icon.svg"]
    assert [(response.mimetype, response.text) for response in icons] == [("image/svg+xml", icon_svg(load()))]
    assert form_client.flask_client.get("/referral/assets/form.css").status_code == 404


def test_a_changed_icon_has_another_url() -> None:
    assert Asset("image/svg+xml", b"<svg/>").version_query != Asset("image/svg+xml", b"<svg />").version_query
