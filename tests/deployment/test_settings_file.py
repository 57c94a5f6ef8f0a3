"""Tests that systemd and Docker Compose read every allowed value in form.env alike."""

from pathlib import Path

import pytest

from form_service.config import env_file
from form_service.config.settings import Settings, SettingsError
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.settings_readers import environments_from_compose, environments_from_systemd

pytestmark = pytest.mark.system

SECRET_KEY = PRODUCTION_SETTINGS["FORM_SECRET_KEYS"]
# Passwords as they are typed after the equals sign.
PASSWORDS = (
    *(
        "pa$word",
        "pa${word}x",
        "pa$$word",
        "pass$",
        "pa%24word",
        "pa\\word",
        "pass\\\\",
        "pa%5Cword",
        'pa"word',
        "pa'word",
    ),
    *("pa`word", "pa;word", "pa!word", "pa&word*", "pa{w}(x)", "pa%20%23word", "pa #word"),
)
SECRETS = (
    f"{SECRET_KEY}$abc",
    f"{SECRET_KEY}${{abc}}",
    f"{SECRET_KEY} #abc",
    f"{SECRET_KEY}\t#abc",
    f"{SECRET_KEY}\\abc",
    f'"{SECRET_KEY}"',
    f"  {SECRET_KEY}  ",
)
SETTINGS_AS_TYPED = [
    *(("FORM_SMTP_URL", f"smtp://form:{password}@mail.team.gov.uk:587") for password in PASSWORDS),
    *(("FORM_SMTP_URL", f"{quote}smtp://form:secret@mail.team.gov.uk") for quote in "\"'"),
    *((name, key) for name in ("FORM_SECRET_KEYS", "FORM_PROXY_SECRET", "FORM_METRICS_TOKEN") for key in SECRETS),
    *(("FORM_MAIL_READ_BY", words) for words in ("the team's office, and Jo's", "the café; each day", "Jo #1", "Jo#1")),
    *(("FORM_MAIL_READ_BY", words) for words in ('"Jo" and Al', "A = B")),
]
SETTINGS_BY_CASE = {f"case-{number}": name_and_value for number, name_and_value in enumerate(SETTINGS_AS_TYPED)}


def settings_file_content(settings: dict[str, str]) -> bytes:
    return "".join(f"{name}={value}\n" for name, value in settings.items()).encode()


@pytest.fixture(scope="module")
def unit_file_text(root: Path) -> str:
    return (root / "deploy/systemd/front-door-web.service").read_text()


def settings_or_problem(env: dict[str, str], folder: Path) -> Settings | str:
    """Return the settings that the form reads from `env`, or the message with which it refuses to start."""
    try:
        return Settings.from_environment(env, folder)
    except SettingsError as error:
        return str(error)


def test_systemd_and_compose_read_every_accepted_value_alike(
    tmp_path_factory: pytest.TempPathFactory, unit_file_text: str
) -> None:
    file_contents = {
        case: settings_file_content(PRODUCTION_SETTINGS | {name: value})
        for case, (name, value) in SETTINGS_BY_CASE.items()
    }
    accepted_file_contents = {case: data for case, data in file_contents.items() if not list(env_file.problems(data))}
    assert 10 < len(accepted_file_contents) < len(SETTINGS_BY_CASE) - 10, "both kinds are among the cases"
    systemd_environments = environments_from_systemd(
        tmp_path_factory.mktemp("systemd"), accepted_file_contents, unit_file_text
    )
    compose_environments = environments_from_compose(tmp_path_factory.mktemp("compose"), accepted_file_contents)
    folder = tmp_path_factory.mktemp("instance")
    for case in accepted_file_contents:
        results = [
            settings_or_problem(environments[case], folder)
            for environments in (systemd_environments, compose_environments)
        ]
        assert isinstance(results[0], Settings) and results[0] == results[1], (SETTINGS_BY_CASE[case], results)


def test_a_settings_file_saved_on_windows_works_with_systemd_and_compose(
    tmp_path_factory: pytest.TempPathFactory, unit_file_text: str
) -> None:
    original_bytes = settings_file_content(PRODUCTION_SETTINGS)
    file_contents = {
        "windows": original_bytes.replace(b"\n", b"\r\n"),
        "bom": b"\xef\xbb\xbf" + original_bytes,
        "both": b"\xef\xbb\xbf" + original_bytes.replace(b"\n", b"\r\n"),
    }
    assert original_bytes.startswith(b"SERVICE_ENV="), "the line that systemd drops is the one that matters most"
    systemd_environments = environments_from_systemd(tmp_path_factory.mktemp("systemd"), file_contents, unit_file_text)
    compose_environments = environments_from_compose(tmp_path_factory.mktemp("compose"), file_contents)
    folder = tmp_path_factory.mktemp("instance")
    expected_settings = Settings.from_environment(PRODUCTION_SETTINGS, folder)
    for name in file_contents:
        assert settings_or_problem(systemd_environments[name], folder) == expected_settings, name
        assert settings_or_problem(compose_environments[name], folder) == expected_settings, name
