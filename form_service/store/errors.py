"""What can go wrong in the store, in the words of its callers."""

# The connection was lost while it committed: everything was changed, or nothing. To repeat it is harmless.
UNSURE = "unsure"


class StoreUnavailable(Exception):
    """The database did not do it: full disk, locked, gone. Nothing was changed, unless the kind is UNSURE."""

    def __init__(self, kind: str) -> None:
        """`kind` is the class of the failure, safe to log.

        disk-full, locked, read-only, gone, held-up (too many wait for it already), unsure, database.
        """
        super().__init__(kind)
        self.kind = kind


class ReferenceTaken(Exception):
    """Another referral has this reference: mint another and compose again."""


class DraftChanged(Exception):
    """The draft is no longer what the referral was made of: another tab changed it. Nothing was stored."""


def kind_of(error: BaseException) -> str:
    """The class of a database failure."""
    words = f"{error}".lower()
    if "disk is full" in words or "no space left" in words or "disk i/o" in words or "disk full" in words:
        return "disk-full"
    if "locked" in words or "lock timeout" in words:
        return "locked"
    if "readonly" in words or "read-only" in words:
        return "read-only"
    if "connect" in words or "terminat" in words or "closed" in words or "unable to open" in words or "shut" in words:
        return "gone"
    return "database"
