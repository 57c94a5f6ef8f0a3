"""Code that several of the operator's commands share."""

from typing import Any

import click

from form_service import failpoints
from form_service.store import StoreUnavailable
from form_service.store.backup import BackupError
from form_service.web.session import context


class OperatorCommand(click.Command):
    """A click command that reports StoreUnavailable and BackupError in one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        failpoints.read_environment(context.settings.is_production)
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            raise click.ClickException(f"The store is not available ({error.explanation}).") from error
        except BackupError as error:
            raise click.ClickException(f"{error}.") from error


def warn_if_traces_remain(traces_erased: bool) -> None:
    """Warn that traces of wiped data remain in the database's files, unless `traces_erased` is true."""
    if not traces_erased:
        click.echo("The database's files still hold traces of them, because another program is reading the database.")
        click.echo(
            "The worker will try again every five minutes. You can also run this again once that program has ended."
        )


def duration_text(seconds: float) -> str:
    """Return a duration in its largest unit, such as "3 h"."""
    for unit_seconds, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_seconds:
            return f"{seconds / unit_seconds:.0f} {unit}"
    return f"{seconds:.0f} s"
