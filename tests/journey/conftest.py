"""A form service of one's own for each test: its own store, its own keys, a person who walks through it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from form_service import create_app
from form_service.settings import Settings
from tests.journey.person import Person

MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    """Makes form services that share one folder: a second one is the first after a restart."""
    made: list[Flask] = []

    def make(**environment: str) -> Flask:
        made.append(create_app(Settings.from_environment(environment, instance=tmp_path)))
        return made[-1]

    yield make
    for app in made:
        app.extensions["front_door"].store.close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The form with a neutral sender, so that the copy is offered."""
    return make_app(FORM_NEUTRAL_FROM="copy@example.org.uk")


@pytest.fixture
def person(app: Flask) -> Person:
    """Somebody at the page before the form."""
    return Person(app)
