"""The first tables: the ledger of referrals, the outbox, drafts, counters and facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WAITING = sa.text("state = 'waiting'")
_REFUSED = sa.text("state = 'waiting' AND refused = 1")
_SEALED = sa.text("sealed IS NOT NULL")


def _partial_index(name: str, table: str, column: str, where: sa.TextClause) -> None:
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "referral",
        sa.Column("reference", sa.String(9), primary_key=True),
        sa.Column("submission_id", sa.String(64), nullable=False, unique=True),
        sa.Column("route", sa.String(20), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("accepted_at", sa.Double, nullable=False, index=True),
        sa.Column("delivered_at", sa.Double),
        sa.Column("withdrawn_at", sa.Double),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("reference", sa.String(9), sa.ForeignKey("referral.reference"), nullable=False, index=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("key_id", sa.String(200), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("made_at", sa.Double, nullable=False),
        sa.Column("settled_at", sa.Double),
    )
    _partial_index("mail_to_wipe", "mail", "settled_at", _SEALED)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("mail_id", sa.String(32), sa.ForeignKey("mail.id"), nullable=False, index=True),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("waiting_since", sa.Double, nullable=False),
        sa.Column("next_try", sa.Double, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("error", sa.String(40)),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("maybe_sent", sa.Integer, nullable=False),
        sa.Column("settled_at", sa.Double),
    )
    _partial_index("delivery_due", "delivery", "next_try", _WAITING)
    _partial_index("delivery_age", "delivery", "waiting_since", _WAITING)
    _partial_index("delivery_refused", "delivery", "refused", _REFUSED)
    op.create_table(
        "draft",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("lives_until", sa.Double, nullable=False, index=True),
    )
    op.create_table(
        "counter",
        sa.Column("bucket", sa.String(100), primary_key=True),
        sa.Column("window_start", sa.BigInteger, primary_key=True),
        sa.Column("window_end", sa.BigInteger, nullable=False, index=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "fact",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
