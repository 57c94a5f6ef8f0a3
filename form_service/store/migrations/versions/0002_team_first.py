"""An index of the waiting deliveries to the team, which are sent first."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FOR_THE_TEAM = sa.text("state = 'waiting' AND recipient <> ''")


def upgrade() -> None:
    """Add the index `delivery_team_due`."""
    op.create_index(
        "delivery_team_due", "delivery", ["next_try"], sqlite_where=_FOR_THE_TEAM, postgresql_where=_FOR_THE_TEAM
    )
