"""When a mistyped recipient is corrected in the settings, waiting emails go to the corrected address."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.store.outbox import DeliveryResult
from tests.support.service_parts import ServiceParts, parts_of, parts_of_app, settings_of

REFUSED = DeliveryResult(False, "rcpt-550", permanent=True)
StartWithTeamEmail = Callable[[str], Flask]


@pytest.fixture
def start_with_team_email(database_url: str, tmp_path: Path) -> Iterator[StartWithTeamEmail]:
    """Yield a function that takes a value of FORM_TEAM_EMAIL and starts the application with it on the test's store."""
    apps: list[Flask] = []

    def start(team_email: str) -> Flask:
        apps.append(create_app(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL=team_email)))
        return apps[-1]

    yield start
    for app in apps:
        app.extensions["form_service"].store.close()


def retry_deliveries(app: Flask, *arguments: str) -> str:
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=["outbox", "retry", *(arguments or ["--all"])])
    assert result.exit_code == 0, result.output
    return str(result.output)


@pytest.fixture
def parts_with_mistyped_recipient(database_url: str, tmp_path: Path) -> Iterator[ServiceParts]:
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url, FORM_TEAM_EMAIL="typo@team.gov.uk"))
    yield parts
    parts.store.close()


def attempt_all_deliveries(parts: ServiceParts, accepting_recipients: set[str]) -> list[str]:
    recipients = []
    parts.store.outbox.make_due()
    while (claim := parts.store.outbox.claim()) is not None:
        recipients.append(claim.recipient)
        parts.store.outbox.finish(claim, DeliveryResult(True) if claim.recipient in accepting_recipients else REFUSED)
    return recipients


def test_a_corrected_address_gets_the_emails_that_waited_for_the_wrong_one(
    parts_with_mistyped_recipient: ServiceParts, start_with_team_email: StartWithTeamEmail
) -> None:
    reference = parts_with_mistyped_recipient.accept()
    attempt_all_deliveries(parts_with_mistyped_recipient, set())
    app = start_with_team_email("right@team.gov.uk")
    output = retry_deliveries(app, reference)
    assert "Deliveries moved: 1." in output and output.endswith("Deliveries due now: 1.\n")
    assert parts_of_app(app).store.reports.outbox_state().refused_count == 0
    assert attempt_all_deliveries(parts_of_app(app), {"right@team.gov.uk"}) == ["right@team.gov.uk"]
    assert parts_of_app(app).store.reports.counts_by_outcome()["delivered"] == 1


def test_readdressing_sends_no_email_to_anybody_twice(
    parts_with_mistyped_recipient: ServiceParts, start_with_team_email: StartWithTeamEmail
) -> None:
    parts_with_mistyped_recipient.settings = replace(
        parts_with_mistyped_recipient.settings, team_email=("one@team.gov.uk", "typo@team.gov.uk")
    )
    parts_with_mistyped_recipient.accept()
    assert sorted(attempt_all_deliveries(parts_with_mistyped_recipient, {"one@team.gov.uk"})) == [
        "one@team.gov.uk",
        "typo@team.gov.uk",
    ]
    app = start_with_team_email("one@team.gov.uk,two@team.gov.uk")
    assert "Deliveries moved: 1." in retry_deliveries(app)
    assert attempt_all_deliveries(parts_of_app(app), {"two@team.gov.uk"}) == ["two@team.gov.uk"]


def test_a_delivery_to_a_former_recipient_ends_when_all_other_recipients_have_the_email(
    parts_with_mistyped_recipient: ServiceParts, start_with_team_email: StartWithTeamEmail
) -> None:
    parts_with_mistyped_recipient.settings = replace(
        parts_with_mistyped_recipient.settings, team_email=("one@team.gov.uk", "typo@team.gov.uk")
    )
    parts_with_mistyped_recipient.accept()
    attempt_all_deliveries(parts_with_mistyped_recipient, {"one@team.gov.uk"})
    app = start_with_team_email("one@team.gov.uk")
    assert "Deliveries ended: 1." in retry_deliveries(app)
    assert attempt_all_deliveries(parts_of_app(app), set()) == []
    assert parts_of_app(app).store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 0, "withdrawn": 0}


def test_neutral_copies_and_emails_being_sent_are_not_readdressed(
    parts_with_mistyped_recipient: ServiceParts, start_with_team_email: StartWithTeamEmail
) -> None:
    parts_with_mistyped_recipient.accept(copy_to="sam@example.org")
    claims = [parts_with_mistyped_recipient.store.outbox.claim(), parts_with_mistyped_recipient.store.outbox.claim()]
    for claim in claims:
        assert claim is not None
        if claim.kind == "neutral":
            parts_with_mistyped_recipient.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    app = start_with_team_email("right@team.gov.uk")
    assert "go to" not in retry_deliveries(app)
    team_claim = next(claim for claim in claims if claim and claim.kind == "team")
    assert parts_with_mistyped_recipient.store.outbox.finish(team_claim, DeliveryResult(True))
