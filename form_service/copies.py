"""How many neutral copies one address gets: the form must not be a way to fill somebody's mailbox."""

from form_service.seal import Seal
from form_service.store import Store, StoreUnavailable

DAY = 86_400
COPIES_A_DAY = 3


def may_have_copy(store: Store, seal: Seal, address: str) -> bool:
    """Count one copy to this address; whether it may have it. The store sees a keyed hash, never the address."""
    try:
        return store.count(f"copy:{seal.anonymous(address.lower())}", DAY) <= COPIES_A_DAY
    except StoreUnavailable:
        return True
