"""Counters for rate limits: how often something happened in a window of time."""

from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_or_add
from form_service.store.schema import counter


class Counters(Queries):
    """Counters, kept in the store so that they survive a restart and apply to all web processes together."""

    def count(self, bucket: str, window_seconds: int, weight: int = 1) -> int:
        """Add `weight` to the bucket's count in its current window; return the count."""
        with self._transactions.writing(best_effort=True) as (connection, now):
            start = int(now) // window_seconds * window_seconds
            row = {"bucket": bucket, "window_start": start, "window_end": start + window_seconds, "count": weight}
            return insert_or_add(connection, counter, "count", row)
