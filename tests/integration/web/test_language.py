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
from tests.support.form_fixtures import MakeApp
from tests.support.page_checks import XHTML, parse
from tests.support.person import WALKS, Person, mails
from tests.support.pseudo_languages import LONG, MIRRORED, lengthen
from tests.support.team_email import body_of

pytestmark = pytest.mark.long


# Not translated: the service's names and addresses, language codes, dates, references, and strings without letters.
NO_TEXT = re.compile(
    r"^(?:[\W\d_]*|Staffordshire (?:Victim Gateway and )?Restorative Justice(?: Service)?|rj\.team@example\.org\.uk|"
    r"English|ar-XB|en-XA|\d{1,2} [A-Z][a-z]+ \d{4}|[0-9A-Z]{4}-[0-9A-Z]{4})$"
)


def texts_of(html: str) -> list[str]:
    """Return every piece of text on the page that is shown or read out."""
    # A reference is in a span that prevents line breaks; the text around it is still one message.
    tree = parse(re.sub(r'<span class="whole"[^>]*>(.*?)</span>', r"\1", html))
    found = []
    for element in tree.iter():
        if element.tag in (XHTML + "style", XHTML + "script", XHTML + "textarea"):
            continue
        found.append(element.text or "")
        found += [element.get(name) or "" for name in ("aria-label", "title", "alt", "placeholder", "data-words")]
        found += [child.tail or "" for child in element]
    return [" ".join(unescape(text).split()) for text in found]


def typed_in(route: str) -> set[str]:
    """Return the answers that the walk types, as the check page shows them."""
    values = [value for _, fields in WALKS[route] for value in fields.values()]
    return {" ".join(str(item).split()) for value in values for item in (value if isinstance(value, list) else [value])}


