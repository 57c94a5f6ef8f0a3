"""Refuse to open a production store with development settings.

Otherwise the sample addresses of development would replace the team's addresses.
"""

import contextlib

from sqlalchemy import inspect, select

from form_service.config.settings import SettingsError
from form_service.store.engine.base import Database
from form_service.store.engine.insert import insert_if_absent
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import fact

_PRODUCTION_FACT = "production"
_REFUSAL_TEXT = (
    "SERVICE_ENV is not production, and FORM_DATABASE_URL names a store that production has used: run the command as "
    "`front-door …`, which sets both, or name another store"
)


def refuse_production_store_at_start(database: Database) -> None:
    """Raise SettingsError if the store is a production store.

    A store that cannot be reached is checked at its first use.
    """
    path = database.path
    if path is not None and path.stat().st_size == 0:
        return
    with contextlib.suppress(StoreUnavailable):
        try:
            refuse_production_store(database)
        finally:
            database.close()  # the process may fork, and an open file must not be inherited


def refuse_production_store(database: Database) -> None:
    """Raise SettingsError if the store is a production store.

    Raises StoreUnavailable if the database fails.
    """
    if _is_production_store(database):
        raise SettingsError(_REFUSAL_TEXT)


def mark_as_production(database: Database) -> None:
    """Mark the store as a production store, if it can be written to."""
    if not _is_production_store(database):
        # On a full disk, the next production process marks the store: no referral depends on the mark.
        with contextlib.suppress(StoreUnavailable), database.writing() as (connection, now):
            insert_if_absent(connection, fact, {"name": _PRODUCTION_FACT, "value": "", "at": now})


def _is_production_store(database: Database) -> bool:
    with database.reading() as (connection, _):
        return inspect(connection).has_table(fact.name) and (
            connection.execute(select(fact.c.name).where(fact.c.name == _PRODUCTION_FACT)).first() is not None
        )
