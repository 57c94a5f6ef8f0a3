"""The pause after a failed attempt to deliver, for a recipient or for a single email."""

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 900.0


def pause_after(failure_count: int, is_permanent: bool = False) -> float:
    """Return the number of seconds to wait before the next attempt.

    It is 5 after the first failure, and doubles with each further failure up to 900. It is always 900 after a
    permanent refusal (`is_permanent`).
    """
    if is_permanent:
        return LONGEST_PAUSE_SECONDS
    return float(min(FIRST_PAUSE_SECONDS * 2 ** min(failure_count - 1, 20), LONGEST_PAUSE_SECONDS))
