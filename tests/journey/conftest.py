"""A form service of one's own for each test: its own store, its own keys, a person who walks through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from form_service import create_app
from form_service.settings import Settings
from tests.journey.person import Person


def settings_in(folder: Path, **more: str) -> Settings:
    """Development settings whose state is all in `folder`."""
    return Settings.from_environment(more, instance=folder)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The form with a neutral sender, so that the copy is offered."""
    app = create_app(settings_in(tmp_path, FORM_NEUTRAL_FROM="copy@example.org.uk"))
    yield app
    app.extensions["front_door"].store.close()


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody at the page before the form."""
    return Person(app)
