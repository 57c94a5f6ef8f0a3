"""The tables of the database. Only `mail.sealed` and `draft.sealed` contain personal data, and both are encrypted.

Times are in seconds since 1970. Ids come from `new_id`, not from the database.
"""

import secrets
import time
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData()


def _partial_index(name: str, where: str, *columns: Column[Any]) -> None:
    """Create an index of the rows that meet the condition `where`.

    The database uses the index only for queries that contain the condition with the same literal values.
    """
    Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# The ledger: one row for each accepted referral, kept for the reports.
referral = Table(
    "referral",
    metadata,
    Column("reference", String(9), primary_key=True),
    Column("submission_id", String(64), nullable=False, unique=True),
    Column("route", String(20), nullable=False),
    Column("language", String(12), nullable=False),
    Column("accepted_at", Double, nullable=False, index=True),
    Column("delivered_at", Double),  # when the last delivery to the team was settled
    Column("withdrawn_at", Double),
    Column("received_at", Double),  # when a member of the team confirmed having received the referral
    Column("warned_at", Double),  # when the team was warned that the copy of this unconfirmed referral will be wiped
)

_partial_index("referral_open", "received_at IS NULL AND withdrawn_at IS NULL", referral.c.accepted_at)

# One row for each email: to the team, the neutral copy, or a notice about a referral.
mail = Table(
    "mail",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(9), ForeignKey("referral.reference"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("key_id", String(200), nullable=False),
    Column("sealed", LargeBinary),  # NULL once wiped
    Column("made_at", Double, nullable=False),
    Column("settled_at", Double),  # when no delivery of the email was waiting any longer
)
_partial_index("mail_to_wipe", "sealed IS NOT NULL", mail.c.settled_at)

# The outbox: one row per recipient of an email. States: waiting, delivered, withdrawn.
delivery = Table(
    "delivery",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("mail_id", String(32), ForeignKey("mail.id"), nullable=False, index=True),
    Column("recipient", String(320), nullable=False),  # from the settings; "" means: in the sealed email
    Column("state", String(10), nullable=False),
    Column("waiting_since", Double, nullable=False),
    Column("next_try", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("lease", String(32)),  # the token of the sender that is sending the email
    Column("lease_until", Double),
    Column("error", String(40)),  # code of the last failure, such as "rcpt-550"
    Column("refused", Integer, nullable=False),  # 1 after a permanent refusal
    Column("maybe_sent", Integer, nullable=False),  # 1 once it is unknown whether the server accepted a try
    Column("failures", Integer, nullable=False, server_default="0"),  # tries that failed because of this email itself
    Column("uncertain", Integer, nullable=False, server_default="0"),  # tries that sent the email and got no reply
    Column("settled_at", Double),
)
# After this many uncertain tries a delivery is held: it is tried again only on the operator's command.
MAX_UNCERTAIN_TRIES = 3
# The order in which deliveries are claimed.
_partial_index(
    "delivery_order",
    "state = 'waiting' AND uncertain < 3",
    delivery.c.tries,
    delivery.c.waiting_since,
    delivery.c.recipient,
)
_partial_index("delivery_held", "state = 'waiting' AND uncertain >= 3", delivery.c.uncertain)
_partial_index("delivery_leased", "lease IS NOT NULL", delivery.c.lease_until)
_partial_index("delivery_age", "state = 'waiting'", delivery.c.waiting_since)
_partial_index("delivery_refused", "state = 'waiting' AND refused = 1", delivery.c.refused)

# One row for each recipient that could not be reached: all its deliveries pause, and then a single one tries again.
recipient_backoff = Table(
    "recipient_backoff",
    metadata,
    Column("recipient", String(320), primary_key=True),  # from the settings
    Column("failures", Integer, nullable=False),  # since the last success
    Column("next_try", Double, nullable=False),
    Column("error", String(40), nullable=False),  # code of the last failure
)

draft = Table(
    "draft",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("lives_until", Double, nullable=False, index=True),
)

# How often something happened in a window of time, for the rate limits.
counter = Table(
    "counter",
    metadata,
    Column("bucket", String(100), primary_key=True),
    Column("window_start", BigInteger, primary_key=True),
    Column("window_end", BigInteger, nullable=False, index=True),
    Column("count", Integer, nullable=False),
)

# The service's own state: heartbeat, open incidents and who was notified, and that production uses the store.
fact = Table(
    "fact",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", String(200), nullable=False),
    Column("at", Double, nullable=False),
)


def new_id() -> str:
    """Return a new id in hexadecimal: a 48-bit timestamp and 80 random bits.

    The timestamp comes first, so that rows created together are stored together.
    """
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
