"""Make settings, stores, sealed referrals and processes of the form service for the tests of delivery."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import NoReturn

from flask import Flask

from form_service.config.settings import Settings
from form_service.crypto import Sealer
from form_service.mail.message import to_bytes
from form_service.referral.reference import new_reference
from form_service.store import Store, StoreUnavailable
from form_service.store.referrals import NewEmail, NewReferral

ROOT = Path(__file__).resolve().parent.parent.parent
TEAM_EMAILS = ("one@team.example", "two@team.example")
SECRET = "only-for-the-tests-" + "abcdefgh" * 4
HOUR = timedelta(hours=1)
METRICS_TOKEN = "metrics-token-for-the-tests-only-1234"
SAFETY_NOTE = "Sam would like a call after 5pm, but not on Tuesdays; say nothing to Alex."


class Clock:
    """A clock that a test sets, in seconds since 1970."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Advance the clock by `seconds`, which may be negative."""
        self.now += seconds


def settings_of(folder: Path, **environment: str) -> Settings:
    """Return development settings of a service that keeps all of its files in `folder`."""
    values = {
        "FORM_SECRET_KEYS": SECRET,
        "FORM_TEAM_EMAIL": TEAM_EMAILS[0],
        "FORM_MAIL_FROM": "form@service.example",
        "FORM_NEUTRAL_FROM": "copy@service.example",
        "FORM_BACKUP_FOLDER": str(folder / "no-backups"),
    }
    return Settings.from_environment(values | environment, instance=folder)


@dataclass
class ServiceParts:
    """The settings, sealer and store of a form service, without its web application."""

    settings: Settings
    sealer: Sealer
    store: Store

    def compose_email(self, reference: str, text: str = SAFETY_NOTE) -> EmailMessage:
        """Return an email to the team with `reference` in its subject, as the form would compose it."""
        message = EmailMessage()
        message["From"] = self.settings.mail_from
        message["To"] = ", ".join(self.settings.team_email)
        message["Subject"] = f"Referral {reference}"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain="service.example")
        message.set_content(text, cte="quoted-printable")
        return message

    def referral(self, text: str = SAFETY_NOTE, copy_to: str = "", submission_id: str = "") -> NewReferral:
        """Return a sealed referral that the store can accept.

        With `copy_to`, it includes a copy to this address. `submission_id` is by default a random one.
        """
        reference = new_reference()
        email = self.compose_email(reference, text)
        sealed_email = self.sealer.seal_for_team(to_bytes(email))
        new_emails = [
            NewEmail("team", email["Message-ID"], sealed_email.key_id, sealed_email.sealed, self.settings.team_email)
        ]
        if copy_to:
            email_copy = self.compose_email(reference, f"Your reference is {reference}.")
            del email_copy["To"]
            email_copy["To"] = copy_to
            sealed_copy = self.sealer.seal_at_rest(to_bytes(email_copy))
            new_emails.append(
                NewEmail("neutral", email_copy["Message-ID"], sealed_copy.key_id, sealed_copy.sealed, ("",))
            )
        return NewReferral(submission_id or secrets.token_hex(16), reference, "harmed", "en", tuple(new_emails))

    def accept(self, **details: str) -> str:
        """Accept a referral; return its reference. `details` are arguments of `referral`."""
        return self.store.referrals.accept(self.referral(**details)).reference

    def withdrawal_notice(self, reference: str) -> NewEmail:
        """Return the sealed email that tells the team of a withdrawal."""
        email = self.compose_email(reference, "Withdrawn.")
        sealed_email = self.sealer.seal_for_team(to_bytes(email))
        return NewEmail(
            "withdrawn", email["Message-ID"], sealed_email.key_id, sealed_email.sealed, self.settings.team_email
        )


def parts_of(settings: Settings, clock: Callable[[], float] | None = None) -> ServiceParts:
    """Open the store of a service with these settings; return the settings, a sealer and the store."""
    return ServiceParts(settings, Sealer.from_settings(settings), Store.open(settings, clock))


def parts_of_app(app: Flask) -> ServiceParts:
    """Return the settings, sealer and store of a form application."""
    context = app.extensions["form_service"]
    return ServiceParts(context.settings, context.sealer, context.store)


def raise_unavailable(*_: object, **__: object) -> NoReturn:
    """Raise StoreUnavailable, as each call to the store does while the database cannot be reached."""
    raise StoreUnavailable("gone")


def environment_of(settings: Settings, **extra_environment: str) -> dict[str, str]:
    """Return this process's environment with these settings in place of its own, for a separate process."""
    values = {name: value for name, value in os.environ.items() if not name.startswith(("FORM_", "SERVICE_"))}
    return values | {
        "PYTHONPATH": str(ROOT),
        "FORM_SECRET_KEYS": ",".join(settings.secret_keys),
        "FORM_DATABASE_URL": settings.database_url,
        "FORM_SMTP_URL": settings.smtp_url,
        "FORM_SMTP_CA_FILE": settings.smtp_ca_file,
        "FORM_TEAM_EMAIL": ",".join(settings.team_email),
        "FORM_MAIL_FROM": settings.mail_from,
        "FORM_NEUTRAL_FROM": settings.neutral_from,
        "FORM_BACKUP_FOLDER": str(settings.backup_folder),
        **extra_environment,
    }


def start_flask(settings: Settings, *arguments: str, cwd: Path, **extra_environment: str) -> subprocess.Popen[str]:
    """Start a Flask command of the form service in a separate process.

    Its output can be read from `stdout`.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "form_service", *arguments],
        cwd=cwd,
        env=environment_of(settings, **extra_environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read the process's output until a line matches `pattern`; return the match. Fails if the process ends first."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"the process ended without printing {pattern}:\n{''.join(lines)}")


@contextmanager
def running_flask(
    settings: Settings, *arguments: str, cwd: Path, **extra_environment: str
) -> Iterator[subprocess.Popen[str]]:
    """Run a Flask command of the form service during the block.

    At the end, send SIGTERM, and SIGKILL if the process is still running 15 seconds later.
    """
    process = start_flask(settings, *arguments, cwd=cwd, **extra_environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
