"""With a mistake in mkdocs.yml, every command ends with a clear message and publishes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from form_service.app import UnusableProfile, create_app
from leaflet import build as leaflets
from service_profile import profile
from service_profile.profile import MKDOCS_YML
from tests.support.service_parts import ROOT, SECRET, settings_of
from tools.content import check_pages, new_service
from tools.dev.live_site import LiveSite
from tools.publish import build, nginx

pytestmark = pytest.mark.long


MISTAKES = {
    "a list as one text": (
        "post_address: []",
        "post_address: 1 High Street",
        "extra.service.post_address must be a list",
    ),
    "a colour without quotes": ('accent: "#0f5156"', "accent: #0f5156", "extra.service.look.light.accent is empty"),
    "an unknown placeholder": (
        "{value} in {of} people",
        "{percent}% of people",
        "extra.service.statistics.happy.wording",
    ),
    "helplines: none": (
        "    helplines:\n",
        "    helplines: none\n    other:\n",
        "extra.service.helplines must be a block",
    ),
    "a line that is no YAML": ("    area: ", "    area: Kent: ", "mkdocs.yml, line "),
    "a sub-path": (
        "site_url: https://restorative.example.org.uk/",
        "site_url: https://a.example.org.uk/rj/",
        "site_url must not have anything after the host's name: write it like https://a.example.org.uk/",
    ),
}


@pytest.fixture(params=MISTAKES.values(), ids=MISTAKES)
def expected_message(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make `load()` read a mkdocs.yml with a mistake; return the expected error message."""
    old_text, new_text, message = request.param
    text = MKDOCS_YML.read_text(encoding="utf-8")
    assert old_text in text
    config = tmp_path / "mkdocs.yml"
    config.write_text(text.replace(old_text, new_text), encoding="utf-8")
    monkeypatch.setattr(profile.load, "__defaults__", (config, False))
    return message


def test_the_build_reports_a_mistake_in_mkdocs_yml_and_leaves_the_published_site_alone(
    expected_message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("as it was")
    monkeypatch.setattr(build, "SITE", site)
    assert build.main() == 1
    assert expected_message in capsys.readouterr().err
    assert [path.name for path in site.iterdir()] == ["index.html"]


def test_the_leaflet_build_reports_a_mistake_in_mkdocs_yml_and_makes_no_leaflet(
    expected_message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(leaflets, "ROOT", tmp_path)
    assert leaflets.main() == 1
    assert expected_message in capsys.readouterr().err
    assert not (tmp_path / "docs").exists()


def test_the_nginx_command_reports_a_mistake_in_mkdocs_yml_and_writes_no_file(
    expected_message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(nginx.configuration, "__defaults__", (tmp_path,))
    assert nginx.main(["--containers", "--to", str(tmp_path / "front-door.conf")]) == 1
    assert expected_message in capsys.readouterr().err
    assert not (tmp_path / "front-door.conf").exists()


def test_the_form_reports_a_mistake_in_mkdocs_yml_and_does_not_start(expected_message: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableProfile) as excinfo:
        create_app(settings_of(tmp_path))
    assert expected_message in excinfo.value.message and excinfo.value.exit_code == 1


def test_the_check_of_the_pages_reports_a_mistake_in_mkdocs_yml(
    expected_message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_pages.main() == 1
    assert expected_message in capsys.readouterr().out


def test_the_new_service_command_reports_a_mistake_in_mkdocs_yml_and_changes_nothing(
    expected_message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, answers_file = tmp_path / "mkdocs.yml", tmp_path / "answers.yml"
    answers_file.write_text('phone: "01632 960555"')
    old_bytes = file.read_bytes()
    assert new_service.main(["--file", str(file), "--answers", str(answers_file)]) == 1
    assert expected_message in capsys.readouterr().err
    assert file.read_bytes() == old_bytes


def test_the_live_site_shows_a_mistake_in_mkdocs_yml_instead_of_the_page(expected_message: str, tmp_path: Path) -> None:
    site = LiveSite(tmp_path)
    site.refresh()
    assert site.problem and expected_message in site.problem and "Traceback" not in site.problem


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "leaflet.build"),
        ("-m", "tools.publish.build"),
        ("-m", "tools.content.check_pages"),
        ("-m", "flask", "--app", "form_service", "check"),
        ("-m", "flask", "--app", "form_service", "deliver", "--once"),
        ("-m", "flask", "--app", "form_service", "outbox", "list"),
    ],
    ids=lambda command: " ".join(command),
)
@pytest.mark.parametrize(
    ("old_text", "new_text", "message"),
    [
        ("phone: 01632 960123", "phone: call us", "extra.service.phone is not a phone number"),
        MISTAKES["a sub-path"],
    ],
    ids=["a phone number", "a sub-path"],
)
def test_each_command_reports_a_mistake_in_mkdocs_yml_without_a_traceback(
    command: tuple[str, ...], tmp_path: Path, old_text: str, new_text: str, message: str
) -> None:
    config = tmp_path / "mkdocs.yml"
    text = MKDOCS_YML.read_text(encoding="utf-8")
    assert old_text in text
    config.write_text(text.replace(old_text, new_text), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "MKDOCS_CONFIG": str(config), "FORM_SECRET_KEYS": SECRET}
    process = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 1
    output = process.stdout + process.stderr
    assert f"mkdocs.yml: {message}" in output
    assert "Traceback" not in output
