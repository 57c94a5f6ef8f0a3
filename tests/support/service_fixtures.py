"""Fixtures for the tests of delivery: a real store, mail server and application for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from form_service.app import create_app
from tests.support.empty_store import write_empty_store
from tests.support.mail_server import Behaviour, MailServer
from tests.support.postgres import Postgres
from tests.support.service_parts import METRICS_TOKEN, Clock, ServiceParts, parts_of, settings_of


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Yield one PostgreSQL server for the whole test run; each test creates a database of its own."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.system)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database; each test that uses it runs once with SQLite and once with PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/referrals.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that the test sets."""
    return Clock()


@pytest.fixture
def parts(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[ServiceParts]:
    """Yield the settings, sealer and store of a service; each test runs once with SQLite and once with PostgreSQL."""
    if database_url.startswith("sqlite"):
        write_empty_store(tmp_path)
    parts = parts_of(settings_of(tmp_path, FORM_DATABASE_URL=database_url), clock)
    yield parts
    parts.store.close()


@pytest.fixture
def start_mail_server() -> Iterator[Callable[..., MailServer]]:
    """Yield a function that starts an SMTP server; its arguments are fields of `Behaviour`."""
    servers: list[MailServer] = []

    def start(**behaviour: object) -> MailServer:
        servers.append(MailServer(Behaviour(**behaviour)))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Yield a form application with a store of its own, and with metrics switched on."""
    write_empty_store(tmp_path)
    app = create_app(settings_of(tmp_path, FORM_METRICS_TOKEN=METRICS_TOKEN))
    yield app
    app.extensions["form_service"].store.close()
