"""Commands that look after the store."""

from pathlib import Path

import click

from form_service.cli.command import Command, report_traces
from form_service.crypto import CannotOpen
from form_service.crypto.memory import protect_memory
from form_service.store.key_rotation import reseal as reseal_emails
from form_service.web.session import context


@click.command(cls=Command)
def migrate() -> None:
    """Migrate the database to the newest schema."""
    context.store.migrate()
    click.echo("The database has the newest schema.")


@click.command(cls=Command)
def reseal() -> None:
    """Seal stored emails again with the first of FORM_SECRET_KEYS, so that older keys can be dropped."""
    protect_memory()
    sealer, store = context.sealer, context.store

    def again(key_id: str, sealed: bytes) -> tuple[str, bytes]:
        fresh = sealer.seal_at_rest(sealer.open(key_id, sealed))
        return fresh.key_id, fresh.sealed

    try:
        number = reseal_emails(store, sealer.is_current, again)
    except CannotOpen as error:
        raise click.ClickException(f"{error}.") from error
    click.echo(f"{number} emails sealed again. Emails encrypted to certificates stay as they are.")
    # Erase what an older key can decrypt from the files too: that key may have been exposed.
    report_traces(store.database.erase_traces(thoroughly=True))


@click.command(cls=Command)
@click.argument("to", type=click.Path(path_type=Path, dir_okay=False))
def backup(to: Path) -> None:
    """Write ledger and outbox, still sealed, to a new file."""
    click.echo(f"{context.store.backup(to)} referrals written to {to}. Without FORM_SECRET_KEYS it cannot be read.")


@click.command(cls=Command)
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(source: Path) -> None:
    """Add the referrals that are in a backup but not in the store."""
    click.echo(f"{context.store.restore(source)} referrals restored; what waits is due now.")
