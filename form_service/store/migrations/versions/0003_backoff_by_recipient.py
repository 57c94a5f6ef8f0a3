"""Changes to the schema: each recipient has its own pause, deliveries have a new order, and some can be held."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NOT_HELD = sa.text("state = 'waiting' AND uncertain < 3")
_HELD = sa.text("state = 'waiting' AND uncertain >= 3")
_LEASED = sa.text("lease IS NOT NULL")


def upgrade() -> None:
    """Add columns to `delivery`, replace its indexes, and add the table `recipient_backoff`."""
    op.add_column("delivery", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("uncertain", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("delivery_due", "delivery")
    op.drop_index("delivery_team_due", "delivery")
    columns = ["tries", "waiting_since", "recipient"]
    op.create_index("delivery_order", "delivery", columns, sqlite_where=_NOT_HELD, postgresql_where=_NOT_HELD)
    op.create_index("delivery_held", "delivery", ["uncertain"], sqlite_where=_HELD, postgresql_where=_HELD)
    op.create_index("delivery_leased", "delivery", ["lease_until"], sqlite_where=_LEASED, postgresql_where=_LEASED)
    op.create_table(
        "recipient_backoff",
        sa.Column("recipient", sa.String(320), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("next_try", sa.Double, nullable=False),
        sa.Column("error", sa.String(40), nullable=False),
    )
