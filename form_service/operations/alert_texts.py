"""The texts of the alerts about incidents."""

from dataclasses import dataclass

from form_service.config.local_time import day_text, local_time
from form_service.crypto import CertificateState

BEGIN_SUBJECT = "The form needs attention"
END_SUBJECT = "A problem with the form is over"


@dataclass(frozen=True)
class IncidentTexts:
    """The texts of the email that reports an incident, and of the email that reports its end."""

    begin_text: str
    end_text: str


_WARNING_NO_LONGER_APPLIES = "The warning about the team's certificate {certificate} no longer applies."
INCIDENT_TEXTS = {
    "store": IncidentTexts(
        "The form is closed, because its database has changed unexpectedly.",
        "The form's database is working again.",
    ),
    "late": IncidentTexts(
        "An email to the team has been waiting for more than an hour.",
        "Emails to the team are no longer delayed by more than an hour.",
    ),
    "refused": IncidentTexts(
        "The mail server has refused an email to the team. The email is safe, and the form will keep trying.",
        "No email to the team is being refused now.",
    ),
    "held": IncidentTexts(
        "An email to the team was sent three times, and the mail server never said that it had been accepted. The "
        "email is safe, but it will not be sent again automatically.",
        "No email to the team is on hold now.",
    ),
    "worker": IncidentTexts(
        "The delivery worker is not running, and emails are waiting to be sent.",
        "The delivery worker is running again, or there is nothing for it to send.",
    ),
    "key-missing": IncidentTexts(
        "Stored emails are encrypted with a key that is not in FORM_SECRET_KEYS.",
        "Every stored email can be decrypted again.",
    ),
    "keys": IncidentTexts(
        "The form is closed, because it cannot encrypt referrals for the team: {problem}.",
        "The form can encrypt referrals for the team again.",
    ),
    "disk": IncidentTexts(
        "The disk that holds the referrals is nearly full.",
        "There is enough disk space again.",
    ),
    "backups": IncidentTexts("No backup has been made for more than an hour.", "Backups are being made again."),
    "certificate-unusable": IncidentTexts(
        "One of the team's certificates cannot be used: {problem} ({certificate}). {consequence}",
        _WARNING_NO_LONGER_APPLIES,
    ),
    "certificate-ends": IncidentTexts(
        "The team's encryption certificate {certificate} expires on {day}. {consequence}",
        _WARNING_NO_LONGER_APPLIES,
    ),
}
STORE_FAILURE_TEXT = "The form is closed, because its database is not responding"
STORE_RECOVERY_TEXT = "The form's database is responding again."
_CANNOT_READ_NEW_REFERRALS = "anyone who uses only this certificate will not be able to read new referrals."
_OPERATOR_ADVICE = (
    "What to do: run `front-door check` on the form's machine, and see the operating guide (guides/operating.md), "
    "which explains this alert."
)
_TEAM_ADVICE = "Tell the person who runs the form."
_FORM_CLOSED_ADVICE = (
    "Until this is fixed, people can only reach you in other ways, such as by phone or email, so please keep an eye "
    "on the phone and the mailbox."
)


def unusable_certificate_text(state: CertificateState, has_other_usable_certificate: bool) -> str:
    """Return the alert about a certificate with which nothing can be encrypted."""
    consequence = (
        f"Until there is a new one, {_CANNOT_READ_NEW_REFERRALS}"
        if has_other_usable_certificate
        else "No other certificate can be used, so the form is closed."
    )
    return INCIDENT_TEXTS["certificate-unusable"].begin_text.format(
        problem=state.problem, certificate=state.fingerprint, consequence=consequence
    )


def expiring_certificate_text(state: CertificateState, has_later_certificate: bool) -> str:
    """Return the alert about a certificate that expires soon.

    `has_later_certificate`: another usable certificate expires later.
    """
    consequence_if_last = "Unless there is a new certificate by then, the form will close on that day."
    return INCIDENT_TEXTS["certificate-ends"].begin_text.format(
        certificate=state.fingerprint,
        day=day_text(local_time(state.expires_at.timestamp()).date()),
        consequence=f"After that, {_CANNOT_READ_NEW_REFERRALS}" if has_later_certificate else consequence_if_last,
    )


def incident_end_text(incident_name: str) -> str:
    """Return the sentence that reports the end of the incident with this name."""
    if incident_name.startswith("certificate-"):
        return _WARNING_NO_LONGER_APPLIES.format(certificate=incident_name.split("-")[1])
    return INCIDENT_TEXTS[incident_name].end_text


def advice_for(is_operator: bool, is_form_closed: bool) -> str:
    """Return what the alert advises its recipient to do. Advice to the team contains no commands."""
    if is_operator:
        return _OPERATOR_ADVICE
    return f"{_TEAM_ADVICE} {_FORM_CLOSED_ADVICE}" if is_form_closed else _TEAM_ADVICE
