"""Bringing a database to the newest schema, under a lock, so that several processes may start at once."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from form_service.store.engine.base import Database, SQLite
from form_service.store.errors import StoreUnavailable, kind_of

MIGRATIONS = Path(__file__).parents[1] / "migrations"
# The newest revision, here so that an ordinary start need not load Alembic; a test holds it to the scripts.
NEWEST = "0002"
_LOCK = 0x72656665  # any fixed number of our own


def version(connection: Connection) -> str | None:
    """The revision of the database, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database, target: str = "head") -> None:
    """Upgrade to `target`; does nothing when the database is there already. Raises StoreUnavailable."""
    try:
        with database.reading() as connection:
            if target == "head" and version(connection) == NEWEST:
                return
        if isinstance(database, SQLite):
            with database.engine.connect() as connection:
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
                _upgrade(connection, target)
                connection.exec_driver_sql("COMMIT")
        else:
            with database.engine.begin() as connection:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                _upgrade(connection, target)
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailable(kind_of(error)) from error


def _upgrade(connection: Connection, target: str) -> None:
    if target == "head" and version(connection) == NEWEST:
        return  # another process was faster
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
