"""The notice that asks visitors to call as well, because a referral has been unconfirmed for days."""

import time
from collections.abc import Collection
from datetime import date

from form_service.operations.reminders import visitors_should_call
from form_service.store import Store, StoreUnavailable

CACHE_SECONDS = 60.0


class VisitorNoticeCheck:
    """Decides whether the start page should ask visitors to call as well as fill in the form.

    The result is cached for CACHE_SECONDS, and longer while the store does not answer.
    """

    def __init__(self, store: Store, closed_days: Collection[date]) -> None:
        self._store = store
        self._closed_days = closed_days
        self._next_check_at = 0.0  # monotonic time
        self._cached_result = False

    def __call__(self) -> bool:
        """Return whether the start page should show the notice.

        Ask the store at most once in CACHE_SECONDS. In between, and while the store does not answer, return the last
        result.
        """
        if time.monotonic() >= self._next_check_at:
            # Set before the query, so that only one thread waits while the store stalls, not one for each visitor.
            self._next_check_at = time.monotonic() + CACHE_SECONDS
            try:
                unconfirmed_referrals, now = self._store.receipts.unconfirmed_referrals()
            except StoreUnavailable:
                return self._cached_result
            self._cached_result = visitors_should_call(unconfirmed_referrals, now, self._closed_days)
        return self._cached_result
