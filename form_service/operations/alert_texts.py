"""The words of alerts that do not depend on the incident's details: what to do, and what is over."""

BEGINS = "needs attention"
ENDS = "is working again"

_OVER = {
    "store": "The form's store is in order again.",
    "late": "No referral has been waiting for more than an hour any longer.",
    "refused": "The mail server refuses no referral any longer.",
    "held": "No referral is held any longer.",
    "worker": "The delivery worker is running again, or nothing waits for it.",
    "key-missing": "Every stored email can be decrypted again.",
    "keys": "The form is open again: referrals can be encrypted to the team.",
    "disk": "The disk of the referral store has enough room again.",
    "backups": "Backups are being made again.",
}
STORE_FAILS = "The form is closed, because its store does not answer"
STORE_ANSWERS = "The form's store answers again."
_FOR_THE_OPERATOR = (
    "What to do: run `front-door check` on the form's machine, and see the operating guide (guides/operating.md), "
    "which names this alert."
)
_FOR_THE_TEAM = "Tell the person who runs the form."
_WHILE_CLOSED = "Until then, people can only call or email."


def over_text(incident: str) -> str:
    """Return the sentence that says that an incident is over."""
    if incident.startswith("certificate-"):
        return f"The warning about the team's certificate {incident.split('-')[1]} no longer applies."
    return _OVER[incident]


def advice(is_operator: bool, form_is_closed: bool) -> str:
    """Return what the recipient can do. Alerts to the team name no command."""
    if is_operator:
        return _FOR_THE_OPERATOR
    return f"{_FOR_THE_TEAM} {_WHILE_CLOSED}" if form_is_closed else _FOR_THE_TEAM
