"""How much is too much. Police stations and prisons share one address, so a limit marks long before it refuses."""

import ipaddress

from form_service.crypto import Sealer
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
# All drafts together, each a few KB: those of some 100,000 people at once. Only a program comes here.
BYTES_OF_ALL_DRAFTS = 256 * 1024 * 1024
# Then this is all that one site may send in ten minutes: ten people who fill in the form go on, and whoever fills the
# disk adds 600 KB. Nobody is refused for what others send.
PAGES_OF_ONE_SITE = 150
HOUR = 3_600
# Referrals of one connection in an hour, after which the team is told; none is refused for it.
MANY_REFERRALS = 20
DAY = 86_400
# Neutral copies, which go to whatever address was typed: the form must not be a way to fill someone's mailbox. The
# referral itself is always accepted. A busy office sends few copies, because people ask for one for themselves.
COPIES_TO_ONE_MAILBOX_A_DAY = 3
COPIES_OF_ONE_CLIENT_A_DAY = 30
COPIES_AN_HOUR = 300
# Providers that ignore dots before the @.
DOTS_IGNORED = frozenset({"gmail.com", "googlemail.com"})


class TooMany(Exception):
    """A program, not a person: the form asks to wait."""


def network_of(address: str, bits: int = 64) -> str:
    """Whom to count: an IPv4 address, or the network of an IPv6 one.

    One machine has a whole /64 to take addresses from, and one site, at home or rented, up to a /48.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if known.version == 6:
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, bits), strict=False))
    return str(known)


def count_page(store: Store, seal: Sealer, client: str, size: int) -> None:
    """Count one page of so many bytes. Raises TooMany; a store that does not answer refuses nobody here."""
    weight = 1 + size // BYTES_OF_A_PAGE
    _count(store, f"client:{seal.anonymous(network_of(client))}", WINDOW, PAGES_OF_ONE_CLIENT, weight)
    if _is_full(store):
        _count(store, f"site:{seal.anonymous(network_of(client, 48))}", WINDOW, PAGES_OF_ONE_SITE, weight)


def _is_full(store: Store) -> bool:
    try:
        return store.drafts.total_bytes() > BYTES_OF_ALL_DRAFTS
    except StoreUnavailable:
        return False


def sends_many(store: Store, seal: Sealer, client: str) -> bool:
    """Count one referral sent; whether this connection sent so many in the last hour that the team should know."""
    try:
        _count(store, f"sent:{seal.anonymous(network_of(client))}", HOUR, MANY_REFERRALS)
    except TooMany:
        return True
    return False


def may_have_copy(store: Store, seal: Sealer, email: str, client: str, submission: str) -> bool:
    """Count one neutral copy, once a submission however often it is tried; whether it may be sent.

    The store sees keyed hashes, never the email address. One that does not answer refuses no copy.
    """
    limits = (
        (f"copy:{seal.anonymous(canonical_mailbox(email))}", DAY, COPIES_TO_ONE_MAILBOX_A_DAY),
        (f"copy-client:{seal.anonymous(network_of(client))}", DAY, COPIES_OF_ONE_CLIENT_A_DAY),
        ("copies", HOUR, COPIES_AN_HOUR),
    )
    try:
        is_first = store.counters.count(f"copy-of:{seal.anonymous(submission)}", DAY) == 1
        # One after the other: what is refused for one mailbox or client uses up nothing of the rest.
        return all(store.counters.count(bucket, window, int(is_first)) <= most for bucket, window, most in limits)
    except StoreUnavailable:
        return True


def canonical_mailbox(email: str) -> str:
    """Return one form for the ways to write the address of a mailbox. For counting only, never for sending."""
    local, _, domain = email.strip().lower().rpartition("@")
    local, domain = local.strip('"').partition("+")[0], domain.rstrip(".")
    if domain in DOTS_IGNORED:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def _count(store: Store, bucket: str, window: int, most: int, weight: int = 1) -> None:
    try:
        so_far = store.counters.count(bucket, window, weight)
    except StoreUnavailable:
        return
    if so_far > most:
        raise TooMany
