"""Run Flask commands of the form service in this process."""

from flask.testing import FlaskCliRunner

from form_service.app import create_app
from form_service.config.settings import Settings


def run_command(settings: Settings, *arguments: str) -> tuple[int, str]:
    """Run a Flask command of the form service with these settings; return its exit status and output."""
    app = create_app(settings)
    with app.app_context():
        result = FlaskCliRunner(app).invoke(args=list(arguments))
    app.extensions["form_service"].store.close()
    return result.exit_code, result.output
