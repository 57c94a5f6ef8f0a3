"""Migrate a database to the newest schema. A lock makes this safe when several processes start at once."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from form_service.store.engine.base import Database, translate_errors
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import referral

MIGRATIONS_FOLDER = Path(__file__).parents[1] / "migrations"
# The newest revision, so that an ordinary start need not load Alembic; a test compares it with the scripts.
NEWEST_REVISION = "0004"
_VERSION_TABLE = "alembic_version"
_MIGRATION_LOCK_ID = 0x72656665  # an arbitrary number that no other advisory lock uses


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database's schema, or None for an empty database."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_foreign_database(table_names: set[str]) -> bool:
    """Return whether a database with these tables belongs to another program."""
    return not table_names <= {_VERSION_TABLE} and not table_names >= {_VERSION_TABLE, referral.name}


def migrate(database: Database, target: str = "head") -> None:
    """Upgrade the database's schema to the revision `target`, by default the newest. Raises StoreUnavailable."""
    with database.reading() as (connection, _):
        if target == "head" and _has_newest_schema(connection):
            return
    with translate_errors(), database.engine.connect() as connection:
        if database.path is None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK_ID})")
            upgrade(connection, target)
            connection.commit()
        else:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            upgrade(connection, target)
            connection.exec_driver_sql("COMMIT")


def _has_newest_schema(connection: Connection) -> bool:
    """Return whether the database has the newest schema.

    Raises StoreUnavailable if the schema is newer than this code, or belongs to another program.
    """
    revision = current_revision(connection)
    if revision == NEWEST_REVISION:
        return True
    table_names = set(inspect(connection).get_table_names())
    if is_foreign_database(table_names):
        raise StoreUnavailable("foreign-tables")
    if revision is None:
        return False
    from alembic.script import ScriptDirectory

    if revision not in {script.revision for script in ScriptDirectory(str(MIGRATIONS_FOLDER)).walk_revisions()}:
        raise StoreUnavailable("schema-newer" if referral.name in table_names else "foreign-tables")
    return False


def upgrade(connection: Connection, target: str = "head") -> None:
    """Upgrade the database's schema to the revision `target` in the caller's transaction.

    Raises StoreUnavailable if the schema is newer than this code, or belongs to another program.
    """
    if target == "head" and _has_newest_schema(connection):
        return  # another process has upgraded the database meanwhile
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
