"""The form service's settings, which are read from the environment and checked once, when a process starts."""

import contextlib
import os
import re
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from click import ClickException
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from form_service.config import certificate_file, env_file
from form_service.config.host_name import MAX_PORT, is_host
from form_service.config.smtp_url import LOOPBACK_PATTERN, MailServer, parse_smtp_url, without_duplicates
from service_profile.validation import SAMPLE_PATTERN

MIN_SECRET_LENGTH = 32
# Deliberately narrow: every mail server must accept what the operator types here.
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL_ADDRESS_PATTERN = re.compile(rf"(?=.{{1,64}}@){_ATOM}(\.{_ATOM})*@({_LABEL}\.)+(?![0-9]+\Z){_LABEL}")

# Typical sample secrets, in this project and elsewhere.
SAMPLE_SECRET_PATTERN = re.compile(r"change[-_ ]?(me|this|it)|replace[-_ ]?(me|this|it)|placeholder", re.IGNORECASE)

# Where front-door-backup.service writes, every 15 minutes.
DEFAULT_BACKUP_FOLDER = "/var/backups/front-door"


class SettingsError(ClickException, ValueError):
    """Raised if a setting is invalid. Its one-line message names the variable and says what to do.

    As a ClickException, it ends any command with that line and exit status 1.
    """


