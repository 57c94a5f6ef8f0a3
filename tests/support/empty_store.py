"""An empty database with the newest schema, migrated once per process, because Alembic is slow."""

import functools
import os
import tempfile
from pathlib import Path

from form_service.store.engine.migrate import migrate
from form_service.store.engine.sqlite import SQLite


@functools.cache
def _migrated_database_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "referrals.db"
        database = SQLite(f"sqlite:///{file}")
        migrate(database)
        database.close()
        assert [path.name for path in Path(folder).iterdir()] == [file.name], "all of it is in the one file"
        return file.read_bytes()


def write_empty_store(folder: Path) -> None:
    """Write an empty database with the newest schema to `folder`, where a service will open it."""
    descriptor = os.open(folder / "referrals.db", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_migrated_database_bytes())
