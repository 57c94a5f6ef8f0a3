"""Tests that the Nu HTML checker reports no error or warning for any page of the form."""

from pathlib import Path

import pytest

from tests.support.html_checker import html_problems
from tests.support.person import ANSWERS_BY_ROUTE, Person

pytestmark = [pytest.mark.browser, pytest.mark.system]  # Java comes with the system tier


def html_by_state(person: Person, route: str) -> dict[str, str]:
    """Fill in the form for `route`; return the HTML of each page and state, by a name such as "check with errors"."""
    pages = {"start": person.get("/referral/").get_data(as_text=True)}
    person.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        person.answer(slug, {})
        pages[f"{slug} with errors or blank"] = person.get(f"/referral/{slug}").get_data(as_text=True)
        person.answer(slug, fields)
        pages[f"{slug} filled in"] = person.get(f"/referral/{slug}").get_data(as_text=True)
    pages["check"] = person.get("/referral/check").get_data(as_text=True)
    person.post("/referral/check", person.fields_to_send(agreement=""))
    pages["check with errors"] = person.text
    person.send()
    pages["done"] = person.text
    person.get(person.private_page)
    pages["withdraw"] = person.text
    person.cancel(person.path)
    pages["withdrawn"] = person.text
    for name, path in (("not found", "/referral/nothing"), ("link expired", "/referral/withdraw/forged")):
        pages[name] = person.get(path).get_data(as_text=True)
    return pages


def test_the_html_checker_reports_nothing_in_the_form(person: Person, tmp_path: Path) -> None:
    for route in ANSWERS_BY_ROUTE:
        for name, html in html_by_state(Person(person.app), route).items():
            (tmp_path / f"{route} {name}.html").write_text(html, encoding="utf-8")
    person.start().answer("who", {"who": "family"})
    person.answer("consent", {"agreed": "not_yet"})
    assert person.path == "/referral/not-yet"
    (tmp_path / "not yet.html").write_text(person.text, encoding="utf-8")
    assert len(list(tmp_path.glob("*.html"))) > 80
    assert html_problems(tmp_path) == []
