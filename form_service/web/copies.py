"""How many neutral copies one address gets: the form must not be a way to fill somebody's mailbox."""

from form_service.crypto import Seal
from form_service.store import Store, StoreUnavailable

DAY = 86_400
COPIES_A_DAY = 3


def may_have_copy(store: Store, seal: Seal, address: str, submission: str) -> bool:
    """Count one copy to this address, once a submission however often it is tried; whether it may have it.

    The store sees keyed hashes, never the address. One that does not answer refuses nobody here.
    """
    try:
        is_first = store.counters.count(f"copy-of:{seal.anonymous(submission)}", DAY) == 1
        return store.counters.count(f"copy:{seal.anonymous(address.lower())}", DAY, int(is_first)) <= COPIES_A_DAY
    except StoreUnavailable:
        return True