@dataclass(frozen=True)
class Settings:
    """The operator's settings, named after their FORM_ variables, except `environment`, which is SERVICE_ENV."""

    environment: str
    secret_keys: tuple[str, ...]
    database_url: str
    smtp_url: str
    smtp_ca_file: str
    mail_from: str
    team_email: tuple[str, ...]
    team_certificates: tuple[Path, ...]
    neutral_from: str
    alert_email: str
    alert_smtp_url: str
    mail_read_by: str
    receipt: bool
    attachment: str
    proxy_secret: str
    metrics_token: str
    keep_days: int
    backup_folder: Path
    trusted_proxies: int
    languages: tuple[str, ...]

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def mail_server(self) -> MailServer:
        """Return the mail server that FORM_SMTP_URL describes."""
        return parse_mail_server("FORM_SMTP_URL", self.smtp_url)

    @property
    def alert_mail_server(self) -> MailServer | None:
        """Return the mail server for alerts, or None if alerts use FORM_SMTP_URL."""
        return parse_mail_server("FORM_ALERT_SMTP_URL", self.alert_smtp_url) if self.alert_smtp_url else None

    def __repr__(self) -> str:
        """Return a text without the secrets, which must not reach a log."""
        return f"Settings(environment={self.environment!r})"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None, instance: Path = Path("instance")) -> "Settings":
        """Read the settings from `env`, by default this process's environment.

        The folder `instance` holds the default database and, in development, a generated key. Raises SettingsError if a
        setting is invalid.
        """
        values = env_file.without_byte_order_mark(os.environ if env is None else env)
        for name, value in values.items():
            if name.startswith("FORM_") and (problem := env_file.problem(name, value)):
                raise SettingsError(problem)
            if (
                name.startswith("FORM_")
                and value.strip()
                and (problem := env_file.misspelling_message(name, cls._variable_names()))
            ):
                raise SettingsError(problem)
        environment = values.get("SERVICE_ENV", "").strip() or "development"
        if environment not in ("development", "production"):
            raise SettingsError("SERVICE_ENV must be development or production")
        reader = _EnvironmentReader(values, environment == "production")
        settings = cls(
            environment=environment,
            secret_keys=reader.secret_keys("FORM_SECRET_KEYS", instance),
            database_url=reader.database_url("FORM_DATABASE_URL", instance),
            smtp_url=reader.required("FORM_SMTP_URL", "smtp://127.0.0.1:2525"),
            smtp_ca_file=certificate_bundle_path(values, "FORM_SMTP_CA_FILE"),
            mail_from=require_email_address("FORM_MAIL_FROM", reader.required("FORM_MAIL_FROM", "form@example.org.uk")),
            team_email=without_duplicates(
                require_email_address("FORM_TEAM_EMAIL", address)
                for address in _split_at_commas(reader.required("FORM_TEAM_EMAIL", "rj.team@example.org.uk"))
            ),
            team_certificates=tuple(Path(path) for path in reader.comma_separated("FORM_TEAM_CERTIFICATES")),
            neutral_from=reader.optional_email("FORM_NEUTRAL_FROM"),
            alert_email=reader.optional_email("FORM_ALERT_EMAIL"),
            alert_smtp_url=reader.text("FORM_ALERT_SMTP_URL"),
            mail_read_by=reader.text("FORM_MAIL_READ_BY"),
            receipt=reader.choice("FORM_RECEIPT", "on", "off") == "on",
            attachment=reader.choice("FORM_ATTACHMENT", "none", "json", "csv"),
            proxy_secret=reader.secret("FORM_PROXY_SECRET"),
            metrics_token=reader.secret("FORM_METRICS_TOKEN"),
            keep_days=reader.number("FORM_KEEP_DAYS", 7, 0, 365),
            backup_folder=Path(reader.text("FORM_BACKUP_FOLDER") or DEFAULT_BACKUP_FOLDER),
            trusted_proxies=reader.number("FORM_TRUSTED_PROXIES", 0, 0, 10),
            languages=reader.languages("FORM_LANGUAGES"),
        )
        for problem in settings._problems():
            raise SettingsError(problem)
        return settings

    @classmethod
    def _variable_names(cls) -> list[str]:
        """Return the name of each setting's FORM_ variable."""
        return [f"FORM_{field.name.upper()}" for field in fields(cls) if field.name != "environment"]

    def _problems(self) -> Iterator[str]:
        if not self.team_email:
            yield "FORM_TEAM_EMAIL names no email address"
        _ = self.mail_server, self.alert_mail_server  # raises SettingsError for a URL that is not valid
        for path in self.team_certificates:
            if (problem := certificate_file.problem(path)) is not None:
                yield f"FORM_TEAM_CERTIFICATES names a file {problem}"
        if self.is_production:
            yield from self._sample_problems()

    def _sample_problems(self) -> Iterator[str]:
        values = {
            "FORM_SMTP_URL": self.mail_server.host if not LOOPBACK_PATTERN.fullmatch(self.mail_server.host) else "",
            "FORM_MAIL_FROM": self.mail_from,
            "FORM_TEAM_EMAIL": ",".join(self.team_email),
            "FORM_NEUTRAL_FROM": self.neutral_from,
            "FORM_ALERT_EMAIL": self.alert_email,
            "FORM_ALERT_SMTP_URL": self.alert_mail_server.host if self.alert_mail_server else "",
        }
        for name, value in values.items():
            if SAMPLE_PATTERN.search(value):
                yield f"{name} is still a sample: {value}"
        if any(SAMPLE_SECRET_PATTERN.search(key) for key in self.secret_keys):
            yield "FORM_SECRET_KEYS is still a placeholder; make a key with: openssl rand -hex 32"
        password = str(make_url(self.database_url).password or "")
        if password.lower() in ("password", "…", "...") or SAMPLE_SECRET_PATTERN.search(password):
            yield "FORM_DATABASE_URL still holds a placeholder for the password"


