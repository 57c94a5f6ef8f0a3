"""The limits on the number and size of posted pages, and on the number of neutral copies.

A neutral copy is an email that tells a person the reference of their referral.

The limits are generous, because everyone in a police station or prison may share one IP address.
"""

import ipaddress

from werkzeug.exceptions import TooManyRequests

from form_service.crypto import Sealer
from form_service.store import Store, StoreUnavailable

# Ten times a page with every box full, so that even a long pasted text is kept, with an error about its length. nginx
# and waitress accept twice as much, so that a still longer text gets this service's page, not a closed connection.
MAX_BODY_BYTES = 256 * 1024
# A page that would make the draft larger is refused, because every later page decrypts all of it.
MAX_DRAFT_BYTES = 4 * MAX_BODY_BYTES
# The fullest page has about 30 fields; parsing a body with very many fields costs more than all other work.
MAX_FIELDS = 150
WINDOW_SECONDS = 600
# Pages that one client may send in WINDOW_SECONDS: a person sends a dozen, a busy office a few hundred.
MAX_PAGES_PER_CLIENT = 6_000
# A larger page counts once for every BYTES_PER_PAGE bytes: a client may send 92 of the largest in WINDOW_SECONDS.
BYTES_PER_PAGE = 4096
# The size of all drafts together. At a few KB each, 100,000 people would have to write at once: only bots reach this.
MAX_BYTES_OF_ALL_DRAFTS = 256 * 1024 * 1024
# Beyond that, one network may send only this many in WINDOW_SECONDS: enough for ten people, and 600 KB from an
# attacker. Nobody is refused because of what another network sends.
MAX_PAGES_PER_NETWORK = 150
HOUR_SECONDS = 3_600
# Beyond this, referrals from one client carry an alert to the team. None is refused.
MANY_REFERRALS_PER_HOUR = 20
DAY_SECONDS = 86_400
# Neutral copies, which go to any address that is typed: the form must not be a way to flood someone's mailbox. The
# referral itself is always accepted. A busy office sends few copies, because people ask for one for themselves.
MAX_COPIES_PER_MAILBOX_A_DAY = 3
MAX_COPIES_PER_CLIENT_A_DAY = 30
MAX_COPIES_AN_HOUR = 300
# One person may receive the mail of every address at a domain. Even a national service sends far fewer copies than this
# to one domain, except to the large providers, where people in need have their mailboxes. It is higher than that of
# one client, so that a single client cannot use up the copies of a whole police force.
MAX_COPIES_PER_DOMAIN_A_DAY = 100
NAT64_NETWORK = ipaddress.IPv6Network("64:ff9b::/96")
# Domains of one provider where the same name before the @ is the same mailbox.
MAIN_DOMAINS_BY_ALIAS = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
# Characters before the @ that a provider ignores.
IGNORED_CHARACTERS_BY_DOMAIN = {"gmail.com": ".", "proton.me": ".-_"}
# Providers with so many mailboxes in the United Kingdom that copies to them are not limited by domain.
LARGE_PROVIDERS = frozenset(
    [
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "live.com",
        "live.co.uk",
        "msn.com",
        "yahoo.com",
        "yahoo.co.uk",
        "ymail.com",
        "rocketmail.com",
        "icloud.com",
        "aol.com",
        "aol.co.uk",
        "btinternet.com",
        "sky.com",
        "virginmedia.com",
        "ntlworld.com",
        "blueyonder.co.uk",
        "talktalk.net",
        "tiscali.co.uk",
        "proton.me",
        "gmx.com",
        "gmx.co.uk",
        "mail.com",
        "nhs.net",
    ]
)


def network_of(client_ip: str, ipv6_prefix_length: int = 64) -> str:
    """Return the IPv4 address or the IPv6 network under which the rate limits count a client.

    Text that is not an IP address is returned unchanged.
    """
    try:
        ip = ipaddress.ip_address(client_ip.partition("%")[0])
    except ValueError:
        return client_ip
    if ip.version == 6:
        if embedded_ipv4 := ip.ipv4_mapped or ip.sixtofour or _ipv4_in_nat64(ip):
            return str(embedded_ipv4)
        return str(ipaddress.ip_network((ip, ipv6_prefix_length), strict=False))
    return str(ip)


