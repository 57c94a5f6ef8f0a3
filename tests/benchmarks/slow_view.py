"""The form with one page more, which takes its time: what the web servers are compared on.

    flask --app tests.benchmarks.slow_view serve      gunicorn 'tests.benchmarks.slow_view:create_app()'

`/unhurried` is answered after a second, so that a server can be told to stop while it is being worked on.
"""

import time

from flask import Flask

from form_service.app import create_app as create_form

SECONDS = 1.0


def create_app() -> Flask:
    """Return the application; settings from the environment."""
    app = create_form()
    app.add_url_rule("/unhurried", "unhurried", _unhurried)
    return app


def _unhurried() -> str:
    time.sleep(SECONDS)
    return "finished"
