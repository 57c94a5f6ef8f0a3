"""The pause after a failed attempt to deliver, for a recipient or for a single email."""

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0


def pause_after(failure_count: int, permanent: bool = False) -> float:
    """Return the seconds until the next attempt: 5 after the first failure, doubled with each further one, at most 900.

    After a `permanent` refusal it is 900 at once.
    """
    if permanent:
        return LONGEST_PAUSE_SECONDS
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(failure_count - 1, 20), LONGEST_PAUSE_SECONDS))
