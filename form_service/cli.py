"""The operator's commands: `flask --app form_service …`."""

import json
import re
import secrets
import signal
from pathlib import Path
from statistics import median
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from form_service import failpoints, logs
from form_service.config.local_time import start_of_month
from form_service.config.settings import Settings
from form_service.crypto import CannotOpen, CannotSeal, Sealer
from form_service.crypto.memory import protect_memory
from form_service.referral import reference as references
from form_service.store import NewMail, NewReferral, ReferenceTaken, Store, StoreUnavailable
from form_service.store.backup import CopyError

outbox = AppGroup("outbox", help="What is kept of the referrals: waiting, delivered, received.")


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for command in (serve, deliver, migrate, reseal, backup, restore, send_test, schema, outbox, check, report):
        app.cli.add_command(command)


def _parts() -> tuple[Settings, Sealer, Store]:
    app_context: Any = current_app.extensions["form_service"]
    failpoints.arm(app_context.settings.production)
    return app_context.settings, app_context.seal, app_context.store


def _alerts() -> Any:
    """Return what looks for incidents and sends reminders, every minute."""
    from form_service.operations.alerts import Alerts
    from form_service.operations.reminder_sender import ReminderSender

    settings, seal, store = _parts()
    service = current_app.extensions["form_service"].service
    return Alerts(settings, seal, store, ReminderSender(settings, store, service).look)


