"""The `outbox` commands, which manage the stored emails."""

import json

import click
from flask.cli import AppGroup

from form_service.cli.command import OperatorCommand, duration_text, warn_if_traces_remain
from form_service.referral.reference import parse_reference
from form_service.store import StoreUnavailable
from form_service.store.readdressing import readdress
from form_service.web.session import context

outbox = AppGroup("outbox", help="What is kept of the referrals: waiting, delivered, received.")


@outbox.command("list", cls=OperatorCommand)
@click.option("--json", "as_json", is_flag=True)
def outbox_list(as_json: bool) -> None:
    """List the emails that are kept, with reference, kind, state, age, number of tries and last error.

    The state is waiting, sending, refused, held, delivered, received by the team or withdrawn.
    """
    store = context.store
    if (problem := store.problem()) is not None:
        click.echo(f"The form is closed ({StoreUnavailable(problem).explanation}).", err=True)
    rows = [*store.reports.waiting_deliveries(), *store.receipts.retained_emails()]
    if as_json:
        field_names = ("reference", "kind", "state", "age", "tries", "error")
        click.echo(json.dumps([{name: getattr(row, name) for name in field_names} for row in rows]))
        return
    if not rows:
        click.echo("No email is kept.")
    for row in rows:
        click.echo(
            f"{row.reference}  {row.kind:<9}  {row.state:<20}  {duration_text(row.age):>7}  "
            f"{row.tries:>4} tries  {row.error}"
        )


@outbox.command("received", cls=OperatorCommand)
@click.argument("typed_references", nargs=-1, required=True, metavar="REFERENCE...")
def outbox_received(typed_references: tuple[str, ...]) -> None:
    """Record that the team has received these referrals."""
    references, store = list(map(_parse_reference, typed_references)), context.store
    unknown_references = [reference for reference in references if store.receipts.entry(reference) is None]
    if unknown_references:
        raise click.ClickException(f"There is no referral {', '.join(unknown_references)}; nothing was changed.")
    for reference in references:
        store.receipts.record(reference)
    click.echo(f"Recorded that the team has {', '.join(references)}.")


@outbox.command("resend", cls=OperatorCommand)
@click.argument("typed_reference", metavar="REFERENCE")
def outbox_resend(typed_reference: str) -> None:
    """Send a referral to the team again, with the same Message-ID."""
    reference = _parse_reference(typed_reference)
    delivery_count = context.store.receipts.resend(reference)
    if not delivery_count:
        raise click.ClickException(
            f"{reference} cannot be sent again: no copy is kept, it was cancelled, or it is already waiting to be sent."
        )
    click.echo(f"{reference} will be sent to the team again. Recipients: {delivery_count}.")


@outbox.command("retry", cls=OperatorCommand)
@click.argument("typed_references", nargs=-1, metavar="[REFERENCE]...")
@click.option("--all", "retry_all", is_flag=True)
def outbox_retry(typed_references: tuple[str, ...], retry_all: bool) -> None:
    """Make waiting deliveries due now.

    A delivery to an address that is no longer in FORM_TEAM_EMAIL goes to one that is. It ends instead if every
    address in FORM_TEAM_EMAIL has received the email.
    """
    if bool(typed_references) == retry_all:
        raise click.UsageError("Give one reference or more, or --all.")
    settings, store = context.settings, context.store
    references = None if retry_all else list(map(_parse_reference, typed_references))
    waiting_references = {row.reference for row in store.reports.waiting_deliveries()}
    if unknown_references := [reference for reference in references or () if reference not in waiting_references]:
        raise click.ClickException(f"Nothing is waiting under {', '.join(unknown_references)}; nothing was changed.")
    result = readdress(store, settings.team_email, references)
    if result.readdressed_count:
        click.echo(
            f"Deliveries moved: {result.readdressed_count}. Their address is not in FORM_TEAM_EMAIL, so they go to one "
            "that is."
        )
    if result.cancelled_count:
        click.echo(
            f"Deliveries ended: {result.cancelled_count}. Their address is not in FORM_TEAM_EMAIL, and all in it have "
            "the email."
        )
    click.echo(f"Deliveries due now: {store.outbox.retry(references)}.")


def _parse_reference(typed_reference: str) -> str:
    """Return a typed reference in its canonical form. Raises UsageError if the reference is invalid."""
    reference = parse_reference(typed_reference)
    if reference is None:
        raise click.UsageError(f"{typed_reference} is not a reference.")
    return reference


@outbox.command("purge", cls=OperatorCommand)
@click.option("--dry-run", is_flag=True)
def outbox_purge(dry_run: bool) -> None:
    """Wipe expired drafts, expired request counters and the emails that need not be kept any longer (FORM_KEEP_DAYS).

    Undelivered emails are kept.
    """
    settings, store = context.settings, context.store
    result = store.purge(settings.keep_days, dry_run, thorough=True, needs_confirmation=settings.receipt)
    verb = "Would wipe" if dry_run else "Wiped"
    click.echo(f"{verb}: emails {result.email_count}, drafts {result.draft_count}, counters {result.counter_count}.")
    warn_if_traces_remain(result.traces_erased)
