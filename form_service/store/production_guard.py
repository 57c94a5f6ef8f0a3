"""Whose store it is: one that production has used is closed to a process with development's settings.

Such a process knows sample addresses and another key. It would make up a team that does not exist, and the real worker
would deliver to it.
"""

import contextlib

from sqlalchemy import Connection, inspect, select

from form_service.config.settings import SettingsError
from form_service.store.engine.base import Database
from form_service.store.errors import StoreUnavailable
from form_service.store.schema import fact
from form_service.store.upkeep import set_fact

_FACT = "production"
_REFUSAL = (
    "SERVICE_ENV is not production, and FORM_DATABASE_URL names a store that production has used: run the command as "
    "`front-door …`, which sets both, or name another store"
)


def refuse_now(database: Database) -> None:
    """Raise SettingsError at the start, when the store can be asked; one that is away is asked at its first use."""
    path = database.path
    if path is not None and path.stat().st_size == 0:
        return
    with contextlib.suppress(StoreUnavailable):
        try:
            _refuse(database)
        finally:
            database.close()  # the process may fork, and an open file must not go along


def settle(database: Database, production: bool) -> None:
    """Note that production uses the store, or raise SettingsError for a development process that must not."""
    if not production:
        _refuse(database)
    elif not _is_used(database):
        # What cannot be noted now, on a full disk, the next process of production notes: nobody waits for it.
        with contextlib.suppress(StoreUnavailable):
            database.write(lambda connection: set_fact(connection, _FACT, "", database.now(connection)))


def _refuse(database: Database) -> None:
    if _is_used(database):
        raise SettingsError(_REFUSAL)


def _is_used(database: Database) -> bool:
    with database.reading() as connection:
        return _has_tables(connection) and (
            connection.execute(select(fact.c.name).where(fact.c.name == _FACT)).first() is not None
        )


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(fact.name)
