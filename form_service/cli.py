"""The operator's commands: `flask --app form_service …`."""

import signal
from typing import Any

import click
from flask import Flask, current_app

from form_service import failpoints, log
from form_service.seal import Seal
from form_service.settings import Settings
from form_service.store import Store


def register(app: Flask) -> None:
    """Add the commands to the application."""
    for command in (serve, deliver, migrate):
        app.cli.add_command(command)


def _parts() -> tuple[Settings, Seal, Store]:
    front_door: Any = current_app.extensions["front_door"]
    failpoints.arm(front_door.settings.production)
    return front_door.settings, front_door.seal, front_door.store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
def serve(host: str, port: int) -> None:
    """The web process for production."""
    from form_service.server import serve as serve_until_stopped

    log.configure()
    _, _, store = _parts()
    store.migrate()
    serve_until_stopped(current_app._get_current_object(), host, port)  # type: ignore[attr-defined]
    store.close()


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due, then end.")
def deliver(once: bool) -> None:
    """The delivery worker."""
    from form_service.deliver import Worker
    from form_service.server import protect_memory

    log.configure()
    protect_memory()
    worker = Worker(*_parts())
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    worker.run(once=once)


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    _parts()[2].migrate()
    click.echo("The database has the newest schema.")
