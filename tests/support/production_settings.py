"""Settings that production accepts: no sample values, and no real addresses."""

import re
from pathlib import Path

PRODUCTION_SETTINGS = {
    "SERVICE_ENV": "production",
    "FORM_SECRET_KEYS": "0123456789abcdef" * 4,
    "FORM_SMTP_URL": "smtp://form:secret@mail.team.gov.uk:587",
    "FORM_MAIL_FROM": "form@team.gov.uk",
    "FORM_TEAM_EMAIL": "referrals@team.gov.uk",
}


def set_in_file(file: Path, **settings: str) -> None:
    """Change settings in a settings file; fail unless the file contains each of them exactly once."""
    text = file.read_text()
    for name, value in settings.items():
        text, count = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        assert count == 1, name
    file.write_text(text)
