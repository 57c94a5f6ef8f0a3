"""The commands that run the service's two processes: the web process and the delivery worker."""

import signal
from typing import Any

import click
from flask import current_app

from form_service import logs
from form_service.cli.command import OperatorCommand
from form_service.config.host_name import MAX_PORT
from form_service.crypto.memory import protect_memory
from form_service.web.session import context


@click.command(cls=OperatorCommand)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, MAX_PORT), default=8080, show_default=True)
def serve(host: str, port: int) -> None:
    """Run the form's web process, for production."""
    from form_service.web.server import CannotListen
    from form_service.web.server import serve as serve_until_stopped

    logs.configure()
    protect_memory()
    store = context.store
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        serve_until_stopped(app, host, port, create_incident_checker().check)
    except CannotListen as error:
        raise click.ClickException(f"It cannot listen on {host}, port {port}: {error}.") from error
    finally:
        store.close()


@click.command(cls=OperatorCommand)
@click.option("--once", is_flag=True, help="Deliver what is due, then end.")
def deliver(once: bool) -> None:
    """Run the delivery worker."""
    from form_service.store.worker_lock import AlreadyRunning
    from form_service.worker import Worker

    logs.configure()
    protect_memory()
    if once:
        context.store.migrate()  # end with an error if the store is not available; a running worker waits for it
    worker = Worker(
        context.settings, context.sealer, context.store, run_alongside=create_incident_checker().run_in_thread
    )
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: worker.stop())
    try:
        worker.run(once=once)
    except AlreadyRunning as error:
        raise click.ClickException("Another worker is running, and delivers what is due.") from error


def create_incident_checker() -> Any:
    """Return a checker that sends alerts about incidents, and reminders of referrals not yet confirmed by the team."""
    from form_service.operations.alerts import IncidentChecker
    from form_service.operations.reminder_sender import ReminderSender

    send_reminders = ReminderSender(context.settings, context.store, context.service).send_if_due
    return IncidentChecker(context.settings, context.sealer, context.store, send_reminders)
