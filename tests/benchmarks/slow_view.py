"""The form with an extra, deliberately slow page, on which the web servers are compared.

    flask --app tests.benchmarks.slow_view serve      gunicorn 'tests.benchmarks.slow_view:create_app()'

`/slow` takes a second to answer, so that a server can be stopped in the middle of a request.
"""

import time

from flask import Flask

from form_service.app import create_app as create_form

DELAY_SECONDS = 1.0


def create_app() -> Flask:
    """Return the form's application with the view /slow added, configured from environment variables."""
    app = create_form()
    app.add_url_rule("/slow", "slow", _slow_view)
    return app


def _slow_view() -> str:
    time.sleep(DELAY_SECONDS)
    return "finished"
