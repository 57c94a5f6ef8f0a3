"""A line of form.env that systemd and Compose would parse differently is reported when the form starts."""

import re
from pathlib import Path

import pytest

from form_service.config import env_file
from form_service.config.settings import Settings, SettingsError
from tests.support.production_settings import PRODUCTION
from tests.support.service_parts import ROOT

KEY = PRODUCTION["FORM_SECRET_KEYS"]


@pytest.mark.parametrize("name", ["FORM_SECRET_KEYS", "FORM_PROXY_SECRET", "FORM_METRICS_TOKEN", "FORM_MAIL_READ_BY"])
@pytest.mark.parametrize("odd", ["$x", "${x}", "$", "\\", " #1", "\t#1", "\r1", "\x07"])
def test_a_value_that_systemd_and_compose_read_differently_stops_the_start_and_is_not_shown(
    tmp_path: Path, name: str, odd: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(PRODUCTION | {name: f"{KEY}{odd}1"}, tmp_path)
    text = str(caught.value)
    assert text.startswith(f"{name} holds ") and "\n" not in text and KEY not in text


@pytest.mark.parametrize("mark", ['"', "'"])
def test_quotation_marks_that_were_not_taken_away_are_named(tmp_path: Path, mark: str) -> None:
    with pytest.raises(SettingsError, match=r"^FORM_SMTP_URL holds a quotation mark at its start, .*: leave it out$"):
        Settings.from_environment(PRODUCTION | {"FORM_SMTP_URL": f"{mark}smtp://127.0.0.1:25{mark}"}, tmp_path)


@pytest.mark.parametrize(
    "invisible", ["\u200b", "\u2066", "\u00ad", "\u200d", "\ufe0f", "\u2007", "\u3164", "\U000e0062"]
)
@pytest.mark.parametrize("name", ["FORM_SECRET_KEYS", "FORM_METRICS_TOKEN", "FORM_DATABASE_URL", "FORM_TEAM_EMAIL"])
def test_an_invisible_character_is_named_and_makes_no_other_key_file_or_address(
    tmp_path: Path, name: str, invisible: str
) -> None:
    value = {"FORM_DATABASE_URL": "sqlite:///referrals.db", "FORM_TEAM_EMAIL": "team@council.internal"}.get(name, KEY)
    middle = len(value) // 2
    with pytest.raises(SettingsError, match=f"^{name} contains an invisible character") as caught:
        Settings.from_environment(PRODUCTION | {name: value[:middle] + invisible + value[middle:]}, tmp_path)
    assert KEY not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_words_may_hold_what_a_script_needs(tmp_path: Path) -> None:
    words = "می\u200cخواهم"
    assert Settings.from_environment(PRODUCTION | {"FORM_MAIL_READ_BY": words}, tmp_path).mail_read_by == words


@pytest.mark.parametrize("word", ["a#b", "a;b", "a`b", "a=b,c", "it's Jo's", 'a"b', "ä", "a(b){c}*~!&|<>^%"])
def test_a_value_that_both_read_alike_is_accepted(tmp_path: Path, word: str) -> None:
    assert Settings.from_environment(PRODUCTION | {"FORM_MAIL_READ_BY": word}, tmp_path).mail_read_by == word


def test_a_password_can_hold_any_character_when_it_is_written_as_the_line_says(tmp_path: Path) -> None:
    written = PRODUCTION | {"FORM_SMTP_URL": "smtp://form:%22a%24b%5Cc%20%23d%27@mail.team.gov.uk"}
    assert Settings.from_environment(written, tmp_path).smtp.password == "\"a$b\\c #d'"


@pytest.mark.parametrize(
    ("data", "line"),
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
        (b"FORM_KEEP_DAYS: 7\n", "Line 1 is not of the form NAME=value"),
    ],
)
def test_a_line_of_the_file_is_named_before_anything_has_read_it(
    tmp_path: Path, data: bytes, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "form.env"
    file.write_bytes(data)
    assert env_file.main([str(file)]) == 1
    errors = capsys.readouterr().err
    assert re.fullmatch(f"Error: {line}.*\n", errors) and "word" not in errors and "0123" not in errors


def test_the_example_and_a_file_saved_on_windows_are_as_they_should_be(tmp_path: Path) -> None:
    example = (ROOT / "deploy/form.env.example").read_bytes()
    assert list(env_file.problems(example)) == []
    assert list(env_file.problems(example.replace(b"\n", b"\r\n"))) == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert env_file.main([str(tmp_path / "form.env")]) == 1
    assert capsys.readouterr().err == f"Error: {tmp_path}/form.env cannot be read: No such file or directory\n"
