"""Columns for the team's confirmation of a referral, and for the warning before its email is wiped."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add both columns. Treat delivered referrals as confirmed, because their emails have no confirmation link."""
    op.add_column("referral", sa.Column("received_at", sa.Double))
    op.add_column("referral", sa.Column("warned_at", sa.Double))
    is_open = sa.text("received_at IS NULL AND withdrawn_at IS NULL")
    op.create_index("referral_open", "referral", ["accepted_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.execute("UPDATE referral SET received_at = delivered_at WHERE delivered_at IS NOT NULL")
