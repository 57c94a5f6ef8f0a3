"""The errors that the store raises."""

# The connection was lost during the commit: either everything was changed, or nothing. The operation may be repeated.
UNSURE = "unsure"

_EXPLANATIONS = {
    "schema-newer": "schema-newer: a newer version of this service has migrated it; install that version",
    "damaged": "damaged: the file is damaged, or is no database; move it, and the files beside it whose names begin "
    "with its name, to another folder, then restore the latest backup",
    "foreign-tables": "foreign-tables: the database holds another program's tables; give the form a database of its "
    "own in FORM_DATABASE_URL",
    "replaced": "replaced: this is not the store that the service used before; restore the latest backup (the "
    "referrals of both are kept), then restart the service",
    "incomplete": "incomplete: the latest backup holds referrals that this store lacks; restore that backup (the "
    "referrals of both are kept)",
}


class StoreUnavailable(Exception):
    """Raised if a database operation fails. Nothing was changed, unless `kind` is UNSURE.

    With UNSURE, either everything was changed or nothing, but it is unknown which.
    """

    def __init__(self, kind: str, is_repeatable: bool = False) -> None:
        """Set the kind of failure, a word that is safe to log.

        `is_repeatable` says whether the same operation may succeed when it is repeated.
        """
        super().__init__(kind)
        self.kind = kind
        self.is_repeatable = is_repeatable

    @property
    def explanation(self) -> str:
        """Return the kind of failure and, for some kinds, what has happened and what the operator can do."""
        return _EXPLANATIONS.get(self.kind, self.kind)


class ReferenceTaken(Exception):
    """Raised if another referral has this reference. The caller should choose a new one."""


class DraftChanged(Exception):
    """Raised if another browser tab has changed the draft since this request read it. Nothing was stored."""


# Phrases in the messages of database errors. The first that matches decides.
_KIND_PHRASES = (
    ("disk-full", ("disk is full", "no space left", "disk full", "quota exceeded")),
    ("disk-error", ("disk i/o", "input/output error")),
    ("damaged", ("malformed", "file is not a database")),
    ("locked", ("locked", "lock timeout")),
    ("read-only", ("readonly", "read-only")),
    ("gone", ("connect", "terminat", "closed", "unable to open", "shut")),
)


def failure_kind(error: BaseException) -> str:
    """Return the kind of a database error, such as "disk-full"; "database" if it is none of the known kinds."""
    if getattr(getattr(error, "orig", error), "sqlite_errorname", "") == "SQLITE_IOERR_SHMSIZE":
        return "disk-full"  # there was no room for the index of the write-ahead log
    text = str(error).lower()
    return next((kind for kind, phrases in _KIND_PHRASES if any(phrase in text for phrase in phrases)), "database")
