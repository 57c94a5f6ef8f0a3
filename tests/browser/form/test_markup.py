"""The Nu HTML checker reports no error or warning for the served HTML of any state of the form."""

import re
from pathlib import Path

import pytest

from tests.support.nu import html_problems
from tests.support.person import ANSWERS_BY_ROUTE, Person

pytestmark = [pytest.mark.browser, pytest.mark.system]  # Java comes with the system tier


def states(person: Person, route: str) -> dict[str, str]:
    """Return the HTML of each state of a route, by the state's name."""
    found = {"start": person.get("/referral/").get_data(as_text=True)}
    person.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        person.answer(slug, {})
        found[f"{slug} with errors or blank"] = person.get(f"/referral/{slug}").get_data(as_text=True)
        person.answer(slug, fields)
        found[f"{slug} filled in"] = person.get(f"/referral/{slug}").get_data(as_text=True)
    found["check"] = person.get("/referral/check").get_data(as_text=True)
    person.post("/referral/check", person.send_fields(agreement=""))
    found["check with errors"] = person.text
    person.send()
    found["done"] = person.text
    taking_back = re.search(r'href="(/referral/withdraw/[^"]+)"', person.text)
    assert taking_back
    person.get(taking_back[1])
    found["withdraw"] = person.text
    person.post(person.path, {"sure": "yes"})
    found["withdrawn"] = person.text
    for name, address in (("not found", "/referral/nothing"), ("link ended", "/referral/withdraw/forged")):
        found[name] = person.get(address).get_data(as_text=True)
    return found


def test_nu_checker_finds_nothing_in_the_form(person: Person, tmp_path: Path) -> None:
    for route in ANSWERS_BY_ROUTE:
        for name, html in states(Person(person.app), route).items():
            (tmp_path / f"{route} {name}.html").write_text(html, encoding="utf-8")
    person.start().answer("who", {"who": "family"})
    person.answer("consent", {"agreed": "not_yet"})
    assert person.path == "/referral/not-yet"
    (tmp_path / "not yet.html").write_text(person.text, encoding="utf-8")
    assert len(list(tmp_path.glob("*.html"))) > 80
    assert html_problems(tmp_path) == []
