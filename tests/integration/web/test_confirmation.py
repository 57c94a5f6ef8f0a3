"""The confirmation page says only what is true for the person who sees it."""

import time

import pytest
from flask import Flask

from form_service.config.local_time import local_time
from tests.support.form_client import FormClient


def time_in_an_hour() -> str:
    """Return the local time one hour from now as HH:MM."""
    return f"{local_time(time.time() + 3600):%H:%M}"


def test_the_confirmation_says_until_when_it_can_be_seen(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    expected_times = [time_in_an_hour()]
    form_client.send()
    expected_times.append(time_in_an_hour())
    assert any(f"Until {expected}, anyone who uses this browser" in form_client.text for expected in expected_times)


@pytest.mark.parametrize(("contact_method", "is_told"), [("phone", True), ("text", False)])
def test_only_a_person_whom_the_team_may_call_is_told_about_calls(
    form_client: FormClient, app: Flask, monkeypatch: pytest.MonkeyPatch, contact_method: str, is_told: bool
) -> None:
    monkeypatch.setitem(app.extensions["form_service"].service.values["call"], "tries", "We try three times.")
    form_client.fill_in("harmed")
    form_client.answer("reach", {"reach": [contact_method], f"{contact_method}_number": "07700 900111"})
    form_client.get("/referral/check")
    form_client.send()
    assert ("If we call" in form_client.text) is is_told
    assert ("We try three times." in form_client.text) is is_told
