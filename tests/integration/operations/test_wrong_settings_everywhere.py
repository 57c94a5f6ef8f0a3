"""Every wrong value of a setting is reported in a sentence and never published.

This holds for the build, the form, the command `check` and the editor. In each round, every setting has its next
wrong value, so that a few rounds test all values.
"""

import copy
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from flask.cli import FlaskGroup
from flask.testing import FlaskClient

from form_service.app import UnusableProfile, create_app
from service_profile import fields, profile
from tests.support import project_copy
from tests.support.invalid_settings import CONFIG, rounds_of_invalid_values
from tests.support.service_parts import ROOT, SECRET, settings_of
from tools.editor.app import create_app as create_editor
from tools.editor.project import Project
from tools.editor.workspace import ScratchCopy
from tools.publish import build

pytestmark = pytest.mark.long


# Name of a setting → its path in mkdocs.yml, its field in the editor, and a wrong value.
WrongValues = dict[str, tuple[list[str | int], dict[str, Any], Any]]
JARGON = re.compile(
    r"Traceback|pydantic|validation error|Input should|NoneType|object at 0x|Error:.*Error|site-packages"
)
ALL_ROUNDS = [
    pytest.param(wrong_values, id=f"{'entries' if in_entries else 'settings'}-{number}")
    for in_entries in (False, True)
    for number, wrong_values in enumerate(rounds_of_invalid_values(in_entries))
]


def has_lone_surrogate(value: object) -> bool:
    """Return whether the value contains the surrogate U+D800, which cannot be encoded in UTF-8."""
    return isinstance(value, str) and "\ud800" in value


def configuration(wrong_values: WrongValues) -> bytes:
    """Return the bytes of a mkdocs.yml that contains all the wrong values."""
    config = yaml.safe_load(yaml.dump(CONFIG, Dumper=yaml.CSafeDumper))
    for path, _field, value in wrong_values.values():
        block: Any = config
        for key in path[:-1]:
            block = block.setdefault(key, {}) if isinstance(block, dict) else block[key]
        block[path[-1]] = value
    return yaml.dump(config, Dumper=yaml.CSafeDumper, allow_unicode=True).encode()


def assert_each_setting_is_named(output: str, wrong_values: WrongValues) -> None:
    """Check that each line of the output names a wrong setting in plain words, and that every one is named."""
    lines = [line.split("mkdocs.yml: ", 1)[-1] for line in output.splitlines() if line.strip()]
    for name in wrong_values:
        assert any(line.startswith(name) for line in lines), f"{name} is not named, with {wrong_values[name][2]!r}"
    for line in lines:
        assert line.startswith(tuple(wrong_values)) and len(line.split()) > 3 and len(line) < 900, line
        assert not JARGON.search(line), line


@pytest.fixture
def use_wrong_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[WrongValues], WrongValues]:
    """Return a function that writes wrong values to a mkdocs.yml and makes `load()` read it.

    The function skips values that a file cannot hold, and returns the values that it wrote.
    """

    def write_wrong_values(wrong_values: WrongValues) -> WrongValues:
        values_in_file = {
            name: wrong_value for name, wrong_value in wrong_values.items() if not has_lone_surrogate(wrong_value[2])
        }
        file = tmp_path / "mkdocs.yml"
        file.write_bytes(configuration(values_in_file))
        monkeypatch.setattr(profile.load, "__defaults__", (file, False))
        return values_in_file

    return write_wrong_values


@pytest.mark.parametrize("wrong_values", ALL_ROUNDS)
def test_the_build_names_each_wrong_setting_and_publishes_nothing(
    wrong_values: WrongValues,
    use_wrong_values: Callable[[WrongValues], WrongValues],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    values_in_file = use_wrong_values(wrong_values)
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("as it was")
    monkeypatch.setattr(build, "SITE", site)
    assert build.main() == 1
    assert_each_setting_is_named(capsys.readouterr().err, values_in_file)
    assert [path.read_text() for path in site.iterdir()] == ["as it was"]


@pytest.mark.parametrize("wrong_values", ALL_ROUNDS)
def test_the_form_and_the_check_command_report_each_wrong_setting_and_do_not_start(
    wrong_values: WrongValues, use_wrong_values: Callable[[WrongValues], WrongValues], tmp_path: Path
) -> None:
    values_in_file = use_wrong_values(wrong_values)
    with pytest.raises(UnusableProfile) as excinfo:
        create_app(settings_of(tmp_path))
    assert_each_setting_is_named(excinfo.value.message, values_in_file)
    group = FlaskGroup(create_app=lambda: create_app(settings_of(tmp_path)))
    result = CliRunner().invoke(group, ["check"])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert_each_setting_is_named(result.output.replace("Error: ", ""), values_in_file)


@pytest.mark.parametrize(
    "command",
    [("-m", "tools.publish.build"), ("-m", "flask", "--app", "form_service", "check"), ("-m", "leaflet.build")],
    ids=lambda command: " ".join(command),
)
def test_each_command_names_each_wrong_setting(command: tuple[str, ...], tmp_path: Path) -> None:
    # One round is enough, because the tests above run all of them. The first has a wrong value for every setting.
    [wrong_values] = ALL_ROUNDS[0].values
    (tmp_path / "mkdocs.yml").write_bytes(configuration(wrong_values))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "FORM_SECRET_KEYS": SECRET}
    environment |= {"MKDOCS_CONFIG": str(tmp_path / "mkdocs.yml")}
    process = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 1
    assert_each_setting_is_named((process.stdout + process.stderr).replace("Error: ", ""), wrong_values)


