"""The errors that the store raises."""

# The connection was lost during the commit: everything was changed, or nothing. It is safe to repeat the operation.
UNSURE = "unsure"

_EXPLANATIONS = {
    "schema-newer": "schema-newer: a newer version of this service has migrated it; install that version",
    "damaged": "damaged: the file is damaged, or is no database; move it, and the files beside it whose names begin "
    "with its name, to another folder, then restore the latest backup",
    "foreign-tables": "foreign-tables: the database holds another program's tables; give the form a database of its "
    "own in FORM_DATABASE_URL",
    "replaced": "replaced: this is not the store that the service used before; restore the latest backup, which brings "
    "both together, then restart the service",
    "incomplete": "incomplete: the latest backup holds referrals that it lacks; restore that backup, which brings both "
    "together",
}


class StoreUnavailable(Exception):
    """A database operation failed. Nothing was changed, unless `kind` is UNSURE."""

    def __init__(self, kind: str, is_repeatable: bool = False) -> None:
        """Set the kind, which is safe to log. `is_repeatable`: the operation may succeed if repeated.

        Kinds: disk-full, disk-error, locked, read-only, gone, stalled (too many threads wait for the store), unsure,
        database, and those of _EXPLANATIONS.
        """
        super().__init__(kind)
        self.kind = kind
        self.is_repeatable = is_repeatable

    @property
    def explanation(self) -> str:
        """Return the kind of failure for the operator, with advice for some kinds."""
        return _EXPLANATIONS.get(self.kind, self.kind)


class ReferenceTaken(Exception):
    """Another referral has this reference. Choose a new one and compose the email again."""


class DraftChanged(Exception):
    """Another tab changed the draft after the referral was composed from it. Nothing was stored."""


# The first match counts.
_KIND_PHRASES = (
    ("disk-full", ("disk is full", "no space left", "disk full", "quota exceeded")),
    ("disk-error", ("disk i/o", "input/output error")),
    ("damaged", ("malformed", "file is not a database")),
    ("locked", ("locked", "lock timeout")),
    ("read-only", ("readonly", "read-only")),
    ("gone", ("connect", "terminat", "closed", "unable to open", "shut")),
)


def failure_kind(error: BaseException) -> str:
    """Return the kind of a database error: see StoreUnavailable."""
    if getattr(getattr(error, "orig", error), "sqlite_errorname", "") == "SQLITE_IOERR_SHMSIZE":
        return "disk-full"  # there was no room for the index of the write-ahead log
    text = str(error).lower()
    return next((kind for kind, phrases in _KIND_PHRASES if any(phrase in text for phrase in phrases)), "database")
