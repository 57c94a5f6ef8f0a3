"""Counters of rate limits: how often something happened in a window of time."""

from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from form_service.store.engine.base import Transactions
from form_service.store.schema import counter


class Counters:
    """Counters in the store, so that they survive a restart and hold for all web processes together."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def count(self, bucket: str, window: int, weight: int = 1) -> int:
        """Add `weight` to the bucket's count in its present window of `window` seconds; return the count."""
        with self._transactions.writing(best_effort=True) as (connection, now):
            start = int(now) // window * window
            row = {"bucket": bucket, "window_start": start, "window_end": start + window, "count": weight}
            statement = _COUNT[connection.dialect.name]
            return int(connection.execute(statement, row | {"weight": weight}).scalar_one())


def _count(insert: Any) -> Any:
    return (
        insert(counter)
        .on_conflict_do_update(
            index_elements=["bucket", "window_start"], set_={"count": counter.c.count + bindparam("weight")}
        )
        .returning(counter.c.count)
    )


_COUNT = {"sqlite": _count(sqlite.insert), "postgresql": _count(postgresql.insert)}
