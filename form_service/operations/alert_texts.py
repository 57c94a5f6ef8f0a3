"""The words of alerts that do not depend on the incident's details: what to do, and what is over."""

BEGINS = "needs attention"
ENDS = "is working again"

_OVER = {
    "store": "The form's database is working again.",
    "late": "All referrals that were delayed have now been sent.",
    "refused": "The mail server is accepting referrals again.",
    "held": "No referrals are on hold now.",
    "worker": "The delivery worker is running again, or there is nothing for it to send.",
    "key-missing": "Every stored email can be decrypted again.",
    "keys": "The form is open again.",
    "disk": "There is enough disk space again.",
    "backups": "Backups are being made again.",
}
STORE_FAILS = "The form is closed, because its database is not responding"
STORE_ANSWERS = "The form's database is responding again."
_FOR_THE_OPERATOR = (
    "What to do: run `front-door check` on the form's machine, and see the operating guide (guides/operating.md), "
    "which names this alert."
)
_FOR_THE_TEAM = "Tell the person who runs the form."
_WHILE_CLOSED = (
    "Until this is fixed, people can only reach you in other ways, such as by phone or email, so please watch the "
    "phone and the mailbox."
)


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
