"""Migrate a database to the newest schema, under a lock, so that several processes may start at once."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from form_service.store.engine.base import Database, translated_errors

MIGRATIONS = Path(__file__).parents[1] / "migrations"
# The newest revision, so that an ordinary start need not load Alembic; a test compares it with the scripts.
NEWEST = "0003"
_LOCK = 0x72656665  # an arbitrary number that no other advisory lock uses


def version(connection: Connection) -> str | None:
    """Return the revision of the database, or None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database, target: str = "head") -> None:
    """Upgrade to `target`; does nothing when the database is there already. Raises StoreUnavailable."""
    with database.reading() as (connection, _):
        if target == "head" and version(connection) == NEWEST:
            return
    with translated_errors(), database.engine.connect() as connection:
        if database.path is None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            _upgrade(connection, target)
            connection.commit()
        else:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            _upgrade(connection, target)
            connection.exec_driver_sql("COMMIT")


def _upgrade(connection: Connection, target: str) -> None:
    if target == "head" and version(connection) == NEWEST:
        return  # another process was faster
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
