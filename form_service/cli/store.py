"""Commands that migrate the store, encrypt its emails again, back it up and restore it."""

from pathlib import Path

import click

from form_service.cli.command import OperatorCommand, warn_if_traces_remain
from form_service.crypto import CannotOpen
from form_service.crypto.memory import protect_memory
from form_service.store.key_rotation import reseal as reseal_emails
from form_service.web.session import context


@click.command(cls=OperatorCommand)
def migrate() -> None:
    """Migrate the database to the newest schema."""
    context.store.migrate()
    click.echo("The database has the newest schema.")


@click.command(cls=OperatorCommand)
def reseal() -> None:
    """Encrypt stored emails again with the first of FORM_SECRET_KEYS, so that the other keys can be removed."""
    protect_memory()
    sealer, store = context.sealer, context.store

    def reencrypt(key_id: str, sealed_bytes: bytes) -> tuple[str, bytes]:
        resealed_data = sealer.seal_at_rest(sealer.open(key_id, sealed_bytes))
        return resealed_data.key_id, resealed_data.sealed

    try:
        email_count = reseal_emails(store, sealer.is_current, reencrypt)
    except CannotOpen as error:
        raise click.ClickException(f"{error}.") from error
    click.echo(f"Emails encrypted again: {email_count}. Emails encrypted to certificates stay as they are.")
    # Data sealed with an older key must leave the database's files too: that key may have been exposed.
    warn_if_traces_remain(store.database.erase_traces(thorough=True))


@click.command(cls=OperatorCommand)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write the record of referrals and the encrypted emails to a new file."""
    click.echo(
        f"Referrals written to {file}: {context.store.backup(file)}. Without FORM_SECRET_KEYS it cannot be read."
    )


@click.command(cls=OperatorCommand)
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(source: Path) -> None:
    """Add the referrals that are in a backup but not in the store."""
    click.echo(f"Referrals restored: {context.store.restore(source)}. Those that are waiting are due now.")
