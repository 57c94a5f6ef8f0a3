"""How much is too much. Police stations and prisons share one address, so a limit marks long before it refuses."""

from form_service.seal import Seal
from form_service.store import Store, StoreUnavailable

WINDOW = 600
# Pages sent in ten minutes: a person sends a dozen, a busy office a few hundred.
PAGES_OF_ONE_CLIENT = 6_000
# Drafts begun in ten minutes, everybody together: each is a row in the store.
STARTS_OF_ALL = 20_000
HOUR = 3_600
# Referrals of one connection in an hour, after which the team is told; none is refused for it.
MANY_REFERRALS = 20


class TooMany(Exception):
    """A program, not a person: the form asks to wait."""


def count_page(store: Store, seal: Seal, client: str) -> None:
    """Count one page sent. Raises TooMany; a store that does not answer refuses nobody here."""
    _count(store, f"client:{seal.anonymous(client)}", WINDOW, PAGES_OF_ONE_CLIENT)


def count_start(store: Store) -> None:
    """Count one draft begun. Raises TooMany."""
    _count(store, "starts", WINDOW, STARTS_OF_ALL)


def sends_many(store: Store, seal: Seal, client: str) -> bool:
    """Count one referral sent; whether this connection sent so many in the last hour that the team should know."""
    try:
        _count(store, f"sent:{seal.anonymous(client)}", HOUR, MANY_REFERRALS)
    except TooMany:
        return True
    return False


def _count(store: Store, bucket: str, window: int, most: int) -> None:
    try:
        so_far = store.count(bucket, window)
    except StoreUnavailable:
        return
    if so_far > most:
        raise TooMany
