"""A FORM_DATABASE_URL with another program's database, a folder or an unknown option is refused in one line."""

from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import create_engine, inspect, text

from form_service.app import create_app
from form_service.config.settings import SettingsError
from form_service.store import Store
from tests.support.person import SAME_ORIGIN_HEADERS
from tests.support.service_parts import settings_of

COMMANDS = ("migrate", "outbox list", "check", "outbox purge", "send-test")


@pytest.fixture(params=["without migrations", "with Alembic's own table"])
def foreign_database_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with another program's tables."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoice (number integer)"))
        connection.execute(text("INSERT INTO invoice VALUES (7)"))
        if request.param != "without migrations":
            connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32))"))
            connection.execute(text("INSERT INTO alembic_version VALUES ('8f3a')"))
    engine.dispose()
    return database_url


def test_the_form_stays_closed_and_the_other_programs_tables_are_unchanged(
    foreign_database_url: str, tmp_path: Path
) -> None:
    app = create_app(settings_of(tmp_path, FORM_DATABASE_URL=foreign_database_url))
    response = app.test_client().post("/referral/", headers=SAME_ORIGIN_HEADERS)
    assert response.status_code == 503 and "tel:" in response.text
    readiness = app.test_client().get("/readyz")
    assert readiness.json is not None and readiness.json["checks"]["store"] == "foreign-tables"
    with app.app_context():
        for command in COMMANDS:
            result = FlaskCliRunner(app).invoke(args=command.split())
            assert result.exit_code == 1 and isinstance(result.exception, SystemExit), command
            assert "holds another program's tables" in result.output, (command, result.output)
    app.extensions["form_service"].store.close()
    engine = create_engine(foreign_database_url)
    assert set(inspect(engine).get_table_names()) <= {"invoice", "alembic_version"}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT number FROM invoice")).scalars().all() == [7]
    engine.dispose()


def test_a_folder_instead_of_a_database_file_is_named_in_one_line(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}", f"sqlite:///{tmp_path}/", "sqlite:////"):
        with pytest.raises(SettingsError, match=r"^FORM_DATABASE_URL names a file that cannot be made: /.*directory"):
            Store.open(settings_of(tmp_path / "instance", FORM_DATABASE_URL=url))


def test_an_option_that_postgresql_does_not_have_is_named_in_one_line(tmp_path: Path) -> None:
    url = "postgresql+psycopg://form:secret@database.internal/form"
    with pytest.raises(
        SettingsError, match=r"^FORM_DATABASE_URL holds an option that PostgreSQL does not have: sslmod$"
    ):
        Store.open(settings_of(tmp_path, FORM_DATABASE_URL=f"{url}?sslmod=require"))
    Store.open(settings_of(tmp_path, FORM_DATABASE_URL=f"{url}?sslmode=require&host=/run/postgresql")).close()
