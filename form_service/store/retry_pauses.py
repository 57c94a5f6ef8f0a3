"""The pause after a failed attempt to deliver, for a recipient or for a single email."""

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0


def pause_after(failure_count: int, permanent: bool = False) -> float:
    """Return the seconds until the next attempt.

    The first pause is 5 seconds. It doubles with each failure, up to 900. A `permanent` refusal pauses for 900.
    """
    if permanent:
        return LONGEST_PAUSE_SECONDS
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(failure_count - 1, 20), LONGEST_PAUSE_SECONDS))