def _ipv4_in_nat64(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a NAT64 address (RFC 6052), or None for other addresses.

    Without this, all clients behind NAT64 would share one limit.
    """
    return ipaddress.IPv4Address(ip.packed[-4:]) if ip in NAT64_NETWORK else None


def count_page(store: Store, sealer: Sealer, client_ip: str, byte_count: int) -> None:
    """Count a posted page of `byte_count` bytes. Raises TooManyRequests if its client exceeds the limit.

    Once the drafts exceed MAX_BYTES_OF_ALL_DRAFTS, the client's network has a limit too. While the store does not
    answer, no page is refused.
    """
    weight = 1 + byte_count // BYTES_PER_PAGE
    client_key = f"client:{sealer.pseudonym(network_of(client_ip))}"
    network_key = f"network:{sealer.pseudonym(network_of(client_ip, 48))}"
    if _count_exceeds(store, client_key, WINDOW_SECONDS, MAX_PAGES_PER_CLIENT, weight) or (
        _is_draft_storage_full(store)
        and _count_exceeds(store, network_key, WINDOW_SECONDS, MAX_PAGES_PER_NETWORK, weight)
    ):
        raise TooManyRequests


def _is_draft_storage_full(store: Store) -> bool:
    try:
        return store.drafts.total_bytes() > MAX_BYTES_OF_ALL_DRAFTS
    except StoreUnavailable:
        return False


def count_referral(store: Store, sealer: Sealer, client_ip: str) -> bool:
    """Count a referral, and return whether its client has exceeded MANY_REFERRALS_PER_HOUR."""
    return _count_exceeds(
        store, f"sent:{sealer.pseudonym(network_of(client_ip))}", HOUR_SECONDS, MANY_REFERRALS_PER_HOUR
    )


def may_send_copy(store: Store, sealer: Sealer, email: str, client_ip: str, submission: str) -> bool:
    """Count one neutral copy, and return whether the limits allow the form to send it.

    Several calls for the same `submission` count as one copy. While the store does not answer, every copy is allowed.
    """
    mailbox = canonical_mailbox(email)
    domain = _registered_domain(mailbox)
    domain_limit = (f"copy-domain:{sealer.pseudonym(domain)}", DAY_SECONDS, MAX_COPIES_PER_DOMAIN_A_DAY)
    limits = (
        (f"copy:{sealer.pseudonym(mailbox)}", DAY_SECONDS, MAX_COPIES_PER_MAILBOX_A_DAY),
        (f"copy-client:{sealer.pseudonym(network_of(client_ip))}", DAY_SECONDS, MAX_COPIES_PER_CLIENT_A_DAY),
        *(() if domain in LARGE_PROVIDERS else (domain_limit,)),
        ("copies", HOUR_SECONDS, MAX_COPIES_AN_HOUR),
    )
    try:
        is_new_submission = store.counters.count(f"copy-of:{sealer.pseudonym(submission)}", DAY_SECONDS) == 1
        # In turn, so that a copy that one limit refuses does not count towards the limits after it.
        return all(
            store.counters.count(bucket, window_seconds, int(is_new_submission)) <= limit
            for bucket, window_seconds, limit in limits
        )
    except StoreUnavailable:
        return True


def canonical_mailbox(email: str) -> str:
    """Return one spelling for all email addresses of the same mailbox.

    The spelling is only for counting, because emails to it may not arrive.
    """
    local_part, _, domain = email.strip().lower().rpartition("@")
    local_part, domain = local_part.strip('"').partition("+")[0], domain.rstrip(".")
    domain = MAIN_DOMAINS_BY_ALIAS.get(domain, domain)
    for character in IGNORED_CHARACTERS_BY_DOMAIN.get(domain, ""):
        local_part = local_part.replace(character, "")
    return f"{local_part}@{domain}"


def _registered_domain(email: str) -> str:
    """Return the last two labels of an email address's domain, or the last three under a country code such as uk.

    This is nearly always the domain that somebody has registered.
    """
    labels = email.rpartition("@")[2].split(".")
    return ".".join(labels[-3:] if len(labels[-1]) == 2 else labels[-2:])


def _count_exceeds(store: Store, bucket: str, window_seconds: int, limit: int, weight: int = 1) -> bool:
    """Add `weight` to the counter `bucket`, and return whether the counter then exceeds `limit`.

    Return False while the store does not answer, so that nobody is refused.
    """
    try:
        return store.counters.count(bucket, window_seconds, weight) > limit
    except StoreUnavailable:
        return False
