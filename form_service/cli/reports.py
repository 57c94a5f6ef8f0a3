"""Commands that check or describe the service."""

import json
import re
import secrets
from statistics import median

import click

from form_service.cli.command import OperatorCommand, duration_text
from form_service.config.local_time import start_of_month
from form_service.crypto import CannotSeal
from form_service.referral.reference import new_reference
from form_service.store.errors import ReferenceTaken
from form_service.store.referrals import NewEmail, NewReferral
from form_service.web.session import context


@click.command(cls=OperatorCommand)
def send_test() -> None:
    """Send the team a test email, encrypted as a referral would be.

    The team must confirm that it has arrived before the form goes live.
    """
    from form_service.mail.message import to_bytes
    from form_service.mail.notices import compose_test_email

    settings, sealer, store = context.settings, context.sealer, context.store
    while True:
        reference = new_reference()
        message = compose_test_email(reference, settings)
        try:
            sealed_data = sealer.seal_for_team(to_bytes(message))
            new_email = NewEmail(
                "team", str(message["Message-ID"]), sealed_data.key_id, sealed_data.sealed, settings.team_email
            )
            store.referrals.accept(NewReferral(secrets.token_hex(16), reference, "test", "en", (new_email,)))
            break
        except ReferenceTaken:
            continue
        except CannotSeal as error:
            raise click.ClickException(f"The test email could not be encrypted for the team: {error}.") from error
    click.echo(f"Test email {reference} is in the outbox for {', '.join(settings.team_email)}.")
    click.echo("Ask every recipient to open it and to tell you its reference before the form goes live.")


@click.command(cls=OperatorCommand)
def schema() -> None:
    """Print the JSON Schema of the file that FORM_ATTACHMENT=json attaches.

    With FORM_ATTACHMENT=csv, the columns of the attached file have the same names as the keys of that JSON file.
    """
    from form_service.mail.attachment import schema as attachment_schema

    click.echo(json.dumps(attachment_schema(), ensure_ascii=False, indent=2))


@click.command(cls=OperatorCommand)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Check settings, keys, certificates, store, mail server and DNS. Exit with 1 if anything is wrong."""
    from form_service.operations import self_check

    has_failed = False
    for finding in self_check.run_checks(context.settings, context.sealer, context.store, context.service):
        click.echo(f"{finding.level.upper():<8} {finding.text}")
        has_failed = has_failed or finding.level == "wrong"
    ctx.exit(1 if has_failed else 0)


@click.command(cls=OperatorCommand)
@click.option("--month", required=True, help="YYYY-MM")
def report(month: str) -> None:
    """Print how many referrals a month had, by route and outcome.

    With FORM_RECEIPT=on, also print how long the team took to confirm them.
    """
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", month)
    if match is None:
        raise click.UsageError("--month looks like 2026-11.")
    year, month_number = int(match[1]), int(match[2])
    start, end = start_of_month(year, month_number), start_of_month(year, month_number + 1)
    rows = context.store.reports.counts_by_route_and_outcome(start, end)
    click.echo(f"Referrals in {month}: {sum(count for _, _, count in rows)}")
    for route, outcome, count in rows:
        click.echo(f"{route:<14}{outcome:<12}{count:>6}")
    if not context.settings.receipt:
        return
    entries = context.store.receipts.referrals_accepted_between(start, end)
    waiting_times = [entry.received_at - entry.accepted_at for entry in entries if entry.received_at is not None]
    if waiting_times:
        median_text, longest_text = duration_text(median(waiting_times)), duration_text(max(waiting_times))
        click.echo(f"Until the team had it: median {median_text}, longest {longest_text}.")
    if unreceived_count := sum(entry.awaits_confirmation for entry in entries):
        click.echo(f"Not received by the team: {unreceived_count}")
