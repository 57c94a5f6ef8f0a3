"""Every phone link dials the right number, in whatever format the service wrote it."""

from pathlib import Path

import jinja2
import pytest

from leaflet import shortcodes
from service_profile import Service, load
from service_profile.profile import MKDOCS_YML
from site_markdown import page_facts


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Return a service whose phone numbers contain brackets, spaces, dashes and a remark."""
    text = MKDOCS_YML.read_text(encoding="utf-8")
    for original, replacement in (
        ("phone: 01632 960123", 'phone: "(01632) 960 123 (24 hours)"'),
        ("text_number: 07700 900123", 'text_number: "+44 (0)7700 900123"'),
        ("contact: 0800 1111", 'contact: "0800–1111"'),
    ):
        assert original in text
        text = text.replace(original, replacement)
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    return load(tmp_path / "mkdocs.yml")


def macro_html(root: Path, service: Service, macro_call: str) -> str:
    """Return the HTML of a macro of form/parts.html; `macro_call` is the macro's name with its arguments."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(root / "overrides"), autoescape=True)
    page = environment.from_string(
        f'{{% import "form/parts.html" as parts with context %}}{{{{ parts.{macro_call} }}}}'
    )
    words = {"call": "Call", "text": "Text", "email": "Email"}
    return page.render(service=service.values, words=words, say=str, language=None)


def test_phone_links_on_pages_dial_the_number_that_they_show(service: Service) -> None:
    facts = page_facts(service.values)
    assert facts["link.phone"] == '<a href="tel:01632960123">(01632) 960 123 (24 hours)</a>'
    assert facts["link.text_number"] == '<a href="sms:+447700900123">+44 (0)7700 900123</a>'
    helplines_html = facts["list.emergency"] + facts["list.support"] + facts["list.abuse"]
    assert (
        'href="tel:999"' in helplines_html
        and 'href="sms:999"' in helplines_html
        and 'href="tel:08001111"' in helplines_html
    )
    assert "tel:55" not in helplines_html and 'tel:18001"' not in helplines_html, "codes that only work during a call"


@pytest.mark.parametrize("macro_call", ["contacts()", "one_line()"])
def test_phone_links_of_the_form_dial_the_number_that_they_show(root: Path, service: Service, macro_call: str) -> None:
    html = macro_html(root, service, macro_call)
    assert 'href="tel:01632960123">(01632) 960 123 (24 hours)</a>' in html
    assert 'href="sms:+447700900123">' in html


def test_the_form_makes_a_link_of_999_but_not_of_the_55_that_is_pressed_during_a_call(
    root: Path, service: Service
) -> None:
    html = macro_html(root, service, "emergency()")
    assert 'href="tel:999"' in html and 'href="sms:999"' in html
    assert "press 55" in html and "tel:55" not in html


def test_phone_links_in_leaflets_dial_the_number_that_they_show(service: Service) -> None:
    links = shortcodes.urls_by_link_text(service)
    assert links["(01632) 960 123 (24 hours)"] == "tel:01632960123"
    assert links["+44 (0)7700 900123"] == "sms:+447700900123"
