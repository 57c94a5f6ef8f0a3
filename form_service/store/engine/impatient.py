"""Connections to PostgreSQL that do not wait for ever: a frozen server, or a network that swallows what is sent."""

from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

# The server itself ends a statement after this, if it lives.
STATEMENT_SECONDS = 30
# For the worker and the commands: longer than the server would take to say that it was too long.
ANSWERS_WITHIN = 40.0
# For people: longer than a wait for a lock; a page may wait twice, and nginx waits 30 seconds for all of it.
ANSWERS_PEOPLE_WITHIN = 6.0

PARAMETERS: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "referrals",
    # A network that is cut says nothing: without these the kernel goes on sending for a quarter of an hour.
    "tcp_user_timeout": int(ANSWERS_PEOPLE_WITHIN * 1000),
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class Impatient(psycopg.Connection[Any]):
    """Closes itself when the server has not answered in time; the error is that of a lost connection."""

    answers_within = ANSWERS_WITHIN

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """See psycopg."""
        try:
            return super().wait(gen, interval, timeout or self.answers_within)
        except psycopg.OperationalError:  # of which psycopg's own word for "not in time" is one
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # what was asked is still under way there: nothing else can be asked on this one
            raise
