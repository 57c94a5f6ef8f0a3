"""Settings that production accepts: no sample among them, and nothing that leads anywhere."""

PRODUCTION = {
    "SERVICE_ENV": "production",
    "FORM_SECRET_KEYS": "0123456789abcdef" * 4,
    "FORM_SMTP_URL": "smtp://form:secret@mail.team.gov.uk:587",
    "FORM_MAIL_FROM": "form@team.gov.uk",
    "FORM_TEAM_EMAIL": "referrals@team.gov.uk",
}
