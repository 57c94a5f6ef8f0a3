"""The operator's commands: `flask --app form_service …`.

A command only reads its arguments, calls `store` or `operations`, and prints the result. If it fails, it prints one
line that says what to do.
"""

from flask import Flask

from form_service.cli.outbox import outbox
from form_service.cli.processes import deliver, serve
from form_service.cli.reports import check, report, schema, send_test
from form_service.cli.store import backup, migrate, reseal, restore


def register(app: Flask) -> None:
    """Add the operator's commands to the application."""
    for command in (serve, deliver, migrate, reseal, backup, restore, send_test, schema, outbox, check, report):
        app.cli.add_command(command)
