"""A line of form.env that systemd and Docker Compose would not read alike is reported, but its secret is not."""

import re
from pathlib import Path

import pytest

from form_service.config import env_file
from form_service.config.settings import Settings, SettingsError
from tests.support.production_settings import PRODUCTION_SETTINGS
from tests.support.service_parts import ROOT

SECRET_KEY = PRODUCTION_SETTINGS["FORM_SECRET_KEYS"]


@pytest.mark.parametrize("name", ["FORM_SECRET_KEYS", "FORM_PROXY_SECRET", "FORM_METRICS_TOKEN", "FORM_MAIL_READ_BY"])
@pytest.mark.parametrize("ambiguous_text", ["$x", "${x}", "$", "\\", " #1", "\t#1", "\r1", "\x07"])
def test_a_value_that_systemd_and_compose_parse_differently_is_refused_and_not_printed(
    tmp_path: Path, name: str, ambiguous_text: str
) -> None:
    with pytest.raises(SettingsError) as excinfo:
        Settings.from_environment(PRODUCTION_SETTINGS | {name: f"{SECRET_KEY}{ambiguous_text}1"}, tmp_path)
    text = str(excinfo.value)
    assert text.startswith(f"{name} holds ") and "\n" not in text and SECRET_KEY not in text


@pytest.mark.parametrize("quote", ['"', "'"])
def test_quotation_marks_left_around_a_value_are_reported(tmp_path: Path, quote: str) -> None:
    with pytest.raises(SettingsError, match=r"^FORM_SMTP_URL holds a quotation mark at its start, .*: leave it out$"):
        Settings.from_environment(
            PRODUCTION_SETTINGS | {"FORM_SMTP_URL": f"{quote}smtp://127.0.0.1:25{quote}"}, tmp_path
        )


@pytest.mark.parametrize(
    "invisible_character", ["\u200b", "\u2066", "\u00ad", "\u200d", "\ufe0f", "\u2007", "\u3164", "\U000e0062"]
)
@pytest.mark.parametrize("name", ["FORM_SECRET_KEYS", "FORM_METRICS_TOKEN", "FORM_DATABASE_URL", "FORM_TEAM_EMAIL"])
def test_an_invisible_character_in_a_setting_is_reported_and_creates_no_file(
    tmp_path: Path, name: str, invisible_character: str
) -> None:
    value = {"FORM_DATABASE_URL": "sqlite:///referrals.db", "FORM_TEAM_EMAIL": "team@council.internal"}.get(
        name, SECRET_KEY
    )
    middle_index = len(value) // 2
    with pytest.raises(SettingsError, match=f"^{name} contains an invisible character") as excinfo:
        Settings.from_environment(
            PRODUCTION_SETTINGS | {name: value[:middle_index] + invisible_character + value[middle_index:]}, tmp_path
        )
    assert SECRET_KEY not in str(excinfo.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_may_contain_the_zero_width_joiners_that_its_language_needs(tmp_path: Path) -> None:
    name = "می\u200cخواهم"
    assert Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_MAIL_READ_BY": name}, tmp_path).mail_read_by == name


@pytest.mark.parametrize("value", ["a#b", "a;b", "a`b", "a=b,c", "it's Jo's", 'a"b', "ä", "a(b){c}*~!&|<>^%"])
def test_a_value_that_systemd_and_compose_parse_alike_is_accepted(tmp_path: Path, value: str) -> None:
    assert Settings.from_environment(PRODUCTION_SETTINGS | {"FORM_MAIL_READ_BY": value}, tmp_path).mail_read_by == value


def test_a_percent_encoded_password_can_contain_any_character(tmp_path: Path) -> None:
    environment = PRODUCTION_SETTINGS | {"FORM_SMTP_URL": "smtp://form:%22a%24b%5Cc%20%23d%27@mail.team.gov.uk"}
    assert Settings.from_environment(environment, tmp_path).mail_server.password == "\"a$b\\c #d'"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"FORM_SMTP_URL=smtp://form:pa\\word@mail.team.gov.uk\n",
            r"FORM_SMTP_URL holds a backslash, .*write %5C for it",
        ),
        (b"FORM_SMTP_URL=smtp://form:pa$word@mail.team.gov.uk\n", r"FORM_SMTP_URL holds \$, .*write %24"),
        (b"FORM_SMTP_URL=smtp://form:pa #word@mail.team.gov.uk\n", r"FORM_SMTP_URL holds a # after a space, .*%20%23"),
        (b"FORM_SECRET_KEYS=0123\\456\r\n", "FORM_SECRET_KEYS holds a backslash, .*openssl rand -hex 32"),
        (b'FORM_KEEP_DAYS="7"\n', "FORM_KEEP_DAYS holds a quotation mark at its start, .*leave it out"),
        (b"\xef\xbb\xbfSERVICE_ENV=production\n", "The file begins with a byte order mark"),
        (b"FORM_MAIL_READ_BY=a\xe4b\n", "The file is not UTF-8 text"),
        (b"# one\n\nexport FORM_KEEP_DAYS=7\n", "Line 3 is not of the form NAME=value"),
        (
            b"FORM_KEEP_DAYS=7\n# one\nFORM_KEEP_DAYS=9\n",
            "FORM_KEEP_DAYS is in line 1 and in line 3: delete one of them",
        ),
        (b"; one\nFORM_KEEP_DAYS=7\n", "Line 1 is not of the form NAME=value"),
        (b"FORM_KEEP_DAYS: 7\n", "Line 1 is not of the form NAME=value"),
    ],
)
def test_a_wrong_line_of_form_env_is_reported_without_its_secret(
    tmp_path: Path, data: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "form.env"
    file.write_bytes(data)
    assert env_file.main([str(file)]) == 1
    errors = capsys.readouterr().err
    assert re.fullmatch(f"Error: {message}.*\n", errors) and "word" not in errors and "0123" not in errors


def test_the_example_file_has_no_problems_even_when_saved_on_windows() -> None:
    example_bytes = (ROOT / "deploy/form.env.example").read_bytes()
    assert list(env_file.problems(example_bytes)) == []
    assert list(env_file.problems(example_bytes.replace(b"\n", b"\r\n"))) == []


def test_a_missing_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert env_file.main([str(tmp_path / "form.env")]) == 1
    assert capsys.readouterr().err == f"Error: {tmp_path}/form.env cannot be read: No such file or directory\n"
