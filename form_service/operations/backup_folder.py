"""When the machine's backups were made."""

from pathlib import Path

LATE_SECONDS = 3600.0


def times(folder: Path) -> list[float] | None:
    """Return when each was made, in seconds since 1970; None where there is no folder for them."""
    try:
        return [path.stat().st_mtime for path in folder.glob("*Z.db")] if folder.is_dir() else None
    except OSError:
        return []
