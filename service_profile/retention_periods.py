"""The periods for which the form keeps a referral, and the sentence about them on the privacy page."""

from collections.abc import Mapping
from typing import Any

# If nobody in the team confirms a referral, its copy is deleted UNCONFIRMED_KEEP_DAYS after the referral reached the
# team's mail server. The last warning is due WARNING_DAYS before that, and the copy stays until it has been sent.
UNCONFIRMED_KEEP_DAYS = 35
WARNING_DAYS = 7


def retention_sentence(privacy: Mapping[str, Any]) -> str:
    """Return the words after "A form that you have sent", which say how long the form keeps a referral.

    `privacy` is the block extra.service.privacy.
    """
    deletion_text = f"for {privacy['keep_days']} days after that. Then we delete it from the form’s server."
    if not privacy["receipt"]:
        return f"is kept encrypted until the team’s mail server has accepted it, and {deletion_text}"
    return (
        f"is kept encrypted until a member of the team has confirmed that they have it, and {deletion_text} "
        f"If nobody confirms it, we remind the team, and warn them before we delete it. In that case, we delete it "
        f"{UNCONFIRMED_KEEP_DAYS} days after it reached their mail server, or {WARNING_DAYS} days after the warning, "
        f"whichever is later."
    )
