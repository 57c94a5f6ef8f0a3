"""The form with an extra page, /slow, which takes a second to answer.

The benchmark `wsgi` stops web servers while they answer that page.
"""

import time

from flask import Flask

from form_service.app import create_app as create_form

DELAY_SECONDS = 1.0


def create_app() -> Flask:
    """Create the form's application from environment variables, and add the view /slow."""
    app = create_form()
    app.add_url_rule("/slow", "slow", _slow_view)
    return app


def _slow_view() -> str:
    time.sleep(DELAY_SECONDS)
    return "finished"