class _Command(click.Command):
    """Failures of the store end in one line, not in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            raise click.ClickException(f"The store is not available ({error.explanation}).") from error
        except CopyError as error:
            raise click.ClickException(f"{error}.") from error


@click.command(cls=_Command)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
def serve(host: str, port: int) -> None:
    """The web process for production."""
    from form_service.web.server import CannotListen
    from form_service.web.server import serve as serve_until_stopped

    logs.configure()
    protect_memory()
    store = _parts()[2]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        serve_until_stopped(app, host, port, _alerts().look)
    except CannotListen as error:
        raise click.ClickException(f"It cannot listen on {host}, port {port}: {error}.") from error
    finally:
        store.close()


@click.command(cls=_Command)
@click.option("--once", is_flag=True, help="Deliver what is due, then end.")
def deliver(once: bool) -> None:
    """The delivery worker."""
    from form_service.store.worker_lock import AlreadyRunning
    from form_service.worker import Worker

    logs.configure()
    protect_memory()
    settings, seal, store = _parts()
    worker = Worker(settings, seal, store, run_alongside=_alerts().beside)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    try:
        worker.run(once=once)
    except AlreadyRunning as error:
        raise click.ClickException("Another worker is running, and delivers what is due.") from error


@click.command(cls=_Command)
def migrate() -> None:
    """Bring the database to the newest schema."""
    _parts()[2].migrate()
    click.echo("The database has the newest schema.")


@click.command(cls=_Command)
def reseal() -> None:
    """Seal stored mails again with the first of FORM_SECRET_KEYS, so that older keys can be dropped."""
    protect_memory()
    _, seal, store = _parts()

    def again(key_id: str, sealed: bytes) -> tuple[str, bytes]:
        fresh = seal.seal_at_rest(seal.open(key_id, sealed))
        return fresh.key_id, fresh.sealed

    try:
        number = store.reseal(seal.is_current, again)
    except CannotOpen as error:
        raise click.ClickException(f"{error}.") from error
    click.echo(f"{number} mails sealed again. Mails sealed to certificates stay as they are.")


@click.command(cls=_Command)
@click.argument("to", type=click.Path(path_type=Path, dir_okay=False))
def backup(to: Path) -> None:
    """Write ledger and outbox, still sealed, to a new file."""
    click.echo(f"{_parts()[2].backup(to)} referrals written to {to}. Without FORM_SECRET_KEYS it cannot be read.")


@click.command(cls=_Command)
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(source: Path) -> None:
    """Add the referrals of a backup that the store lacks."""
    click.echo(f"{_parts()[2].restore(source)} referrals restored; what waits is due now.")


@click.command(cls=_Command)
def send_test() -> None:
    """Send the team a test mail, sealed as a referral would be; the team confirms it before going live."""
    from form_service.mail import compose_test, to_bytes

    settings, seal, store = _parts()
    while True:
        reference = references.new()
        message = compose_test(reference, settings)
        try:
            sealed = seal.seal_for_team(to_bytes(message))
            mail = NewMail("team", str(message["Message-ID"]), sealed.key_id, sealed.sealed, settings.team_email)
            store.referrals.accept(NewReferral(secrets.token_hex(16), reference, "test", "en", (mail,)))
            break
        except ReferenceTaken:
            continue
        except CannotSeal as error:
            raise click.ClickException(f"It could not be sealed to the team: {error}.") from error
    click.echo(f"Test mail {reference} is in the outbox for {', '.join(settings.team_email)}.")
    click.echo("Ask every recipient to open it and to tell you its reference before the form goes live.")


@click.command(cls=_Command)
def schema() -> None:
    """Print the JSON Schema of the file that FORM_ATTACHMENT=json encloses; the CSV file has the same names."""
    from form_service.mail.attachment import schema as attachment_schema

    click.echo(json.dumps(attachment_schema(), ensure_ascii=False, indent=2))


@outbox.command("list", cls=_Command)
@click.option("--json", "as_json", is_flag=True)
def outbox_list(as_json: bool) -> None:
    """List what is kept: reference, state, age, tries, last error class.

    States: waiting (or sending, refused), delivered, received by the team, withdrawn.
    """
    store = _parts()[2]
    rows = [*store.reports.waiting(), *store.receipts.kept()]
    if as_json:
        names = ("reference", "kind", "state", "age", "tries", "error")
        click.echo(json.dumps([{name: getattr(row, name) for name in names} for row in rows]))
        return
    if not rows:
        click.echo("Nothing waits.")
    for row in rows:
        click.echo(
            f"{row.reference}  {row.kind:<9}  {row.state:<20}  {_age(row.age):>7}  {row.tries:>4} tries  {row.error}"
        )


@outbox.command("received", cls=_Command)
@click.argument("reference", nargs=-1, required=True)
def outbox_received(reference: tuple[str, ...]) -> None:
    """Record that the team has these referrals, as the link in its email does."""
    named, store = _understood(reference), _parts()[2]
    unknown = [name for name in named if store.receipts.entry(name) is None]
    if unknown:
        raise click.ClickException(f"There is no referral {', '.join(unknown)}; nothing was changed.")
    for name in named:
        store.receipts.record(name)
    click.echo(f"Recorded that the team has {', '.join(named)}.")


@outbox.command("resend", cls=_Command)
@click.argument("reference")
def outbox_resend(reference: str) -> None:
    """Send a referral to the team again, with the same Message-ID."""
    (name,) = _understood((reference,))
    number = _parts()[2].receipts.resend(name)
    if not number:
        raise click.ClickException(
            f"Nothing of {name} can be sent again: no copy is kept, it was withdrawn, or it waits already."
        )
    click.echo(f"{name} is sent again to {number} of the team.")


@outbox.command("retry", cls=_Command)
@click.argument("reference", nargs=-1)
@click.option("--all", "everything", is_flag=True)
def outbox_retry(reference: tuple[str, ...], everything: bool) -> None:
    """Make deliveries due now; those to an address that is no longer in FORM_TEAM_EMAIL go to one that is."""
    if bool(reference) == everything:
        raise click.UsageError("Name references, or give --all.")
    settings, _, store = _parts()
    named = None if everything else _understood(reference)
    waiting = {row.reference for row in store.reports.waiting()}
    if unknown := [reference for reference in named or () if reference not in waiting]:
        raise click.ClickException(f"Nothing waits under {', '.join(unknown)}; nothing was changed.")
    corrected = store.readdress(settings.team_email, named)
    if corrected.moved:
        click.echo(f"{corrected.moved} deliveries go to an address of FORM_TEAM_EMAIL: theirs is no longer in it.")
    if corrected.ended:
        click.echo(
            f"{corrected.ended} deliveries ended: theirs is no longer in FORM_TEAM_EMAIL, and all in it have them."
        )
    click.echo(f"{store.outbox.retry(named)} deliveries are due now.")


def _understood(typed: tuple[str, ...]) -> list[str]:
    """Return the references as they are stored. Raises UsageError for what cannot be one."""
    found = []
    for text in typed:
        reference = references.understand(text)
        if reference is None:
            raise click.UsageError(f"{text} is not a reference.")
        found.append(reference)
    return found


@outbox.command("purge", cls=_Command)
@click.option("--dry-run", is_flag=True)
def outbox_purge(dry_run: bool) -> None:
    """Wipe sealed copies older than FORM_KEEP_DAYS, expired drafts and old counters. What was not delivered stays."""
    settings, _, store = _parts()
    purged = store.purge(settings.keep_days, dry_run, thoroughly=True, needs_receipt=settings.receipt)
    verb = "Would wipe" if dry_run else "Wiped"
    click.echo(f"{verb} {purged.mails} sealed mails, {purged.drafts} drafts, {purged.counters} counters.")
    if not purged.traces_erased:
        click.echo("The database's files still hold traces of them, because another program reads the database.")
        click.echo("The worker tries again every five minutes; or run this again once that program has ended.")


@click.command(cls=_Command)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Look at settings, keys, certificates, store, mail server and DNS; exit 1 with what is wrong."""
    from form_service.operations import self_check

    wrong = False
    service = current_app.extensions["form_service"].service
    for finding in self_check.look(*_parts(), service):
        click.echo(f"{finding.level.upper():<8} {finding.text}")
        wrong = wrong or finding.level == "wrong"
    ctx.exit(1 if wrong else 0)


@click.command(cls=_Command)
@click.option("--month", required=True, help="YYYY-MM")
def report(month: str) -> None:
    """Referrals by route and outcome in a month, from the ledger that holds nothing personal."""
    match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", month)
    if match is None:
        raise click.UsageError("--month looks like 2026-11.")
    year, number = int(match[1]), int(match[2])
    start, end = start_of_month(year, number), start_of_month(year, number + 1)
    rows = _parts()[2].reports.by_route_and_outcome(start, end)
    click.echo(f"Referrals in {month}: {sum(count for _, _, count in rows)}")
    for route, outcome, count in rows:
        click.echo(f"{route:<14}{outcome:<12}{count:>6}")
    entries = _parts()[2].receipts.accepted_between(start, end)
    waits = [entry.received_at - entry.accepted_at for entry in entries if entry.received_at is not None]
    if waits:
        click.echo(f"Until the team had it: median {_age(median(waits))}, longest {_age(max(waits))}.")
    if unreceived := sum(entry.is_open for entry in entries):
        click.echo(f"Not received by the team: {unreceived}")


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