@dataclass(frozen=True)
class _EnvironmentReader:
    """A reader of environment variables, with a method for each kind of value.

    A method raises SettingsError if the value is not valid for that kind.
    """

    values: Mapping[str, str]
    is_production: bool

    def text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def comma_separated(self, name: str) -> tuple[str, ...]:
        return tuple(_split_at_commas(self.text(name)))

    def required(self, name: str, sample: str) -> str:
        """Return the variable's value. If it is empty, return `sample` or, in production, raise SettingsError."""
        if self.is_production and not self.text(name):
            raise SettingsError(f"{name} must be set in production")
        return self.text(name) or sample

    def optional_email(self, name: str) -> str:
        return require_email_address(name, self.text(name)) if self.text(name) else ""

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        value = self.text(name) or str(default)
        if not re.fullmatch(r"[0-9]{1,6}", value) or not minimum <= int(value) <= maximum:
            raise SettingsError(f"{name} must be a whole number from {minimum} to {maximum}")
        return int(value)

    def choice(self, name: str, *allowed_values: str) -> str:
        """Return the value, or the first allowed value if it is empty. Raises SettingsError if it is not allowed."""
        value = self.text(name).lower() or allowed_values[0]
        if value not in allowed_values:
            raise SettingsError(f"{name} must be one of: {', '.join(allowed_values)}")
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if value and self.is_production and len(value) < MIN_SECRET_LENGTH:
            raise SettingsError(f"{name} must be {MIN_SECRET_LENGTH} characters or longer")
        if not value.isascii():
            raise SettingsError(f"{name} holds characters beyond ASCII; use one that openssl rand -hex 32 prints")
        return value

    def languages(self, name: str) -> tuple[str, ...]:
        languages = self.comma_separated(name) or ("en",)
        for language in languages:
            if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", language):
                raise SettingsError(f"{name} holds what is not a language code: {language!r}")
        return tuple(dict.fromkeys(languages))

    def database_url(self, name: str, instance: Path) -> str:
        url = self.text(name) or f"sqlite:///{instance / 'referrals.db'}"
        is_sqlite_file = re.match(r"sqlite:///.", url) and ":memory:" not in url and "?" not in url
        if not is_sqlite_file and not url.startswith("postgresql+psycopg://"):
            raise SettingsError(f"{name} must start with sqlite:/// and name a file, or with postgresql+psycopg://")
        try:
            parts = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise SettingsError(f"{name} is not postgresql+psycopg://user:password@host:port/name") from error
        if not all(map(is_host, (parts.host or "localhost").split(","))):
            raise SettingsError(f"{name} names a host that is not a host name")
        if parts.port is not None and not 1 <= parts.port <= MAX_PORT:
            raise SettingsError(f"{name} names a port that is not a number from 1 to {MAX_PORT}")
        return url

    def secret_keys(self, name: str, instance: Path) -> tuple[str, ...]:
        keys = self.comma_separated(name)
        if not keys and self.is_production:
            raise SettingsError(f"{name} must be set in production")
        keys = keys or (_development_key(instance / "secret-key"),)
        if any(len(key) < MIN_SECRET_LENGTH for key in keys):
            raise SettingsError(f"{name} holds a key shorter than {MIN_SECRET_LENGTH} characters")
        if any(len(set(key)) < 8 for key in keys):
            raise SettingsError(f"{name} holds a key that is too easy to guess; make one with: openssl rand -hex 32")
        if len(set(keys)) < len(keys):
            raise SettingsError(f"{name} holds the same key twice")
        return keys


def _split_at_commas(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def require_email_address(name: str, value: str) -> str:
    """Return `value` if it is an email address. Otherwise raise SettingsError about the setting `name`."""
    if not EMAIL_ADDRESS_PATTERN.fullmatch(value):
        raise SettingsError(f"{name} is not an email address: {value!r}")
    return value


def certificate_bundle_path(env: Mapping[str, str], name: str) -> str:
    """Return the file path in the setting `name`, or "" if the setting is empty.

    Raises SettingsError if the file cannot be read or holds no certificate.
    """
    value = env.get(name, "").strip()
    try:
        if value:
            ssl.create_default_context(cafile=value)
    except ssl.SSLError as error:
        raise SettingsError(f"{name} names a file without certificates: {value}") from error
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name} names a file that cannot be read: {value}") from error
    return value


def parse_mail_server(name: str, url: str) -> MailServer:
    """Return the mail server that `url` names. Raises SettingsError about the setting `name` if the URL is invalid."""
    try:
        return parse_smtp_url(url)
    except ValueError as error:
        raise SettingsError(f"{name} {error}") from error


def _development_key(path: Path) -> str:
    """Return the key in `path`, a file that is created if missing. Raises SettingsError if the file is unusable."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Two processes may start together, so the file must appear complete.
            new_file = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
            new_file.touch(mode=0o600)
            new_file.write_text(secrets.token_hex(32), encoding="ascii")
            with contextlib.suppress(FileExistsError):
                os.link(new_file, path)
            new_file.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"FORM_SECRET_KEYS is not set, and a key cannot be kept in {path}: {error.strerror}"
        ) from error
