"""The settings of the hosted editor, read once from the environment.

EDITOR_HOST     edit.example.org.uk, for the address https://edit.example.org.uk/; if unset, the editor is local
EDITOR_EMAILS   who may edit: Amina Khan <amina@example.org.uk>, ben@example.org.uk
FORM_SMTP_URL, FORM_SMTP_CA_FILE, FORM_MAIL_FROM   the mail server and the sender, as for the form
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses

from form_service.config import env_file
from form_service.config.settings import (
    SettingsError,
    certificate_bundle_path,
    parse_mail_server,
    require_email_address,
)
from form_service.config.smtp_url import MailServer
from tools.editor.history import Author

HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


@dataclass(frozen=True)
class HostingSettings:
    """The settings of the hosted editor: its host, the people who may edit, and the mail server for sign-in links."""

    host: str
    editors: Mapping[str, Author]  # by email address in lower case
    mail_server: MailServer
    ca_file: str
    sender: str

    @property
    def origin(self) -> str:
        """Return the editor's address without a trailing slash, such as https://edit.example.org.uk."""
        return f"https://{self.host}"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> "HostingSettings | None":
        """Return the settings of the hosted editor, or None if EDITOR_HOST is empty.

        Raises SettingsError if a setting is missing or invalid.
        """
        env = env_file.without_byte_order_mark(env)
        host = env.get("EDITOR_HOST", "").strip().lower()
        if not host:
            return None
        for name, value in env.items():
            if name.startswith(("EDITOR_", "FORM_")) and (problem := env_file.problem(name, value)):
                raise SettingsError(problem)
        if not HOST_NAME.fullmatch(host):
            raise SettingsError("EDITOR_HOST must be a host name and nothing else, such as edit.example.org.uk")
        return cls(
            host=host,
            editors=_editors(_require_setting(env, "EDITOR_EMAILS")),
            mail_server=parse_mail_server("FORM_SMTP_URL", _require_setting(env, "FORM_SMTP_URL")),
            ca_file=certificate_bundle_path(env, "FORM_SMTP_CA_FILE"),
            sender=require_email_address("FORM_MAIL_FROM", _require_setting(env, "FORM_MAIL_FROM")),
        )


def _require_setting(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} must be set when EDITOR_HOST is")
    return value


def _editors(setting: str) -> dict[str, Author]:
    """Return the people in `setting`, the value of EDITOR_EMAILS, by lower-case email address.

    If a person has no name, the part of the address before the @ becomes the name. Raises SettingsError for an invalid
    address.
    """
    editors = {}
    for name, email in getaddresses([setting]):
        require_email_address("EDITOR_EMAILS", email)
        display_name = re.sub(r"[<>\x00-\x1f]", "", name).strip() or email.partition("@")[0]
        editors[email.lower()] = Author(display_name, email)
    return editors