@pytest.fixture
def pseudo(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return a form in English and two pseudo-languages."""
    app = make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")
    pseudo_languages.speak(app, monkeypatch)
    return app


def pages_of(person: Person, route: str, code: str) -> list[str]:
    """Return the HTML of every page of a route, with and without errors, from the start to the confirmation."""
    person.get(f"/referral/?language={code}")
    pages = [person.text]
    person.post("/referral/", {"language": code})
    for slug, fields in WALKS[route]:
        person.get(f"/referral/{slug}")
        pages.append(person.text)
        person.post(f"/referral/{slug}", {"token": person.hidden("token")})
        pages.append(person.text)
        person.answer(slug, fields)
    pages.append(person.text)
    person.post("/referral/check", person.sending(copy_to="wrong", shown=""))
    pages.append(person.text)
    person.send(copy_to="")
    assert person.at == "/referral/done"
    pages.append(person.text)
    return pages


@pytest.mark.parametrize("route", WALKS)
def test_no_text_was_missed(pseudo: Flask, route: str) -> None:
    person = Person(pseudo)
    ours = typed_in(route)
    for page in pages_of(person, route, LONG):
        for text in texts_of(page):
            bare = re.sub(r"\[[^\[\]]*\]", "", text) if "[" in text else text
            bare = re.sub(r"\[.*~\]", "", text) if "~]" in text else bare
            assert NO_TEXT.match(bare.strip(" |:.")) or bare in ours, f"not through the catalogue: {text!r}"


def test_every_text_that_is_shown_is_in_the_catalogue(
    pseudo: Flask, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: set[str] = set()

    def note(text: str) -> str:
        shown.add(text)
        return lengthen(text)

    pseudo_languages.speak(pseudo, monkeypatch, note)
    for route in WALKS:
        pages_of(Person(pseudo), route, LONG)
    person = Person(pseudo)
    for address in ("/referral/nothing", "/referral/withdraw/x", "/referral/begin"):
        person.get(f"{address}?language={LONG}")
    configured = set(pseudo.extensions["form_service"].service.facts.values())
    with (root / "form_service/translations/form.pot").open("rb") as file:
        kept = {str(message.id) for message in read_po(file) if message.id}
    assert shown - configured - kept == set()
    assert len(shown) > 150


@pytest.mark.parametrize("route", ["harmed", "professional"])
def test_a_language_from_right_to_left_turns_the_page_round(pseudo: Flask, route: str) -> None:
    for page in pages_of(Person(pseudo), route, MIRRORED):
        assert '<html lang="ar-XB" dir="rtl">' in page


@pytest.mark.parametrize("path", ["404", "not-yet", "error", "withdraw"])
def test_the_rare_pages_are_translated_too(pseudo: Flask, path: str) -> None:
    person = Person(pseudo)
    person.post("/referral/", {"language": LONG})
    if path == "not-yet":
        person.answer("who", {"who": "family"})
        person.answer("consent", {"agreed": "not_yet"})
    elif path == "withdraw":
        person.walk("harmed")
        person.client.get("/referral/")
        person.get("/referral/withdraw/forged?language=en-XA")
    else:
        person.get("/referral/nothing")
    missed = [text for text in texts_of(person.text) if not NO_TEXT.match(text) and "~]" not in text]
    assert missed == []


def test_the_language_is_a_plain_link_that_is_kept_in_the_draft(pseudo: Flask) -> None:
    person = Person(pseudo)
    person.walk("harmed", until="times")
    link = re.search(r'<a href="(/referral/times\?language=en-XA)"', person.text)
    assert link
    person.get(link[1])
    assert person.at == "/referral/times"
    assert 'lang="en-XA"' in person.text
    person.answer("times", {})
    assert 'lang="en-XA"' in person.text
    person.get("/referral/support?language=xx")
    assert 'lang="en-XA"' in person.text


@pytest.mark.parametrize("where", ["check", "done", "not-yet", "", "sent"])
def test_the_link_works_on_every_page_of_a_person_with_a_draft(pseudo: Flask, where: str) -> None:
    person = Person(pseudo)
    if where == "not-yet":
        person.start()
        person.answer("who", {"who": "family"})
        person.answer("consent", {"agreed": "not_yet"})
    else:
        person.walk("harmed")
    if where in ("done", "sent"):
        person.send()
    at = f"/referral/{where.removeprefix('sent')}"
    person.get(at)
    assert f'href="{at}?language=en-XA"' in person.text
    person.get(f"{at}?language=en-XA")
    assert (person.at, person.page.status_code) == (at, 200)
    assert '<html lang="en-XA"' in person.text
    person.get(f"{at}?language=en")
    assert '<html lang="en-GB"' in person.text


def test_the_mail_to_the_team_stays_in_english_and_names_the_language(pseudo: Flask) -> None:
    person = Person(pseudo)
    pages_of(person, "harmed", LONG)
    (mail,) = [mail for mail in mails(pseudo) if "rj.team" in str(mail["To"])]
    body = body_of(mail)
    assert "Language of the form: en-XA" in body
    assert "DO NOT leave a voicemail." in body
    assert "~]" not in body


def test_one_language_offers_no_choice(person: Person) -> None:
    person.get("/referral/")
    assert "?language=" not in person.text


def test_the_catalogue_holds_every_text(root: Path) -> None:
    """Translators work from form.pot, which `make words` regenerates."""
    options = [("form_service/**.py", "python"), ("overrides/form/**.html", "jinja2")]
    keywords = {"say": None, "_": None, "N_": None, "Words": {None: (1,), 2: (2,), 3: (2,)}}
    found = {
        str(message)
        for _, _, message, _, _ in extract_from_dir(str(root), options, keywords=keywords)
        if isinstance(message, str) and message.strip()
    }
    with (root / "form_service/translations/form.pot").open("rb") as file:
        kept = {str(message.id) for message in read_po(file) if message.id}
    assert found - kept == set(), "texts that translators do not see"
    assert kept - found == set(), "texts that are gone"


@pytest.mark.parametrize("code", ["cy", "zz", "en-ZZ"])
def test_a_language_without_a_catalogue_stops_the_start(make_app: MakeApp, code: str) -> None:
    with pytest.raises(SettingsError, match=f"^FORM_LANGUAGES names {code}, which has no catalogue$"):
        make_app(FORM_LANGUAGES=f"en,{code}")


def test_a_translation_keeps_facts_and_values() -> None:
    read = pseudo_languages.load(LONG, {"phone": "01632 960123"})
    assert "01632 960123" in read.say("Ring {{ phone }}")
    assert "7KQ4-M2X6" in read.say("Reference {reference}", reference="7KQ4-M2X6")
    assert len(lengthen("Continue")) > 1.3 * len("Continue")
    english = load_language("en", {"phone": "1"})
    assert english.say("Reference {reference}", reference="{{ phone }}") == "Reference {{ phone }}"
