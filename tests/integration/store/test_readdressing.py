"""Correcting a mistyped recipient in the settings readdresses the emails that wait for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.store.outbox import DeliveryResult
from tests.support.service_parts import ServiceParts, parts_of, settings_of

REFUSED = DeliveryResult(False, "rcpt-550", permanent=True)
Corrected = Callable[[str], Flask]


@pytest.fixture
def corrected(database_url: str, tmp_path: Path) -> Iterator[Corrected]:
    """Yield a function that starts the application on the same store with another FORM_TEAM_EMAIL."""
    made: list[Flask] = []

    def start(team: str) -> Flask:
        made.append(create_app(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL=team)))
        return made[-1]

    yield start
    for app in made:
        app.extensions["form_service"].store.close()


def retried(app: Flask, *arguments: str) -> str:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["outbox", "retry", *(arguments or ["--all"])])
    assert result.exit_code == 0, result.output
    return str(result.output)


def of(app: Flask) -> ServiceParts:
    context = app.extensions["form_service"]
    return ServiceParts(context.settings, context.sealer, context.store)


@pytest.fixture
def mistyped_address(database_url: str, tmp_path: Path) -> Iterator[ServiceParts]:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL="typo@team.gov.uk"))
    yield parts
    parts.store.close()


def finish_all(parts: ServiceParts, good: set[str]) -> list[str]:
    seen = []
    parts.store.outbox.make_due()
    while (claim := parts.store.outbox.claim()) is not None:
        seen.append(claim.recipient)
        parts.store.outbox.finish(claim, DeliveryResult(True) if claim.recipient in good else REFUSED)
    return seen


def test_a_corrected_address_gets_what_waited_for_the_wrong_one(
    mistyped_address: ServiceParts, corrected: Corrected
) -> None:
    name = mistyped_address.accept()
    finish_all(mistyped_address, set())
    app = corrected("right@team.gov.uk")
    output = retried(app, name)
    assert "1 deliveries go to an address of FORM_TEAM_EMAIL" in output and output.endswith(
        "1 deliveries are due now.\n"
    )
    assert of(app).store.reports.outbox_state().refused == 0
    assert finish_all(of(app), {"right@team.gov.uk"}) == ["right@team.gov.uk"]
    assert of(app).store.reports.counts_by_outcome()["delivered"] == 1


def test_nobody_who_has_a_mail_gets_it_again(mistyped_address: ServiceParts, corrected: Corrected) -> None:
    mistyped_address.settings = replace(mistyped_address.settings, team_email=("one@team.gov.uk", "typo@team.gov.uk"))
    mistyped_address.accept()
    assert sorted(finish_all(mistyped_address, {"one@team.gov.uk"})) == ["one@team.gov.uk", "typo@team.gov.uk"]
    app = corrected("one@team.gov.uk,two@team.gov.uk")
    assert "1 deliveries go to" in retried(app)
    assert finish_all(of(app), {"two@team.gov.uk"}) == ["two@team.gov.uk"]


def test_a_delivery_to_a_former_recipient_ends_when_all_others_have_the_email(
    mistyped_address: ServiceParts, corrected: Corrected
) -> None:
    mistyped_address.settings = replace(mistyped_address.settings, team_email=("one@team.gov.uk", "typo@team.gov.uk"))
    mistyped_address.accept()
    finish_all(mistyped_address, {"one@team.gov.uk"})
    app = corrected("one@team.gov.uk")
    assert "1 deliveries ended" in retried(app)
    assert finish_all(of(app), set()) == []
    assert of(app).store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 0, "withdrawn": 0}


def test_a_neutral_copy_and_a_mail_that_is_being_sent_stay_as_they_are(
    mistyped_address: ServiceParts, corrected: Corrected
) -> None:
    mistyped_address.accept(copy_to="sam@example.org")
    claims = [mistyped_address.store.outbox.claim(), mistyped_address.store.outbox.claim()]
    for claim in claims:
        assert claim is not None
        if claim.kind == "neutral":
            mistyped_address.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    app = corrected("right@team.gov.uk")
    assert "go to" not in retried(app)
    team = next(claim for claim in claims if claim and claim.kind == "team")
    assert mistyped_address.store.outbox.finish(team, DeliveryResult(True))
