"""Every text of the form is translated through the message catalogue; the team's email stays in English."""

import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from form_service.config.settings import SettingsError
from form_service.referral.i18n import load_language
from tests.support import pseudo_languages
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, claim_emails
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import XHTML, parse
from tests.support.pseudo_languages import LONG_CODE, MIRRORED_CODE, lengthen
from tests.support.team_email import body_of

pytestmark = pytest.mark.long


# Not translated: the service's names and addresses, language codes, dates, references, and strings without letters.
UNTRANSLATED_PATTERN = re.compile(
    r"^(?:[\W\d_]*|Staffordshire (?:Victim Gateway and )?Restorative Justice(?: Service)?|rj\.team@example\.org\.uk|"
    r"English|ar-XB|en-XA|\d{1,2} [A-Z][a-z]+ \d{4}|[0-9A-Z]{4}-[0-9A-Z]{4})$"
)


def texts_of(html: str) -> list[str]:
    """Return every piece of text on the page that is displayed or read out."""
    # One or two spans around a reference or number prevent line breaks; the text around them is one message.
    for _ in range(2):
        html = re.sub(r'<span class="(?:whole|unbroken)"[^>]*>([^<]*)</span>', r"\1", html)
    tree = parse(html.replace("<wbr>", ""))
    texts = []
    for element in tree.iter():
        if element.tag in (XHTML + "style", XHTML + "script", XHTML + "textarea"):
            continue
        texts.append(element.text or "")
        texts += [element.get(name) or "" for name in ("aria-label", "title", "alt", "placeholder", "data-words")]
        texts += [child.tail or "" for child in element]
    return [" ".join(unescape(text).split()) for text in texts]


def answer_texts(route: str) -> set[str]:
    """Return every answer in ANSWERS_BY_ROUTE for a route, with each run of white space replaced by one space."""
    values = [value for _, fields in ANSWERS_BY_ROUTE[route] for value in fields.values()]
    return {" ".join(str(item).split()) for value in values for item in (value if isinstance(value, list) else [value])}


