"""Every command that decrypts people's answers protects its memory from other processes and core dumps."""

from pathlib import Path

import pytest
from flask.testing import FlaskCliRunner

from form_service.app import create_app
from tests.support.service_parts import ROOT, settings_of


@pytest.mark.parametrize("command", [["deliver", "--once"], ["reseal"]])
def test_a_command_that_decrypts_answers_protects_its_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    protect_calls = list[bool]()
    for module in ("processes", "store"):
        monkeypatch.setattr(f"form_service.cli.{module}.protect_memory", lambda: protect_calls.append(True))
    app = create_app(settings_of(tmp_path))
    with app.app_context():
        assert FlaskCliRunner(app).invoke(args=command).exit_code == 0
    app.extensions["form_service"].store.close()
    assert protect_calls


def test_operator_commands_cannot_leave_a_core_dump() -> None:
    assert "--property=LimitCORE=0" in (ROOT / "deploy/front-door").read_text()
