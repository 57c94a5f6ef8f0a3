"""The form's pages keep each number on one line, and leave no gap for a missing detail."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from tests.support.form_client import FormClient

pytestmark = pytest.mark.long


def test_a_number_in_any_text_of_a_page_stays_on_one_line(form_client: FormClient, app: Flask) -> None:
    context = app.extensions["form_service"]
    texts = {"other_areas": "Ring 01632 960789.", "confidentiality": "It is private from 9am to 5pm."}
    service = replace(context.service, values={**context.service.values, **texts})
    app.extensions["form_service"] = replace(context, service=service)
    form_client.get("/referral/")
    for number in ("01632 960789", "9am to 5pm", context.service["opening_hours"].rpartition(", ")[2]):
        assert re.search(rf'<span class="whole"[^>]*>{re.escape(number)}</span>', form_client.text), number


@pytest.mark.parametrize("kept_helpline", ["police", "silent_solution"])
def test_a_service_without_a_helpline_has_no_gap_on_the_form(
    form_client: FormClient, app: Flask, kept_helpline: str
) -> None:
    context = app.extensions["form_service"]
    values = {**context.service.values, "helplines": {kept_helpline: context.service["helplines"][kept_helpline]}}
    app.extensions["form_service"] = replace(context, service=replace(context.service, values=values))
    form_client.get("/referral/")
    assert "This form is not for emergencies." in form_client.text
    assert ("If you cannot speak in an emergency" in form_client.text) == (kept_helpline == "silent_solution")
    pages = [form_client.text, form_client.fill_in("harmed").text]
    form_client.send()
    for page in [*pages, form_client.text]:
        assert not re.search(r"<ul>\s*</ul>|<li>\s*</li>|<p>\s*</p>", page)
