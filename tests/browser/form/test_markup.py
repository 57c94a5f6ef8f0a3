"""Tests that the Nu HTML checker reports no error or warning for any page of the form."""

from pathlib import Path

import pytest

from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient
from tests.support.html_checker import html_problems

pytestmark = [pytest.mark.browser, pytest.mark.system]  # Java comes with the system tier


def html_by_state(form_client: FormClient, route: str) -> dict[str, str]:
    """Fill in the form for `route`; return the HTML of each page and state, by a name such as "check with errors"."""
    pages = {"start": form_client.get("/referral/").get_data(as_text=True)}
    form_client.start()
    for slug, fields in ANSWERS_BY_ROUTE[route]:
        form_client.answer(slug, {})
        pages[f"{slug} with errors or blank"] = form_client.get(f"/referral/{slug}").get_data(as_text=True)
        form_client.answer(slug, fields)
        pages[f"{slug} filled in"] = form_client.get(f"/referral/{slug}").get_data(as_text=True)
    pages["check"] = form_client.get("/referral/check").get_data(as_text=True)
    form_client.post("/referral/check", form_client.fields_to_send(agreement=""))
    pages["check with errors"] = form_client.text
    form_client.send()
    pages["done"] = form_client.text
    form_client.get(form_client.private_page_path)
    pages["withdraw"] = form_client.text
    form_client.cancel(form_client.path)
    pages["withdrawn"] = form_client.text
    for name, path in (("not found", "/referral/nothing"), ("link expired", "/referral/withdraw/forged")):
        pages[name] = form_client.get(path).get_data(as_text=True)
    return pages


def test_the_html_checker_reports_nothing_in_the_form(form_client: FormClient, tmp_path: Path) -> None:
    for route in ANSWERS_BY_ROUTE:
        for name, html in html_by_state(FormClient(form_client.app), route).items():
            (tmp_path / f"{route} {name}.html").write_text(html, encoding="utf-8")
    form_client.start().answer("who", {"who": "family"})
    form_client.answer("consent", {"agreed": "not_yet"})
    assert form_client.path == "/referral/not-yet"
    (tmp_path / "not yet.html").write_text(form_client.text, encoding="utf-8")
    assert len(list(tmp_path.glob("*.html"))) > 80
    assert html_problems(tmp_path) == []
