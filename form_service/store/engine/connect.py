"""Choose the database that FORM_DATABASE_URL names."""

import time
from collections.abc import Callable

from form_service.store.engine.base import Database
from form_service.store.engine.postgres import PostgreSQL
from form_service.store.engine.sqlite import SQLite


def connect(url: str, clock: Callable[[], float] | None = None) -> Database:
    """Return the database without opening a connection. `clock` replaces the real one in tests."""
    return SQLite(url, clock or time.time) if url.startswith("sqlite:") else PostgreSQL(url, clock)