@pytest.fixture(scope="module")
def editor(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, Path]]:
    """Yield a client of the editor, and the path of the mkdocs.yml that it edits."""
    # In this mkdocs.yml, every list has an entry.
    folder = project_copy.copy_with_sample_service(root, tmp_path_factory.mktemp("project"))
    (folder / "mkdocs.yml").write_bytes(
        re.sub(
            rb"(?ms)^  service: &service\n.*?(?=^\S)",
            b"  service: &service\n"
            + b"".join(b"    " + line for line in as_yaml(CONFIG["extra"]["service"]).splitlines(keepends=True)),
            (folder / "mkdocs.yml").read_bytes(),
        )
    )
    with ScratchCopy(Project(folder)) as scratch_copy:
        yield (
            create_editor(scratch_copy, tmp_path_factory.mktemp("bundle"), {EDITOR_ORIGIN}).test_client(),
            folder / "mkdocs.yml",
        )


def as_yaml(value: object) -> bytes:
    return yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True).encode()


def editor_requests(wrong_values: WrongValues) -> Iterator[tuple[dict[str, Any], WrongValues]]:
    """Yield the values of each request to save settings, and the wrong settings among them."""
    combined_values: dict[str, Any] = {}
    values_with_surrogate: dict[str, Any] = {}
    expected_wrong_values: WrongValues = {}
    settings = {field["name"] for field in fields.editor_fields()}
    for name, wrong_value in wrong_values.items():
        path, field, value = wrong_value
        if isinstance(value, float) and not math.isfinite(value):
            continue  # JSON has no infinity and no NaN
        if field["widget"] in ("list", "map") and name in settings:
            if value not in ([], [None], [""]):  # an empty list is valid
                yield {name: in_editor_format(value)}, {name: wrong_value}
        elif has_lone_surrogate(value) and name in settings:
            values_with_surrogate[name] = value
        elif name in settings:
            combined_values[name], expected_wrong_values[name] = value, wrong_value
        elif value in (None, "") and not field["required"]:
            continue  # an optional field left empty is not saved
        elif not has_lone_surrogate(value) and (
            path[-1] != "value" or str(value).strip()
        ):  # a statistic without its figure counts as absent
            outer_path = path[:-2]
            setting = ".".join(map(str, outer_path))
            combined_values.setdefault(setting, saved_entries(outer_path))
            entry = next(entry for entry in combined_values[setting] if entry["source"] == path[-2])
            entry["value"][path[-1]], expected_wrong_values[name] = value, wrong_value
    yield combined_values, expected_wrong_values
    yield values_with_surrogate, {name: wrong_values[name] for name in values_with_surrogate}


def in_editor_format(value: Any) -> Any:
    """Convert a list to the format of the editor's form; return any other value unchanged."""
    return [{"source": None, "name": "", "value": part} for part in value] if isinstance(value, list) else value


def saved_entries(path: list[str | int]) -> list[dict[str, Any]]:
    """Return the list or mapping at `path` in CONFIG, in the format of the editor's form."""
    saved_value: Any = copy.deepcopy(CONFIG)
    for key in path:
        saved_value = saved_value[key]
    is_mapping = isinstance(saved_value, dict)
    pairs = saved_value.items() if is_mapping else enumerate(saved_value)
    return [{"source": key, "name": key if is_mapping else "", "value": value} for key, value in pairs]


# The editor parses mkdocs.yml again for each field, so all rounds take minutes; most run in `make soak` only.
EDITOR_ROUNDS = [
    pytest.param(*parameters.values, id=parameters.id, marks=() if number % 12 == 5 else pytest.mark.soak)
    for number, parameters in enumerate(ALL_ROUNDS)
]


@pytest.mark.parametrize("wrong_values", EDITOR_ROUNDS)
def test_the_editor_names_each_wrong_setting_and_publishes_nothing(
    wrong_values: WrongValues, editor: tuple[FlaskClient, Path]
) -> None:
    client, file = editor
    original_bytes = file.read_bytes()
    forms = [client.get(f"/api/settings/{group}", headers=EDITOR_HEADERS).get_json() for group in fields.GROUPS]
    shown_values = {field["name"]: field["value"] for form in forms for field in form["fields"]}
    for values, expected_wrong_values in editor_requests(wrong_values):
        if not expected_wrong_values:
            continue
        response = client.post("/api/settings", json={"values": values, "seen": shown_values}, headers=EDITOR_HEADERS)
        result = response.get_json()
        assert response.status_code in (200, 400), values
        assert file.read_bytes() == original_bytes, values
        if response.status_code == 400:
            assert any(field["label"] in result["error"] for _, field, _ in expected_wrong_values.values()), (
                result,
                values,
            )
            assert not JARGON.search(result["error"]), result
        else:
            assert result["status"] == "refused", values
            assert_each_setting_is_named("\n".join(result["problems"]), expected_wrong_values)


EDITOR_ORIGIN = "http://127.0.0.1:8010"
EDITOR_HEADERS = {"Host": "127.0.0.1:8010", "Origin": EDITOR_ORIGIN}
