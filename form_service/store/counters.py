"""The counters for the rate limits: how often something happened in a window of time."""

from form_service.store.engine.base import Queries
from form_service.store.engine.insert import insert_or_add
from form_service.store.schema import counter


class Counters(Queries):
    """The counters for the rate limits, stored so that they survive a restart and all web processes share them."""

    def count(self, bucket: str, window_seconds: int, weight: int = 1) -> int:
        """Add `weight` to the count of `bucket` in the current window of time; return the new count.

        `bucket` names what is counted. A window is `window_seconds` long, and starts at a multiple of that.
        """
        with self._transactions.writing(best_effort=True) as (connection, now):
            start = int(now) // window_seconds * window_seconds
            row = {"bucket": bucket, "window_start": start, "window_end": start + window_seconds, "count": weight}
            return insert_or_add(connection, counter, "count", row)
