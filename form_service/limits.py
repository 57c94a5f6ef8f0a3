"""How much is too much. Police stations and prisons share one address, so a limit marks long before it refuses."""

from form_service.seal import Seal
from form_service.store import Store, StoreUnavailable

# A page with ten times every box filled to its limit, so that even a long pasted text is kept and told to be too long.
# The web servers in front let twice as much through (deploy/nginx, server.py), so that somebody who pastes still more
# gets this service's page and not a closed connection.
LARGEST_BODY = 256 * 1024
# Several such pages; a page that would make the draft larger is refused, because every later page opens all of it.
LARGEST_DRAFT = 4 * LARGEST_BODY
# The page with the most fields has some 30; reading a body of very many costs more than all the rest.
MOST_FIELDS = 150
WINDOW = 600
# Pages sent in ten minutes: a person sends a dozen, a busy office a few hundred.
PAGES_OF_ONE_CLIENT = 6_000
# A larger page counts as so many of this size as it fills: of the largest, one client may send 92 in ten minutes.
BYTES_OF_A_PAGE = 4096
# Drafts begun in ten minutes, everybody together: each is a row in the store.
STARTS_OF_ALL = 20_000
HOUR = 3_600
# Referrals of one connection in an hour, after which the team is told; none is refused for it.
MANY_REFERRALS = 20


class TooMany(Exception):
    """A program, not a person: the form asks to wait."""


def count_page(store: Store, seal: Seal, client: str, size: int) -> None:
    """Count one page of so many bytes. Raises TooMany; a store that does not answer refuses nobody here."""
    _count(store, f"client:{seal.anonymous(client)}", WINDOW, PAGES_OF_ONE_CLIENT, 1 + size // BYTES_OF_A_PAGE)


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


def _count(store: Store, bucket: str, window: int, most: int, weight: int = 1) -> None:
    try:
        so_far = store.count(bucket, window, weight)
    except StoreUnavailable:
        return
    if so_far > most:
        raise TooMany
