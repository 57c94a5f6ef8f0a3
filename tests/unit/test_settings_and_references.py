"""A wrong setting stops the form from starting. A reference is recognised however it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from form_service.config.settings import Settings, SettingsError
from form_service.referral.reference import ALPHABET, new_reference, parse_reference
from form_service.store import Store
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.service_parts import ROOT


def test_development_needs_no_settings_and_keeps_its_secret_key(tmp_path: Path) -> None:
    first_settings, second_settings = (Settings.from_environment({}, tmp_path) for _ in range(2))
    assert first_settings.secret_keys == second_settings.secret_keys
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert first_settings.smtp_url == "smtp://127.0.0.1:2525" and not first_settings.mail_server.requires_starttls


def test_production_starts_when_every_setting_is_given(tmp_path: Path) -> None:
    settings = Settings.from_environment(PRODUCTION_SETTINGS, tmp_path)
    assert settings.is_production and settings.mail_server.requires_starttls and settings.mail_server.user == "form"
    assert list(tmp_path.iterdir()) == [], "production generates no secret key"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICE_ENV", "live"),
        ("FORM_SECRET_KEYS", ""),
        ("FORM_SECRET_KEYS", "short"),
        ("FORM_SECRET_KEYS", "a" * 40),
        ("FORM_SECRET_KEYS", "change-me-change-me-change-me-change-me"),
        ("FORM_SECRET_KEYS", "0123456789abcdef" * 4 + ",Please-replace-me-with-a-secret-of-yours"),
        ("FORM_SECRET_KEYS", ",".join(["0123456789abcdef" * 4] * 2)),
        ("FORM_DATABASE_URL", "mysql://x/y"),
        ("FORM_DATABASE_URL", "sqlite://"),
        ("FORM_DATABASE_URL", "sqlite:///:memory:"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://:::"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://front_door:PASSWORD@database/front_door"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://front_door:…@database/front_door"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://front_door:changeme@database/front_door"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://form:secret@host:port/form"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://form:secret@host:0/form"),
        ("FORM_SMTP_URL", ""),
        ("FORM_SMTP_URL", "http://mail.team.gov.uk"),
        ("FORM_SMTP_URL", "smtp://mail.team.gov.uk:port"),
        ("FORM_SMTP_URL", "smtp://mail.example.org"),
        ("FORM_SMTP_URL", "smtp://mail.Example.ORG"),
        ("FORM_SMTP_URL", "smtp://apikey#x:secret@mail.team.gov.uk:587"),
        ("FORM_SMTP_URL", "smtp://apikey:x?secret@mail.team.gov.uk:587"),
        ("FORM_SMTP_URL", "smtp://mail.team.gov.uk:587#"),
        ("FORM_SMTP_URL", "smtp://mail.team.gov.uk:587?tls=none"),
        ("FORM_SMTP_URL", "smtp://127.0.0.1:25?tls=required"),
        ("FORM_SMTP_URL", "smtp://form@mail.team.gov.uk"),
        ("FORM_SMTP_URL", "smtp://:secret@mail.team.gov.uk"),
        ("FORM_SMTP_URL", "smtp://form:secret@mail.team.gov.uk:0"),
        ("FORM_SMTP_URL", "smtp://form:pa$word@mail.team.gov.uk"),
        ("FORM_SMTP_URL", "smtp://form:secret@mail..internal:587"),
        *(
            ("FORM_SMTP_URL", f"smtp://form:{password_and_server}")
            for password_and_server in (
                *("secret@1.2.3:587", "secret@127.999.1.1:25", "secret@300.1.1.1:587", "secret@127.1", "secret@0:25"),
                *("secret@[fe80::zz]:587", "secret@[]:587", "secret@2001:db8::1:587", "secret@a.gov.uk,b.gov.uk:587"),
                *("secret@mail.team.gov.uk: 587", "secret@mail.team.gov.uk:5 87", "secret@mail.team.gov.uk:70000"),
                *("sec%0Aret@mail.team.gov.uk", "sec%00ret@mail.team.gov.uk", "sec/ret@mail.team.gov.uk"),
                *("sec[ret@mail.team.gov.uk", "12/ret@mail.team.gov.uk"),
            )
        ),
        ("FORM_ALERT_SMTP_URL", "smtp://form:secret@mail..internal:587"),
        ("FORM_ALERT_SMTP_URL", "smtp://form:pa$word@mail.team.gov.uk"),
        ("FORM_DATABASE_URL", "postgresql+psycopg://form:pa$word@database/form"),
        *(
            ("FORM_DATABASE_URL", f"postgresql+psycopg://form:secret@{host_and_port}/form")
            for host_and_port in ("db..internal", "db.internal,", "d b", "1.2.3", "db:99999", "[::g]")
        ),
        ("FORM_TEAM_EMAIL", "a@team.gov.uk; b@team.gov.uk"),
        *(
            ("FORM_TEAM_EMAIL", email)
            for email in (
                *("a..b@team.gov.uk", ".a@team.gov.uk", "a.@team.gov.uk", "a@-team.gov.uk", "a@team-.gov.uk"),
                *("a@team..gov.uk", "a@team.gov.123", "a@127.0.0.1", f"a@{'x' * 64}.gov.uk", f"{'x' * 65}@team.gov.uk"),
            )
        ),
        ("FORM_KEEP_DAYS", "7,5"),
        ("FORM_RECEIPT", "yes"),
        ("FORM_ATTACHMENT", "xlsx"),
        ("FORM_SMTP_CA_FILE", "/nowhere/ca.pem"),
        ("FORM_SMTP_CA_FILE", str(ROOT / "README.md")),
        ("FORM_SMTP_CA_FILE", str(ROOT / "docs")),
        ("FORM_SMTP_CA_FILE", "/dev/null"),
        ("FORM_MAIL_FROM", "not an address"),
        ("FORM_MAIL_FROM", "form@team.gov.uk\r\nBcc: x@y.zz"),
        ("FORM_MAIL_FROM", "form@example.org.uk"),
        ("FORM_TEAM_EMAIL", ""),
        ("FORM_TEAM_EMAIL", "a@team.gov.uk, b"),
        ("FORM_TEAM_EMAIL", "rj.team@Example.Org"),
        ("FORM_TEAM_CERTIFICATES", "/nowhere/team.pem"),
        ("FORM_TEAM_CERTIFICATES", str(ROOT / "README.md")),
        ("FORM_TEAM_CERTIFICATES", str(ROOT / "docs")),
        ("FORM_NEUTRAL_FROM", "copy@example.org"),
        ("FORM_ALERT_EMAIL", "nobody"),
        ("FORM_ALERT_SMTP_URL", "mail.team.gov.uk"),
        ("FORM_ALERT_SMTP_URL", "smtp://user:password@smtp.example.org:587"),
        ("FORM_ALERT_SMTP_URL", "smtp://user:password@SMTP.example.org:587"),
        ("FORM_ALERT_SMTP_URL", "smtp://user:pass#word@mail.team.gov.uk:587"),
        ("FORM_PROXY_SECRET", "short"),
        ("FORM_METRICS_TOKEN", "short"),
        ("FORM_METRICS_TOKEN", "ü" * 40),
        ("FORM_PROXY_SECRET", "ü" * 40),
        ("FORM_TEAM_CERTIFICATE", "/etc/front-door/team.pem"),
        ("FORM_SMPT_URL", "smtp://mail.team.gov.uk"),
        ("FORM_TEAM_EMAILS", "a@team.gov.uk"),
        ("FORM_SECRET_KEY", "0123456789abcdef"),
        ("FORM_KEEP_DAYS", "-1"),
        ("FORM_KEEP_DAYS", "a week"),
        ("FORM_TRUSTED_PROXIES", "all"),
        ("FORM_LANGUAGES", "English"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as excinfo:
        Settings.from_environment(PRODUCTION_SETTINGS | {name: value}, tmp_path)
    text = str(excinfo.value)
    assert text.startswith(name) and "\n" not in text
    assert "secret@" not in text


def test_other_programs_variables_and_repeated_languages_are_accepted(tmp_path: Path) -> None:
    other_variables = {
        "FORM_SERVER": "https://form.team.gov.uk",
        "FORM_PORT": "tcp://10.0.0.1:80",
        "FORM_SERVICE_HOST": "10.0.0.1",
        "FORM_ENVIROMENT": "no setting begins so: the nearest is SERVICE_ENV",
    }
    settings = Settings.from_environment(
        PRODUCTION_SETTINGS | other_variables | {"FORM_LANGUAGES": "cy,en,cy"}, tmp_path
    )
    assert settings.languages == ("cy", "en")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("[2001:db8::1]:587", "2001:db8::1"),
        ("[fe80::1%25eth0]:587", "fe80::1%eth0"),
        ("192.0.2.7", "192.0.2.7"),
        ("mail.team.gov.uk.:587", "mail.team.gov.uk."),
        ("mail_relay:25", "mail_relay"),
    ],
)
def test_a_mail_server_can_have_any_valid_host_name_or_ip_address(tmp_path: Path, address: str, host: str) -> None:
    environment = PRODUCTION_SETTINGS | {"FORM_SMTP_URL": f"smtp://form:secret@{address}"}
    assert Settings.from_environment(environment, tmp_path).mail_server.host == host


@pytest.mark.parametrize("byte_order_mark", ["\ufeff", "\udcef\udcbb\udcbf"])
def test_a_production_settings_file_saved_on_windows_is_read_correctly(tmp_path: Path, byte_order_mark: str) -> None:
    environment = {name: f"{value}\r" for name, value in PRODUCTION_SETTINGS.items()}
    environment[f"{byte_order_mark}SERVICE_ENV"] = environment.pop("SERVICE_ENV")
    settings = Settings.from_environment(environment, tmp_path)
    assert settings.is_production and settings.team_email == ("referrals@team.gov.uk",)
    assert settings.mail_server.password == "secret" and settings.secret_keys == (
        PRODUCTION_SETTINGS["FORM_SECRET_KEYS"],
    )


def test_a_percent_encoded_dollar_sign_in_a_password_is_decoded(tmp_path: Path) -> None:
    environment = PRODUCTION_SETTINGS | {"FORM_SMTP_URL": "smtp://form:pa%24word@mail.team.gov.uk"}
    assert Settings.from_environment(environment, tmp_path).mail_server.password == "pa$word"


def test_a_team_address_listed_twice_gets_each_referral_once(tmp_path: Path) -> None:
    addresses = "one@team.gov.uk, Two@team.gov.uk,ONE@TEAM.gov.uk,two@team.gov.uk"
    settings = Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_TEAM_EMAIL": addresses}, tmp_path)
    assert settings.team_email == ("one@team.gov.uk", "Two@team.gov.uk")


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("smtp://api%23key:x%3Fy%40z@mail.team.gov.uk", "api#key", "x?y@z"),
        ("smtp://mail.team.gov.uk:25", "", ""),
        ("smtp://127.0.0.1:25?tls=starttls", "", ""),
        ("smtps://form:secret@mail.team.gov.uk", "form", "secret"),
    ],
)
def test_a_mail_login_may_have_special_characters_or_be_left_out(
    tmp_path: Path, url: str, user: str, password: str
) -> None:
    server = Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_SMTP_URL": url}, tmp_path).mail_server
    assert (server.user, server.password) == (user, password)


def test_a_wrong_setting_prevents_the_start_with_one_line_and_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "form_service", "deliver"]
    process = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "FORM_KEEP_DAYS": "many"}, capture_output=True, text=True
    )
    assert process.returncode == 1
    assert process.stderr == "Error: FORM_KEEP_DAYS must be a whole number from 0 to 365\n"


def test_a_database_file_that_cannot_be_created_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path}/file/referrals.db"
    settings = Settings.from_environment({"FORM_DATABASE_URL": url}, tmp_path)
    with pytest.raises(SettingsError, match=r"^FORM_DATABASE_URL names a file that cannot be made: .*/referrals\.db"):
        Store.open(settings)


@given(st.integers(min_value=0, max_value=6), st.sampled_from(ALPHABET))
def test_one_wrong_character_in_a_reference_is_detected(position: int, character: str) -> None:
    reference = new_reference().replace("-", "")
    mistyped_reference = reference[:position] + character + reference[position + 1 :]
    assert (parse_reference(mistyped_reference) is None) == (mistyped_reference != reference)


def test_references_are_recognised_however_they_are_typed() -> None:
    for _ in range(200):
        reference = new_reference()
        for typed_text in (
            reference,
            reference.lower(),
            reference.replace("-", " "),
            reference.replace("-", ""),
            f"  {reference} ",
        ):
            assert parse_reference(typed_text) == reference
        assert parse_reference(reference.replace("0", "o").replace("1", "l")) == reference
        assert parse_reference(reference.replace("1", "I")) == reference
        pasted_text = f"\u2068{reference[:3]}\u200b{reference[3:]}\u2069\ufe0f"
        assert parse_reference(pasted_text) == reference


@pytest.mark.parametrize("typed_text", ["", "7KQ4", "7KQ4-M2X6-1", "UUUU-UUUU", "７KQ4-M2X6", "x" * 10_000])
def test_an_invalid_reference_is_not_recognised(typed_text: str) -> None:
    assert parse_reference(typed_text) is None