@pytest.fixture
def pseudo_language_app(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return a form service that offers English and two pseudo-languages."""
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    pseudo_languages.offer_pseudo_languages(app, monkeypatch)
    return app


def fill_in_and_return_pages(form_client: FormClient, route: str, code: str) -> list[str]:
    """Fill in and send the form in the language `code`; return the HTML of every page that is shown.

    For each question page, these are the page as first opened and the page shown after it was submitted blank.
    """
    form_client.get(f"/referral/?language={code}")
    pages = [form_client.text]
    form_client.post("/referral/", {"language": code})
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        form_client.get(f"/referral/{slug}")
        pages.append(form_client.text)
        form_client.post(f"/referral/{slug}", {"token": form_client.hidden_value("token")})
        pages.append(form_client.text)
        form_client.answer(slug, fields)
    pages.append(form_client.text)
    form_client.post("/referral/check", form_client.fields_to_send(copy_to="wrong", shown=""))
    pages.append(form_client.text)
    form_client.send(copy_to="")
    assert form_client.path == "/referral/done"
    pages.append(form_client.text)
    return pages


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_every_text_of_every_page_is_translated(pseudo_language_app: Flask, route: str) -> None:
    form_client = FormClient(pseudo_language_app)
    expected_untranslated_texts = answer_texts(route)
    for page in fill_in_and_return_pages(form_client, route, LONG_CODE):
        for text in texts_of(page):
            untranslated_text = re.sub(r"\[[^\[\]]*\]", "", text) if "[" in text else text
            untranslated_text = re.sub(r"\[.*~\]", "", text) if "~]" in text else untranslated_text
            assert (
                UNTRANSLATED_PATTERN.match(untranslated_text.strip(" |:."))
                or untranslated_text in expected_untranslated_texts
            ), f"not through the catalogue: {text!r}"


def test_every_text_that_is_shown_is_in_the_catalogue(
    pseudo_language_app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_texts: set[str] = set()

    def record(text: str) -> str:
        shown_texts.add(text)
        return lengthen(text)

    pseudo_languages.offer_pseudo_languages(pseudo_language_app, monkeypatch, record)
    for route in ANSWERS_BY_ROUTE:
        fill_in_and_return_pages(FormClient(pseudo_language_app), route, LONG_CODE)
    form_client = FormClient(pseudo_language_app)
    for path in ("/referral/nothing", "/referral/withdraw/x", "/referral/begin"):
        form_client.get(f"{path}?language={LONG_CODE}")
    configured_texts = set(pseudo_language_app.extensions["form_service"].service.facts.values())
    with (root / "form_service/translations/form.pot").open("rb") as file:
        catalogue = {str(message.id) for message in read_po(file) if message.id}
    assert shown_texts - configured_texts - catalogue == set()
    assert len(shown_texts) > 150


@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_pages_in_a_right_to_left_language_are_mirrored(pseudo_language_app: Flask, route: str) -> None:
    for page in fill_in_and_return_pages(FormClient(pseudo_language_app), route, MIRRORED_CODE):
        assert '<html lang="ar-XB" dir="rtl">' in page


@pytest.mark.parametrize("page_kind", ["404", "not-yet", "error", "withdraw"])
def test_pages_that_ask_no_questions_are_translated_too(pseudo_language_app: Flask, page_kind: str) -> None:
    form_client = FormClient(pseudo_language_app)
    form_client.post("/referral/", {"language": LONG_CODE})
    if page_kind == "not-yet":
        form_client.answer("who", {"who": "family"})
        form_client.answer("consent", {"agreed": "not_yet"})
    elif page_kind == "withdraw":
        form_client.fill_in("harmed")
        form_client.flask_client.get("/referral/")
        form_client.get("/referral/withdraw/forged?language=en-XA")
    else:
        form_client.get("/referral/nothing")
    untranslated_text = [
        text for text in texts_of(form_client.text) if not UNTRANSLATED_PATTERN.match(text) and "~]" not in text
    ]
    assert untranslated_text == []


def test_the_language_is_chosen_by_a_link_and_kept_in_the_draft(pseudo_language_app: Flask) -> None:
    form_client = FormClient(pseudo_language_app)
    form_client.fill_in("harmed", until="times")
    link = re.search(r'<a href="(/referral/times\?language=en-XA)"', form_client.text)
    assert link
    form_client.get(link[1])
    assert form_client.path == "/referral/times"
    assert 'lang="en-XA"' in form_client.text
    form_client.answer("times", {})
    assert 'lang="en-XA"' in form_client.text
    form_client.get("/referral/support?language=xx")
    assert 'lang="en-XA"' in form_client.text


@pytest.mark.parametrize("page_name", ["check", "done", "not-yet", "", "sent"])
def test_the_language_can_be_changed_on_pages_without_questions(pseudo_language_app: Flask, page_name: str) -> None:
    form_client = FormClient(pseudo_language_app)
    if page_name == "not-yet":
        form_client.start()
        form_client.answer("who", {"who": "family"})
        form_client.answer("consent", {"agreed": "not_yet"})
    else:
        form_client.fill_in("harmed")
    if page_name in ("done", "sent"):
        form_client.send()
    path = f"/referral/{page_name.removeprefix('sent')}"
    form_client.get(path)
    assert f'href="{path}?language=en-XA"' in form_client.text
    form_client.get(f"{path}?language=en-XA")
    assert (form_client.path, form_client.response.status_code) == (path, 200)
    assert '<html lang="en-XA"' in form_client.text
    form_client.get(f"{path}?language=en")
    assert '<html lang="en-GB"' in form_client.text


def test_the_teams_email_stays_in_english_and_names_the_language(pseudo_language_app: Flask) -> None:
    form_client = FormClient(pseudo_language_app)
    fill_in_and_return_pages(form_client, "harmed", LONG_CODE)
    (mail,) = [mail for mail in claim_emails(pseudo_language_app) if "rj.team" in str(mail["To"])]
    body = body_of(mail)
    assert "Language of the form: en-XA" in body
    assert "DO NOT leave a voicemail." in body
    assert "~]" not in body


def test_a_form_in_one_language_offers_no_choice_of_language(form_client: FormClient) -> None:
    form_client.get("/referral/")
    assert "?language=" not in form_client.text


def test_the_catalogue_has_exactly_the_texts_of_the_form(root: Path) -> None:
    """The catalogue is form.pot, which translators work from."""
    options = [("form_service/**.py", "python"), ("overrides/form/**.html", "jinja2")]
    keywords = {"say": None, "_": None, "N_": None, "Words": {None: (1,), 2: (2,), 3: (2,)}}
    texts = {
        str(message)
        for _, _, message, _, _ in extract_from_dir(str(root), options, keywords=keywords)
        if isinstance(message, str) and message.strip()
    }
    with (root / "form_service/translations/form.pot").open("rb") as file:
        catalogue = {str(message.id) for message in read_po(file) if message.id}
    assert texts - catalogue == set(), "texts that translators do not see"
    assert catalogue - texts == set(), "texts that are gone"


@pytest.mark.parametrize("code", ["cy", "zz", "en-ZZ"])
def test_a_language_without_a_catalogue_is_refused_at_start(make_app: MakeApp, code: str) -> None:
    with pytest.raises(SettingsError, match=f"^FORM_LANGUAGES names {code}, which has no catalogue$"):
        make_app(FORM_LANGUAGES=f"en,{code}")


def test_a_translation_fills_in_the_phone_number_and_the_reference() -> None:
    pseudo_language = pseudo_languages.load_language(LONG_CODE, {"phone": "01632 960123"})
    assert "01632 960123" in pseudo_language.say("Ring {{ phone }}")
    assert "7KQ4-M2X6" in pseudo_language.say("Reference {reference}", reference="7KQ4-M2X6")
    assert len(lengthen("Continue")) > 1.3 * len("Continue")
    english = load_language("en", {"phone": "1"})
    assert english.say("Reference {reference}", reference="{{ phone }}") == "Reference {{ phone }}"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("HEAD", {}, 200), ("GET", {"Sec-Purpose": "prefetch"}, 503), ("GET", {"Purpose": "preview"}, 503)],
)
def test_only_a_click_changes_the_language(
    pseudo_language_app: Flask, method: str, headers: dict[str, str], status: int
) -> None:
    form_client = FormClient(pseudo_language_app)
    form_client.start()
    english_html = form_client.get("/referral/who").get_data(as_text=True)
    response = form_client.flask_client.open(f"/referral/who?language={LONG_CODE}", method=method, headers=headers)
    assert response.status_code == status
    assert form_client.get("/referral/who").get_data(as_text=True) == english_html
    assert form_client.get(f"/referral/who?language={LONG_CODE}").get_data(as_text=True) != english_html
