"""How long the form keeps what was sent to it: the days that the form obeys and the sentence on the privacy page."""

from collections.abc import Mapping
from typing import Any

# The copy of a referral that nobody in the team has confirmed is deleted so long after it reached the team's mail
# server, and not before the last warning was sent, so long before that.
UNRECEIVED_DAYS = 35
WARNING_DAYS = 7


def kept_in_words(privacy: Mapping[str, Any]) -> str:
    """Say how long the form keeps what somebody has sent; `privacy` is that part of the service profile."""
    after = f"for {privacy['keep_days']} days after that. Then we delete it from the form’s server."
    if not privacy["receipt"]:
        return f"is kept encrypted until the team’s mail server has accepted it, and {after}"
    return (
        f"is kept encrypted until a member of the team has confirmed that they have it, and {after} "
        f"If nobody confirms it, we remind the team. We delete it {UNRECEIVED_DAYS} days after it reached their mail "
        f"server, or {WARNING_DAYS} days after our last warning to them, if that is later."
    )
